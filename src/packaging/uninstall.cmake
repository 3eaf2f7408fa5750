# Removes the files that `cmake --install` has installed from this build tree (its manifests list them), and the naio
# folders that have become empty. The target `uninstall` runs this script.
set(removed FALSE)
foreach(component IN ITEMS "" _runtime _development _documentation _prefixed_runtime _prefixed_development)
    set(manifest "${BUILD}/install_manifest${component}.txt")
    if(NOT EXISTS "${manifest}")
        continue()
    endif()
    # A path may have any character but a semicolon, which CMake itself does not allow. file(STRINGS) would split a path
    # at a letter that is not ASCII, and a list would join two paths with an unbalanced bracket.
    file(READ "${manifest}" files)
    file(REMOVE "${manifest}")
    # cpack replaces a manifest by the list of the files from which it makes a package.
    if(files MATCHES "/_CPack_Packages/")
        continue()
    endif()
    set(removed TRUE)
    while(files MATCHES "^([^\n]+)\n?(.*)$")
        set(file "$ENV{DESTDIR}${CMAKE_MATCH_1}")
        set(files "${CMAKE_MATCH_2}")
        if(EXISTS "${file}" OR IS_SYMLINK "${file}")
            message("-- Removing: ${file}")
            file(REMOVE "${file}")
        endif()
        cmake_path(GET file PARENT_PATH folder)
        while(folder MATCHES "/[A-Za-z0-9_]*naio(/|$)" AND IS_DIRECTORY "${folder}")
            # rmdir fails for a folder that is not empty.
            execute_process(COMMAND rmdir "${folder}" RESULT_VARIABLE kept ERROR_QUIET)
            if(kept)
                break()
            endif()
            cmake_path(GET folder PARENT_PATH folder)
        endwhile()
    endwhile()
endforeach()
if(NOT removed)
    message(FATAL_ERROR "There is no list of installed files in ${BUILD}. If files were installed before the last cpack, "
                        "install again into the same prefix, and then uninstall.")
endif()
