# Defines two targets: naio_libuv, the libuv that the library needs, and naio_libuv_of_static, the libuv that a program
# with the static library needs. By default both are the system's libuv. With NAIO_LIBUV_STATIC, naio_libuv_of_static is
# the system's static libuv. With NAIO_LIBUV_SOURCE_DIR, naio_libuv is that source tree, which is built into the
# library, and naio_libuv_of_static is empty.
add_library(naio_libuv INTERFACE)
add_library(naio_libuv_of_static INTERFACE)

# naio_find_libuv(TARGET MODULE NAME...): makes TARGET link pkg-config's MODULE. If there is no pkg-config or no MODULE,
# makes TARGET link the first library NAME that the system has.
function(naio_find_libuv target module)
    string(TOUPPER ${target} prefix)
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
        pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module}>=1.44)
    endif()
    if(TARGET PkgConfig::${prefix})
        target_link_libraries(${target} INTERFACE PkgConfig::${prefix})
        return()
    endif()

    find_path(NAIO_LIBUV_INCLUDE_DIR uv.h DOC "The folder that has uv.h")
    find_library(${prefix}_LIBRARY NAMES ${ARGN} DOC "The library ${module}")
    mark_as_advanced(NAIO_LIBUV_INCLUDE_DIR ${prefix}_LIBRARY)
    if(NOT NAIO_LIBUV_INCLUDE_DIR OR NOT ${prefix}_LIBRARY)
        message(FATAL_ERROR "There is no ${module} 1.44 or later (Debian: libuv1-dev). As an alternative, set "
                            "NAIO_LIBUV_SOURCE_DIR to a source tree of libuv.")
    endif()
    file(STRINGS ${NAIO_LIBUV_INCLUDE_DIR}/uv/version.h version REGEX "^#define UV_VERSION_(MAJOR|MINOR) ")
    list(TRANSFORM version REPLACE ".* " "")
    list(JOIN version "." version)
    if(version VERSION_LESS 1.44)
        message(FATAL_ERROR "libuv ${version} in ${NAIO_LIBUV_INCLUDE_DIR} is older than 1.44")
    endif()
    target_include_directories(${target} SYSTEM INTERFACE $<BUILD_INTERFACE:${NAIO_LIBUV_INCLUDE_DIR}>)
    target_link_libraries(${target} INTERFACE ${${prefix}_LIBRARY} ${CMAKE_DL_LIBS})
endfunction()

if(NOT NAIO_LIBUV_SOURCE_DIR)
    naio_find_libuv(naio_libuv libuv uv)
    if(NAIO_LIBUV_STATIC)
        naio_find_libuv(naio_libuv_of_static libuv-static libuv_a.a libuv.a)
    else()
        target_link_libraries(naio_libuv_of_static INTERFACE naio_libuv)
    endif()
    return()
endif()

if(NOT EXISTS ${NAIO_LIBUV_SOURCE_DIR}/CMakeLists.txt)
    message(FATAL_ERROR "NAIO_LIBUV_SOURCE_DIR: there is no libuv source tree in ${NAIO_LIBUV_SOURCE_DIR}")
endif()

# libuv's own CMakeLists.txt builds libuv. The block keeps the settings for libuv from the rest of the project.
block()
    # The variables below set libuv's options. So the parent's options of the same names have no effect on libuv, and
    # libuv's options stay out of the cache.
    set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
    foreach(option BUILD_SHARED_LIBS BUILD_TESTING LIBUV_BUILD_SHARED ENABLE_CLANG_TIDY QEMU ASAN MSAN TSAN UBSAN)
        set(${option} OFF)
    endforeach()
    # Old releases of libuv ask for an old version of CMake. Newer versions of CMake refuse that version, or warn about
    # it.
    set(CMAKE_POLICY_VERSION_MINIMUM 3.5)
    set(CMAKE_WARN_DEPRECATED OFF)

    add_subdirectory(${NAIO_LIBUV_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/libuv EXCLUDE_FROM_ALL)
endblock()

set_target_properties(uv_a PROPERTIES POSITION_INDEPENDENT_CODE ON)
# Warnings in libuv are not shown. The archive needs machine code; see libraries.cmake.
target_compile_options(uv_a PRIVATE -w -fno-lto)
target_link_libraries(naio_libuv INTERFACE uv_a)
