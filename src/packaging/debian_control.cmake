# CPack runs this script after it has made the packages. The script writes the Debian packages again, with changes that
# CPack cannot express. It removes the scripts that update the linker's cache, because a trigger updates the cache. It
# adds a Multi-Arch field, so that the packages of two architectures can be installed side by side, and a Source field.
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
