# Defines the target naio_libuv: the system's libuv, or a libuv that is built from NAIO_LIBUV_SOURCE_DIR into the
# library.
add_library(naio_libuv INTERFACE)

if(NOT NAIO_LIBUV_SOURCE_DIR)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(NAIO_LIBUV REQUIRED IMPORTED_TARGET libuv>=1.44)
    target_link_libraries(naio_libuv INTERFACE PkgConfig::NAIO_LIBUV)
    return()
endif()

if(NOT EXISTS ${NAIO_LIBUV_SOURCE_DIR}/CMakeLists.txt)
    message(FATAL_ERROR "NAIO_LIBUV_SOURCE_DIR: there is no libuv source tree in ${NAIO_LIBUV_SOURCE_DIR}")
endif()

# libuv's own CMakeLists.txt builds it. The block keeps its settings from the rest of the project.
block()
    # The variables below set libuv's options. So the parent's options of the same names have no effect on libuv, and
    # libuv's options stay out of the cache.
    set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
    foreach(option BUILD_SHARED_LIBS BUILD_TESTING LIBUV_BUILD_SHARED ENABLE_CLANG_TIDY QEMU ASAN MSAN TSAN UBSAN)
        set(${option} OFF)
    endforeach()
    # Old releases of libuv ask for an old version of CMake, which newer versions no longer support or warn about.
    set(CMAKE_POLICY_VERSION_MINIMUM 3.5)
    set(CMAKE_WARN_DEPRECATED OFF)

    add_subdirectory(${NAIO_LIBUV_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/libuv EXCLUDE_FROM_ALL)
endblock()

set_target_properties(uv_a PROPERTIES POSITION_INDEPENDENT_CODE ON)
# Warnings in libuv are not shown. The archive needs machine code; see libraries.cmake.
target_compile_options(uv_a PRIVATE -w -fno-lto)
target_link_libraries(naio_libuv INTERFACE uv_a)
