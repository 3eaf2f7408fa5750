# Configures cpack. In a build tree it makes an archive; it also makes packages for Debian and for RPM if the machine
# has the tools for them. The packages install into the folders for which the tree is configured. For the folders of the
# system, configure the tree with -DCMAKE_INSTALL_PREFIX=/usr, as the preset `package` does.
#
#     libnaio0        the shared library and its commands for gdb; the number is that of the soname
#     libnaio-dev     headers, static library, files for CMake and pkg-config (RPM: libnaio-devel)
#     libnaio-doc     documentation and examples
#     libnaio0-dbgsym symbols for debuggers, for Debian only, if the tree is compiled with -g, as the preset does
#
# With NAIO_PREFIX there are packages like the first two for the prefixed flavour: libnaio-naio0 and libnaio-naio-dev
# for the prefix naio_.
#
# NAIO_PACKAGE_CONTACT is the name and the address of the packages' maintainer. The default comes from the environment
# variables DEBFULLNAME and DEBEMAIL, which the tools of Debian read, too. If they are not set, the default says that
# there is no maintainer: the domain "invalid" exists nowhere (RFC 2606).
set(is_contact "^[^ <>\n][^<>\n]* <[^ <>@\n]+@[^ <>@\n]+>$")
set(contact "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
if(NOT contact MATCHES "${is_contact}")
    set(contact "Local build <no-maintainer@naio.invalid>")
endif()
set(NAIO_PACKAGE_CONTACT "${contact}" CACHE STRING "The maintainer of the packages that cpack makes: NAME <ADDRESS>")
if(NOT NAIO_PACKAGE_CONTACT MATCHES "${is_contact}")
    message(FATAL_ERROR "NAIO_PACKAGE_CONTACT must be NAME <ADDRESS>, and is \"${NAIO_PACKAGE_CONTACT}\"")
endif()

set(CPACK_PACKAGE_NAME naio)
set(CPACK_PACKAGE_VENDOR "The naio authors")
set(CPACK_PACKAGE_CONTACT "${NAIO_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "asynchronous I/O handles with safe cancellation")
set(CPACK_PACKAGE_DESCRIPTION
    "naio gives C and C++ programs the asynchronous I/O handles of NNG 2 as a\nseparate library: callbacks run exactly once, \
timeouts fire, and a cancellation\nnever ends the wrong operation.")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/packaging/strip_archive.cmake)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL runtime development documentation)
if(NOT NAIO_PREFIX STREQUAL "")
    list(APPEND CPACK_COMPONENTS_ALL prefixed_runtime prefixed_development)
endif()
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_IGNORE_FILES "/build/" "/[.]git/")

find_program(NAIO_DPKG_DEB dpkg-deb DOC "Makes the packages for Debian")
find_program(NAIO_RPMBUILD rpmbuild DOC "Makes the packages for RPM")
mark_as_advanced(NAIO_DPKG_DEB NAIO_RPMBUILD)
set(CPACK_GENERATOR TGZ)

set(runtime libnaio${PROJECT_VERSION_MAJOR})

# ---- Debian: src/packaging/debian.cmake moves the files to where the Debian policy wants them ----

if(NAIO_DPKG_DEB)
    list(APPEND CPACK_GENERATOR DEB)
    list(PREPEND CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian.cmake)
    set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian_control.cmake)
    set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_SOURCE_DIR}/packaging/cpack_debian_options.cmake)
    set(CPACK_NAIO_SOURCE_DIR ${PROJECT_SOURCE_DIR})
    set(debian ${CMAKE_CURRENT_BINARY_DIR}/debian)

    # naio_debian_runtime(COMPONENT LIBRARY PACKAGE DEVELOPMENT MAP): the component is the PACKAGE with a shared
    # LIBRARY, and DEVELOPMENT is the package for programs that link the library. Each node of the linker's map is named
    # after the release that added its functions; NAIO_0 stands for 0.1.0.
    macro(naio_debian_runtime component library package development map)
        file(STRINGS ${map} lines REGEX "^[A-Za-z0-9_]*NAIO_[0-9.]+ {|^    [A-Za-z0-9_]+;$")
        set(symbols "lib${library}.so.${PROJECT_VERSION_MAJOR} ${package} #MINVER#\n")
        string(APPEND symbols "* Build-Depends-Package: ${development}\n")
        foreach(line IN LISTS lines)
            if(line MATCHES "^([A-Za-z0-9_]*NAIO_([0-9.]+)) ")
                set(node ${CMAKE_MATCH_1})
                string(REGEX REPLACE "^0$" "0.1" since ${CMAKE_MATCH_2})
                string(APPEND symbols " ${node}@${node} ${since}.0\n")
            else()
                string(STRIP "${line}" line)
                string(REPLACE ";" "" line "${line}")
                string(APPEND symbols " ${line}@${node} ${since}.0\n")
            endif()
        endforeach()
        file(WRITE ${debian}/${component}/symbols "${symbols}")
        file(WRITE ${debian}/${component}/shlibs
             "lib${library} ${PROJECT_VERSION_MAJOR} ${package} (>= ${PROJECT_VERSION})\n")
        file(WRITE ${debian}/${component}/triggers "activate-noawait ldconfig\n")
        string(TOUPPER ${component} upper)
        set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
        set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION libs)
        set(CPACK_DEBIAN_${upper}_DEBUGINFO_PACKAGE ON)
        set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA
            ${debian}/${component}/symbols ${debian}/${component}/shlibs ${debian}/${component}/triggers)
    endmacro()

    set(CPACK_DEB_COMPONENT_INSTALL ON)
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
    set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS OFF)
    set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

    naio_debian_runtime(runtime naio ${runtime} libnaio-dev ${map})
    set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}\n.\nThis package has the shared library and its commands\nfor gdb.")

    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libnaio-dev)
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
    # A program that links the static library links libuv and the C++ library, too.
    string(REGEX MATCH "^[0-9]+" compiler ${CMAKE_CXX_COMPILER_VERSION})
    set(development)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        string(APPEND development ", libstdc++-${compiler}-dev | libstdc++-dev")
    endif()
    if(libuv)
        string(APPEND development ", libuv1-dev (>= 1.44)")
    endif()
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime} (= ${PROJECT_VERSION}-1)${development}")
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS libnaio-doc)
    set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
        "${CPACK_PACKAGE_DESCRIPTION}\n.\nThis package has the headers, the static library, and the files for CMake and\npkg-config.")

    if(NOT NAIO_PREFIX STREQUAL "")
        naio_debian_runtime(
            prefixed_runtime ${flavour} ${prefixed_package}${PROJECT_VERSION_MAJOR} ${prefixed_package}-dev
            ${out}/${flavour}.map)
        set(CPACK_COMPONENT_PREFIXED_RUNTIME_DESCRIPTION
            "${CPACK_PACKAGE_DESCRIPTION}\n.\nThis package has the shared library whose names begin with\n${NAIO_PREFIX}, \
for programs that also use NNG.")
        set(CPACK_DEBIAN_PREFIXED_DEVELOPMENT_PACKAGE_NAME ${prefixed_package}-dev)
        set(CPACK_DEBIAN_PREFIXED_DEVELOPMENT_PACKAGE_SECTION libdevel)
        set(CPACK_DEBIAN_PREFIXED_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
        # The files for CMake are those of libnaio-dev, which find the prefixed flavour, too.
        set(CPACK_DEBIAN_PREFIXED_DEVELOPMENT_PACKAGE_DEPENDS
            "${prefixed_package}${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION}-1), \
libnaio-dev (= ${PROJECT_VERSION}-1)${development}")
        set(CPACK_DEBIAN_PREFIXED_DEVELOPMENT_PACKAGE_SUGGESTS libnaio-doc)
        set(CPACK_COMPONENT_PREFIXED_DEVELOPMENT_DESCRIPTION
            "${CPACK_PACKAGE_DESCRIPTION}\n.\nThis package has the headers and the static library whose names begin with\n\
${NAIO_PREFIX}, for programs that also use NNG.")
    endif()

    set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_NAME libnaio-doc)
    set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_SECTION doc)
    set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_SHLIBDEPS OFF)
    set(CPACK_COMPONENT_DOCUMENTATION_DESCRIPTION
        "${CPACK_PACKAGE_DESCRIPTION}\n.\nThis package has the documentation and the examples.")
endif()

# ---- RPM ----

if(NAIO_RPMBUILD)
    list(APPEND CPACK_GENERATOR RPM)
    set(CPACK_RPM_COMPONENT_INSTALL ON)
    set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
    set(CPACK_RPM_PACKAGE_LICENSE MIT)
    set(CPACK_RPM_PACKAGE_GROUP "Development/Libraries")
    set(CPACK_RPM_PACKAGE_SUMMARY ${CPACK_PACKAGE_DESCRIPTION_SUMMARY})
    set(CPACK_RPM_RUNTIME_PACKAGE_NAME ${runtime})
    set(CPACK_RPM_RUNTIME_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/packaging/ldconfig)
    set(CPACK_RPM_RUNTIME_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/packaging/ldconfig)
    set(CPACK_RPM_DEVELOPMENT_PACKAGE_NAME libnaio-devel)
    set(CPACK_RPM_DEVELOPMENT_PACKAGE_REQUIRES "${runtime} = ${PROJECT_VERSION}, libuv-devel >= 1.44")
    if(NOT NAIO_PREFIX STREQUAL "")
        set(CPACK_RPM_PREFIXED_RUNTIME_PACKAGE_NAME ${prefixed_package}${PROJECT_VERSION_MAJOR})
        set(CPACK_RPM_PREFIXED_RUNTIME_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/packaging/ldconfig)
        set(CPACK_RPM_PREFIXED_RUNTIME_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/packaging/ldconfig)
        set(CPACK_RPM_PREFIXED_DEVELOPMENT_PACKAGE_NAME ${prefixed_package}-devel)
        set(CPACK_RPM_PREFIXED_DEVELOPMENT_PACKAGE_REQUIRES
            "${prefixed_package}${PROJECT_VERSION_MAJOR} = ${PROJECT_VERSION}, libnaio-devel = ${PROJECT_VERSION}")
    endif()
    set(CPACK_RPM_DOCUMENTATION_PACKAGE_NAME libnaio-doc)
    set(CPACK_RPM_DOCUMENTATION_PACKAGE_ARCHITECTURE noarch)
endif()

include(CPack)
