# The part that the toolchain files of all processors share. It builds with Clang. The file of a processor sets
# `triple`, Debian's name for the processor, and `emulated`, qemu's name for it. The environment variable SYSROOT is the
# folder that `tests/matrix/sysroot` has filled.
#
#     SYSROOT=FOLDER cmake -B build -DCMAKE_TOOLCHAIN_FILE=.../arm64.cmake
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSROOT $ENV{SYSROOT})
if(NOT EXISTS ${CMAKE_SYSROOT}/usr/include/uv.h)
    message(FATAL_ERROR "SYSROOT must name a folder that tests/matrix/sysroot has filled")
endif()

foreach(language C CXX)
    set(CMAKE_${language}_COMPILER_TARGET ${triple})
endforeach()
set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
find_program(NAIO_TARGET_AR NAMES ${triple}-ar ar REQUIRED)
find_program(NAIO_TARGET_RANLIB NAMES ${triple}-ranlib ranlib REQUIRED)
set(CMAKE_AR ${NAIO_TARGET_AR} CACHE FILEPATH "Makes archives for the processor")
set(CMAKE_RANLIB ${NAIO_TARGET_RANLIB} CACHE FILEPATH "Makes indexes of archives for the processor")
# The linker of this machine does not know the folders in which the processor's libraries find each other.
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,-rpath-link,${CMAKE_SYSROOT}/usr/lib/${triple}:${CMAKE_SYSROOT}/lib/${triple})

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/${triple}/pkgconfig)

find_program(NAIO_EMULATOR NAMES qemu-${emulated}-static qemu-${emulated})
if(NAIO_EMULATOR)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${NAIO_EMULATOR} -L ${CMAKE_SYSROOT})
endif()
