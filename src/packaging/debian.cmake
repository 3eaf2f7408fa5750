# CPack runs this script after it has installed the files and before it makes the packages. For Debian the script moves
# the files to where the Debian policy wants them: each package has a copyright and a compressed changelog in a folder
# of its own name.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
    return()
endif()

# need(VARIABLE PROGRAM PACKAGE): looks for a program that this script or CPack calls. Without dpkg-shlibdeps, CPack
# itself would make packages that depend on no library.
function(need variable program package)
    find_program(${variable} ${program})
    if(NOT ${variable})
        message(FATAL_ERROR "Packages for Debian need the program ${program}: install the package ${package}. "
                            "\"cpack -G TGZ\" makes only an archive.")
    endif()
endfunction()
need(SHLIBDEPS dpkg-shlibdeps dpkg-dev)
need(FILE file file)
need(GZIP gzip gzip)
need(DATE date coreutils)
foreach(program IN ITEMS readelf objcopy)
    string(TOUPPER ${program} variable)
    need(${variable} ${program} binutils)
endforeach()

set(source ${CPACK_NAIO_SOURCE_DIR})

file(READ ${source}/LICENSE license)
string(REGEX MATCH "Copyright \\(c\\) ([^\n]*)" line "${license}")
set(holder ${CMAKE_MATCH_1})
string(REGEX REPLACE "^.*\n\n(Permission is)" "\\1" license "${license}")
string(STRIP "${license}" license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
set(copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: naio

Files: *
Copyright: ${holder}
License: Expat

License: Expat
 ${license}
")

# The Debian changelog has one entry for each release in docs/changelog.md. A release without a date gets the date of
# today.
file(STRINGS ${source}/docs/changelog.md headings REGEX "^## ")
set(changelog)
foreach(heading IN LISTS headings)
    if(NOT heading MATCHES "^## ([0-9.]+) \\(([^)]*)\\)$")
        message(FATAL_ERROR "docs/changelog.md: cannot read \"${heading}\"")
    endif()
    set(version ${CMAKE_MATCH_1})
    string(REPLACE "unreleased" "now" date "${CMAKE_MATCH_2}")
    execute_process(COMMAND ${DATE} -R -u -d ${date} OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE
                    COMMAND_ERROR_IS_FATAL ANY)
    string(APPEND changelog "naio (${version}-1) unstable; urgency=medium\n\n"
           "  * Release ${version}. The file changelog.gz says what is new.\n\n"
           " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n\n")
endforeach()

# compressed(FROM TO): compresses the file FROM into TO, whose bytes do not depend on the time.
function(compressed from to)
    execute_process(COMMAND ${GZIP} -9nc ${from} OUTPUT_FILE ${to} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(staged ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(doc ${staged}/${component}/usr/share/doc)
    set(own ${doc}/${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    if(IS_DIRECTORY ${doc}/naio)
        file(RENAME ${doc}/naio ${own})
    endif()
    file(REMOVE ${own}/LICENSE)
    if(EXISTS ${own}/README.md)
        # The licence is in the file copyright.
        file(READ ${own}/README.md readme)
        string(REPLACE "see LICENSE." "see [copyright](copyright)." readme "${readme}")
        file(WRITE ${own}/README.md "${readme}")
    endif()
    file(MAKE_DIRECTORY ${own})
    file(WRITE ${own}/copyright "${copyright}")
    compressed(${source}/docs/changelog.md ${own}/changelog.gz)
    file(WRITE ${staged}/changelog "${changelog}")
    compressed(${staged}/changelog ${own}/changelog.Debian.gz)
    file(REMOVE ${staged}/changelog)
    file(GLOB_RECURSE files ${own}/*)
    file(CHMOD ${files} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()

# These files are in libnaio-dev, which the package with the prefixed headers needs, and a file belongs to one package.
file(GLOB_RECURSE files ${staged}/prefixed_development/naio-config*.cmake)
if(files)
    file(REMOVE ${files})
endif()

file(GLOB_RECURSE pages ${staged}/documentation/usr/share/man/*)
foreach(page IN LISTS pages)
    compressed(${page} ${page}.gz)
    file(REMOVE ${page})
    file(CHMOD ${page}.gz PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()

# Removes the sections .comment and .note from both libraries. CPack makes a package with debug symbols from a shared
# library that is not stripped. A library that was compiled without debug information has only the names of functions:
# it is stripped here, so that there is no such package.
file(GLOB_RECURSE archives ${staged}/*.a)
file(GLOB_RECURSE libraries ${staged}/*.so.*)
list(FILTER libraries EXCLUDE REGEX "-gdb[.]py$")
foreach(library IN LISTS archives libraries)
    execute_process(COMMAND ${READELF} --sections --wide ${library} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
    set(what --strip-all)
    if(library MATCHES "[.]a$" OR sections MATCHES "[.]debug_info")
        set(what)
    endif()
    execute_process(COMMAND ${OBJCOPY} ${what} --remove-section=.comment --remove-section=.note ${library}
                    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
