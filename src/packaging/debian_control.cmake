# CPack runs this script after it has made the packages. The script writes the Debian packages again, with two things
# that CPack cannot express: a trigger instead of scripts updates the linker's cache, and the packages of two
# architectures can be installed side by side.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
    return()
endif()

find_program(DPKG_DEB dpkg-deb REQUIRED)
set(unpacked ${CPACK_TEMPORARY_DIRECTORY}/unpacked)
foreach(package IN LISTS CPACK_PACKAGE_FILES)
    execute_process(COMMAND ${DPKG_DEB} --raw-extract ${package} ${unpacked} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE ${unpacked}/DEBIAN/postinst ${unpacked}/DEBIAN/postrm)
    file(READ ${unpacked}/DEBIAN/control control)
    if(control MATCHES "Architecture: all")
        set(multi_arch foreign)
    else()
        set(multi_arch same)
    endif()
    file(WRITE ${unpacked}/DEBIAN/control "Source: naio\nMulti-Arch: ${multi_arch}\n${control}")
    execute_process(COMMAND ${DPKG_DEB} --root-owner-group --build ${unpacked} ${package} OUTPUT_QUIET
                    COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${unpacked})
endforeach()
