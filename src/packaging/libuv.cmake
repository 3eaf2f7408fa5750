# The target naio_libuv: the system's libuv, or the source tree in NAIO_LIBUV_SOURCE_DIR built in.
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
    # libuv's options do not take the values of the parent's options of the same name, and stay out of the cache.
    set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
    foreach(option BUILD_SHARED_LIBS BUILD_TESTING LIBUV_BUILD_SHARED ENABLE_CLANG_TIDY QEMU ASAN MSAN TSAN UBSAN)
        set(${option} OFF)
    endforeach()
    # Old releases of libuv require a version of CMake that newer ones no longer support, or warn about.
    set(CMAKE_POLICY_VERSION_MINIMUM 3.5)
    set(CMAKE_WARN_DEPRECATED OFF)

    add_subdirectory(${NAIO_LIBUV_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/libuv EXCLUDE_FROM_ALL)
endblock()

set_target_properties(uv_a PROPERTIES POSITION_INDEPENDENT_CODE ON)
# Warnings of libuv are neither shown nor errors. The archive needs machine code: see libraries.cmake.
target_compile_options(uv_a PRIVATE -w -fno-lto)
target_link_libraries(naio_libuv INTERFACE uv_a)
