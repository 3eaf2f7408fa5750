# CPack runs this script after it has made the packages. The script writes the Debian packages again, with changes that
# CPack cannot express. It removes the scripts that update the linker's cache, because a trigger updates the cache. It
# adds a Multi-Arch field, so that the packages of two architectures can be installed side by side, and a Source field.
# The package with debug symbols shares the copyright and the changelog of its library. The list of checksums in this
# package has the names that the files have in the system.
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
    # The tools that have split the library have made the two files executable.
    file(GLOB_RECURSE files ${unpacked}/*.so.* ${unpacked}/*.debug)
    list(FILTER files EXCLUDE REGEX "-gdb[.]py$")
    if(files)
        file(CHMOD ${files} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    endif()
    if(control MATCHES "\nPackage: ([^\n]+)-dbgsym\n")
        set(library ${CMAKE_MATCH_1})
        file(MAKE_DIRECTORY ${unpacked}/usr/share/doc)
        file(CREATE_LINK ${library} ${unpacked}/usr/share/doc/${library}-dbgsym SYMBOLIC)
        set(sums)
        foreach(file IN LISTS files)
            file(MD5 ${file} sum)
            cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${unpacked})
            string(APPEND sums "${sum}  ${file}\n")
        endforeach()
        file(WRITE ${unpacked}/DEBIAN/md5sums "${sums}")
    endif()
    execute_process(COMMAND ${DPKG_DEB} --root-owner-group --build ${unpacked} ${package} OUTPUT_QUIET
                    COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${unpacked})
endforeach()
