# Defines the libraries naio::shared and naio::static, which have the same objects, and naio::naio, which is the shared
# library unless BUILD_SHARED_LIBS is OFF.
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)

# Only the shared library has a reference to itself while it is up, so that it stays mapped (runtime/mapping.h).
add_library(naio_shared SHARED $<TARGET_OBJECTS:naio_objects> runtime/mapping_shared.cpp)
add_library(naio_static STATIC $<TARGET_OBJECTS:naio_objects>)
add_library(naio::shared ALIAS naio_shared)
add_library(naio::static ALIAS naio_static)
set(naio_default shared)
if(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
    set(naio_default static)
endif()
add_library(naio::naio ALIAS naio_${naio_default})

# For an atomic operation on 8 bytes some compilers call a function of libatomic, as Clang for i386 does. In this case
# naio_atomics is libatomic.
check_cxx_source_compiles([[
    #include <atomic>
    struct Value { long long number; };
    std::atomic<Value> value;
    int main() {
        Value now = value.load();
        return value.compare_exchange_strong(now, Value{1}) ? 0 : 1;
    }]] NAIO_ATOMICS_NEED_NO_LIBRARY)
set(naio_atomics)
if(NOT NAIO_ATOMICS_NEED_NO_LIBRARY)
    set(naio_atomics atomic)
endif()

foreach(library naio_shared naio_static)
    target_include_directories(${library} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    set_target_properties(${library} PROPERTIES OUTPUT_NAME naio)
endforeach()

if(NOT PROJECT_IS_TOP_LEVEL AND NOT NAIO_INSTALL)
    # The parent builds only the targets that it uses.
    set_property(DIRECTORY PROPERTY EXCLUDE_FROM_ALL ON)
endif()

# ---- Shared ----

# If the linker takes a map, the map hides the functions that hidden visibility does not hide: those that headers of the
# C++ library instantiate, and those of a libuv that is built in. The check uses a map without names, because its test
# program does not have the functions of the library.
set(map ${CMAKE_CURRENT_SOURCE_DIR}/packaging/naio.map)
set(map_without_names ${CMAKE_CURRENT_BINARY_DIR}/without_names.map)
file(WRITE ${map_without_names} "{ local: *; };\n")
check_linker_flag(CXX "LINKER:--version-script=${map_without_names}" NAIO_LINKER_TAKES_MAP)

# Links a shared library, whose symbols have the versions of the map.
function(naio_link_shared target map)
    set_target_properties(${target} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    target_link_libraries(${target} PRIVATE naio_libuv Threads::Threads ${CMAKE_DL_LIBS} ${naio_atomics})
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    set_target_properties(
        ${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF)
    if(NAIO_LINKER_TAKES_MAP)
        target_link_options(${target} PRIVATE "LINKER:--version-script=${map}")
        set_target_properties(${target} PROPERTIES LINK_DEPENDS ${map})
    endif()
endfunction()
naio_link_shared(naio_shared ${map})

# gdb finds the commands for the library beside it, and loads them if it trusts the folder (docs/debugging.md).
file(GENERATE OUTPUT $<TARGET_FILE:naio_shared>-gdb.py INPUT ${CMAKE_CURRENT_SOURCE_DIR}/packaging/gdb.py)

# ---- Static ----

# The libraries that a program needs besides the archive. The C++ runtime is listed, because a program in C is linked by
# a C compiler, which does not add the C++ runtime. (A C++ compiler adds it, so CMake then leaves it out.)
set(naio_cxx_runtime ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_ITEM naio_cxx_runtime ${CMAKE_C_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_DUPLICATES naio_cxx_runtime)

if(NAIO_LIBUV_SOURCE_DIR)
    # The archive needs machine code, so there is no link-time optimization: see below.
    target_compile_options(naio_objects PRIVATE -fno-lto)
    get_target_property(naio_libuv_libraries uv_a INTERFACE_LINK_LIBRARIES)
endif()

# Completes a static library, and names what a program links besides it.
function(naio_link_static target)
    if(NOT NAIO_LIBUV_SOURCE_DIR)
        target_link_libraries(${target} INTERFACE $<BUILD_INTERFACE:naio_libuv_of_static>
                                                  $<INSTALL_INTERFACE:naio::libuv>)
    else()
        # libuv's objects go into the archive, so that a program has nothing else to install and to link.
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:uv_a>)
        target_link_libraries(${target} INTERFACE ${naio_libuv_libraries})

        # A program may have a libuv of its own, even of another version. So the linker makes one object of all objects,
        # and objcopy hides the functions of libuv in that object. objcopy needs machine code.
        if(NAIO_LINKER_TAKES_MAP AND CMAKE_OBJCOPY)
            set(archive $<TARGET_FILE:${target}>)
            set(object $<TARGET_FILE_DIR:${target}>/${target}.o)
            add_custom_command(
                TARGET ${target}
                POST_BUILD
                COMMAND ${CMAKE_LINKER} -r -o ${object} --whole-archive ${archive}
                COMMAND ${CMAKE_OBJCOPY} --wildcard --localize-symbol=uv_* ${object}
                COMMAND ${CMAKE_COMMAND} -E rm ${archive}
                COMMAND ${CMAKE_AR} qcs ${archive} ${object}
                COMMAND ${CMAKE_COMMAND} -E rm ${object}
                VERBATIM)
        endif()
    endif()
    target_link_libraries(${target} INTERFACE Threads::Threads ${naio_cxx_runtime} ${naio_atomics})
endfunction()
naio_link_static(naio_static)

# ---- NNG 1 ----

# naio::nng1 is naio::naio for programs that are written for NNG 1. Its include folder comes before that of naio::naio,
# so <nng/nng.h> is the header of NNG 1. A target that links naio::nng1 must not link naio::naio itself, too.
add_library(naio_nng1 INTERFACE)
add_library(naio::nng1 ALIAS naio_nng1)
target_include_directories(naio_nng1 INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/nng1>)
target_link_libraries(naio_nng1 INTERFACE naio_${naio_default})

# ---- All, in a parent project ----

# A parent can call export() for a library of its own that links naio only if naio's targets are exported, too.
set_target_properties(naio_shared PROPERTIES EXPORT_NAME shared)
set_target_properties(naio_static PROPERTIES EXPORT_NAME static)
set_target_properties(naio_nng1 PROPERTIES EXPORT_NAME nng1)
set(exported naio_shared naio_static naio_nng1)
if(NOT NAIO_LIBUV_SOURCE_DIR)
    list(APPEND exported naio_libuv naio_libuv_of_static)
endif()
export(TARGETS ${exported} NAMESPACE naio:: FILE ${CMAKE_CURRENT_BINARY_DIR}/naio-targets.cmake)
