# `cmake --install` installs the prefixed flavour in two components of its own, so that it can be installed without the
# other flavour. For the prefix naio_ they have these files:
#
#     prefixed_runtime      libnaio_naio.so.0, commands for gdb, and the licence
#     prefixed_development  naio_naio.h, the folder naio_naio with the headers that rename, libnaio_naio.so,
#                           libnaio_naio.a, naio_naio.pc, naio_naio_names.pc, naio_naio_nng1.pc, and the packages for
#                           CMake
#
# Libraries, headers and packages for pkg-config of several prefixes can be installed into one place. CMake's targets
# naio::prefixed... are those of the prefix that was installed last.
install(
    TARGETS naio_prefixed_shared naio_prefixed_static
    EXPORT naio-prefixed-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT prefixed_runtime NAMELINK_COMPONENT prefixed_development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT prefixed_development
    INCLUDES
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${flavour} ${CMAKE_INSTALL_INCLUDEDIR})
install(
    TARGETS naio_prefixed_names_shared naio_prefixed_names_static
    EXPORT naio-prefixed-targets
    INCLUDES
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(
    TARGETS naio_prefixed_nng1
    EXPORT naio-prefixed-targets
    INCLUDES
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${flavour}/nng1)
install(EXPORT naio-prefixed-targets NAMESPACE naio:: DESTINATION ${package} COMPONENT prefixed_development)
install(FILES ${out}/${flavour}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT prefixed_development)
install(DIRECTORY ${out}/${flavour} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT prefixed_development)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${licenses} COMPONENT prefixed_runtime)
install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/naio-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/naio-config-version.cmake
    DESTINATION ${package}
    COMPONENT prefixed_development)
install(CODE "${find_prefix}" COMPONENT prefixed_runtime)
install(
    FILES ${out}/gdb.py
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/gdb/auto-load${full_libdir}
    RENAME $<TARGET_FILE_NAME:naio_prefixed_shared>-gdb.py
    COMPONENT prefixed_runtime)
naio_install_pc(${flavour} naio_prefixed_shared "\${includedir}/${flavour}" prefixed_development)
naio_install_pc(${flavour}_names naio_prefixed_shared "\${includedir}" prefixed_development)
naio_install_nng1_pc(${flavour}_nng1 ${flavour} prefixed_development)
