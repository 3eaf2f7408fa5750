# CPack runs this script after it has installed the files and before it makes the packages. The script removes the debug
# information from the static library. CPack itself strips only the shared library.
find_program(OBJCOPY objcopy)
file(GLOB_RECURSE archives ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.a)
if(OBJCOPY)
    foreach(archive IN LISTS archives)
        execute_process(COMMAND ${OBJCOPY} --strip-debug ${archive} COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endif()
