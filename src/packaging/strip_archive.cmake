# CPack runs this script after it has installed the files and before it makes the packages. The script removes the debug
# information from the static library. CPack itself strips only the shared library.
#
# With link-time optimization an object also has the compiler's own code, which refers to debug information. If the
# object has machine code, too, only that is left. If not, objcopy warns, and the library stays as it is.
find_program(OBJCOPY objcopy)
file(GLOB_RECURSE archives ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.a)
if(OBJCOPY)
    foreach(archive IN LISTS archives)
        execute_process(
            COMMAND ${OBJCOPY} --strip-debug --remove-section=.gnu.lto_* --remove-section=.gnu.debuglto_*
                    --strip-symbol=__gnu_lto_v1 ${archive} ${archive}.stripped
            ERROR_VARIABLE warnings
            COMMAND_ERROR_IS_FATAL ANY)
        if(warnings)
            message(WARNING "The static library keeps its debug information: ${warnings}")
            file(REMOVE ${archive}.stripped)
        else()
            file(RENAME ${archive}.stripped ${archive})
        endif()
    endforeach()
endif()
