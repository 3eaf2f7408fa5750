# `cmake --install` installs these components:
#
#     runtime        libnaio.so.0, and commands for gdb
#     development    the headers, libnaio.so, libnaio.a, and the packages for CMake and pkg-config
#     documentation  the README, docs and examples; with NAIO_BUILD_DOCS also the manual pages (docs/CMakeLists.txt)
#
# With NAIO_PREFIX there are prefixed_runtime and prefixed_development, too (prefixed_install.cmake).
#
# The installed tree may be moved. `cmake --build BUILD --target uninstall` removes the installed files.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# <nng/nng.h> is installed in a folder of its own, because NNG's own header may be installed, too. The packages for
# CMake and pkg-config name this folder.
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/naio)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/naio)
set(licenses ${CMAKE_INSTALL_DATAROOTDIR}/doc/naio)

install(
    TARGETS naio_shared naio_static
    EXPORT naio-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
    INCLUDES DESTINATION ${headers})
install(TARGETS naio_nng1 EXPORT naio-targets INCLUDES DESTINATION ${headers}/nng1)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${headers} COMPONENT development)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${licenses} COMPONENT runtime)
if(NAIO_LIBUV_SOURCE_DIR)
    install(FILES ${NAIO_LIBUV_SOURCE_DIR}/LICENSE DESTINATION ${licenses} COMPONENT runtime RENAME LICENSE.libuv)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${licenses} COMPONENT documentation)
install(
    DIRECTORY ${PROJECT_SOURCE_DIR}/docs ${PROJECT_SOURCE_DIR}/examples
    DESTINATION ${licenses}
    COMPONENT documentation
    FILES_MATCHING
    REGEX "[.](md|svg|png|c|h|cpp)$"
    PATTERN docs/site EXCLUDE
    PATTERN docs/packaging EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/packaging DESTINATION ${licenses}/docs COMPONENT documentation)
cmake_path(ABSOLUTE_PATH licenses BASE_DIRECTORY "\${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE full_licenses)
install(CODE "set(source \"${PROJECT_SOURCE_DIR}\")
set(installed \"\$ENV{DESTDIR}${full_licenses}\")" COMPONENT documentation)
install(SCRIPT packaging/installed_docs.cmake COMPONENT documentation)

# gdb looks for the commands of a library in gdb's auto-load folder, in a subfolder with the full path of the library.
# CPack installs the files into a temporary folder, but the package will be installed below the tree's
# CMAKE_INSTALL_PREFIX, so the path begins with that prefix.
set(find_prefix "get_filename_component(naio_prefix \"\${CMAKE_INSTALL_PREFIX}\" ABSOLUTE)
if(naio_prefix MATCHES /_CPack_Packages/)
    set(naio_prefix \"${CMAKE_INSTALL_PREFIX}\")
endif()")
install(CODE "${find_prefix}" COMPONENT runtime)
set(full_libdir "/\${naio_prefix}")
cmake_path(APPEND full_libdir ${CMAKE_INSTALL_LIBDIR})
install(
    FILES packaging/gdb.py
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/gdb/auto-load${full_libdir}
    RENAME $<TARGET_FILE_NAME:naio_shared>-gdb.py
    COMPONENT runtime)

# A program that links the static library needs a libuv, unless the library contains one.
set(libuv)
set(libuv_library uv)
if(NAIO_LIBUV_STATIC)
    set(libuv "libuv-static >= 1.44")
    set(libuv_library uv_a)
elseif(NOT NAIO_LIBUV_SOURCE_DIR)
    set(libuv "libuv >= 1.44")
endif()

if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(
        uninstall COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -P
                          ${CMAKE_CURRENT_SOURCE_DIR}/packaging/uninstall.cmake)
endif()

# ---- find_package(naio) ----

install(EXPORT naio-targets NAMESPACE naio:: DESTINATION ${package} COMPONENT development)
configure_package_config_file(
    ${CMAKE_CURRENT_SOURCE_DIR}/packaging/naio-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/naio-config.cmake
    INSTALL_DESTINATION ${package}
    NO_SET_AND_CHECK_MACRO)
configure_file(packaging/naio-config-version.cmake.in naio-config-version.cmake @ONLY)
install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/naio-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/naio-config-version.cmake
    DESTINATION ${package}
    COMPONENT development)

# ---- pkg-config ----

set(pc_directory ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE ${pc_directory})
    set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
    string(REGEX REPLACE "[^/]+" ".." up ${pc_directory})
    set(pc_prefix "\${pcfiledir}/${up}")
endif()
cmake_path(APPEND pc_libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND pc_includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
# Libraries become options of the linker, unless they are options or files already.
set(pc_libraries ${naio_libuv_libraries} ${naio_cxx_runtime} ${naio_atomics})
list(TRANSFORM pc_libraries PREPEND -l REGEX "^[^-/]")
list(JOIN pc_libraries " " pc_libraries)

# naio_install_pc(NAME TARGET HEADERS COMPONENT): installs NAME.pc, for programs that link TARGET and find their headers
# in the folder HEADERS.
function(naio_install_pc pc_name pc_target pc_headers component)
    # The name of the library differs between configurations if the packager sets CMAKE_DEBUG_POSTFIX.
    set(pc_file ${CMAKE_CURRENT_BINARY_DIR}/$<CONFIG>/${pc_name}.pc)
    configure_file(packaging/naio.pc.in ${pc_name}.pc.in @ONLY)
    file(GENERATE OUTPUT ${pc_file} INPUT ${CMAKE_CURRENT_BINARY_DIR}/${pc_name}.pc.in)
    install(FILES ${pc_file} DESTINATION ${pc_directory} COMPONENT ${component})
endfunction()

# naio_install_nng1_pc(NAME FLAVOUR COMPONENT): installs NAME.pc, for programs that are written for NNG 1. FLAVOUR is the
# name of the package that they would use otherwise, and of its folder of headers.
function(naio_install_nng1_pc pc_name pc_flavour component)
    configure_file(packaging/nng1.pc.in ${pc_name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${pc_name}.pc DESTINATION ${pc_directory} COMPONENT ${component})
endfunction()

naio_install_pc(naio naio_shared "\${includedir}/naio" development)
naio_install_nng1_pc(naio-nng1 naio development)

if(NOT NAIO_PREFIX STREQUAL "")
    include(packaging/prefixed_install.cmake)
endif()
if(PROJECT_IS_TOP_LEVEL)
    include(packaging/cpack.cmake)
endif()
