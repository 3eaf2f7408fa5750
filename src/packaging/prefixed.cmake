# NAIO_PREFIX: builds a second flavour of the library, whose names all begin with the prefix, so that a program can link
# it and NNG, or it and the library without a prefix (docs/two-libraries.md). The flavour has the same sources. They are
# compiled with headers that make each public name a macro for the prefixed name. The C++ namespace is a macro, too.
#
#     naio::prefixed               the flavour's library, which is shared unless BUILD_SHARED_LIBS is OFF. A source that
#                                  includes <nng/nng.h> or <naio/naio.h> gets the names without the prefix, as macros
#     naio::prefixed_shared        the shared library
#     naio::prefixed_static        the static library
#     naio::prefixed_nng1          naio::prefixed, for sources that are written for NNG 1: see libraries.cmake
#     naio::prefixed_names         naio::prefixed, for sources that include only the header that spells the prefixed
#     naio::prefixed_names_static  names; <nng/nng.h> stays that of another library, such as NNG
if(NOT NAIO_PREFIX MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "NAIO_PREFIX must be the beginning of a name in C, such as naio_, and is \"${NAIO_PREFIX}\"")
endif()
set(root ${PROJECT_SOURCE_DIR})
set(out ${CMAKE_CURRENT_BINARY_DIR}/prefixed)
include(packaging/prefixed_headers.cmake)
foreach(header IN LISTS headers ITEMS nng/nng.h naio/version.h naio/naio.h)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root}/include/${header})
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map} ${CMAKE_CURRENT_SOURCE_DIR}/packaging/gdb.py)

# ---- Libraries: as those without a prefix, with the headers in `out` in place of those in `include` ----

get_target_property(sources naio_objects SOURCES)
add_library(naio_prefixed_objects OBJECT ${sources})
foreach(property IN ITEMS COMPILE_FEATURES COMPILE_OPTIONS CXX_EXTENSIONS CXX_VISIBILITY_PRESET LINK_LIBRARIES
                          POSITION_INDEPENDENT_CODE PRECOMPILE_HEADERS VISIBILITY_INLINES_HIDDEN)
    get_target_property(value naio_objects ${property})
    if(NOT value MATCHES "NOTFOUND$")
        set_property(TARGET naio_prefixed_objects PROPERTY ${property} "${value}")
    endif()
endforeach()
get_target_property(definitions naio_objects COMPILE_DEFINITIONS)
list(TRANSFORM definitions PREPEND ${upper_prefix} REGEX "^NNG_")
set(naio_prefixed_definitions naio=${flavour} NAIO_PREFIXED NAIO_NNG1_BEGIN=${NAIO_PREFIX}naio_nng1_)
target_compile_definitions(naio_prefixed_objects PRIVATE ${definitions} ${naio_prefixed_definitions})
target_include_directories(naio_prefixed_objects PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${out}/${flavour})

add_library(naio_prefixed_shared SHARED $<TARGET_OBJECTS:naio_prefixed_objects> runtime/mapping_shared.cpp)
add_library(naio_prefixed_static STATIC $<TARGET_OBJECTS:naio_prefixed_objects>)
target_compile_definitions(naio_prefixed_shared PRIVATE ${naio_prefixed_definitions})
naio_link_shared(naio_prefixed_shared ${out}/${flavour}.map)
naio_link_static(naio_prefixed_static)
get_target_property(options naio_shared LINK_OPTIONS)
if(options)
    list(FILTER options EXCLUDE REGEX "--version-script=")
    target_link_options(naio_prefixed_shared PRIVATE ${options})
endif()

foreach(library IN ITEMS shared static)
    set(target naio_prefixed_${library})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${flavour} EXPORT_NAME prefixed_${library})
    target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${out}/${flavour}> $<BUILD_INTERFACE:${out}>)
    add_library(naio::prefixed_${library} ALIAS ${target})

    # LINK_ONLY: targets that link the names get the library, and not its folder of headers that rename.
    set(names naio_prefixed_names_${library})
    add_library(${names} INTERFACE)
    set_target_properties(${names} PROPERTIES EXPORT_NAME prefixed_names_${library})
    target_link_libraries(${names} INTERFACE $<LINK_ONLY:${target}>)
    target_include_directories(${names} INTERFACE $<BUILD_INTERFACE:${out}>)
    add_library(naio::prefixed_names_${library} ALIAS ${names})
endforeach()
add_library(naio::prefixed ALIAS naio_prefixed_${naio_default})
add_library(naio::prefixed_names ALIAS naio_prefixed_names_${naio_default})

add_library(naio_prefixed_nng1 INTERFACE)
add_library(naio::prefixed_nng1 ALIAS naio_prefixed_nng1)
set_target_properties(naio_prefixed_nng1 PROPERTIES EXPORT_NAME prefixed_nng1)
target_include_directories(naio_prefixed_nng1 INTERFACE $<BUILD_INTERFACE:${out}/${flavour}/nng1>)
target_link_libraries(naio_prefixed_nng1 INTERFACE naio_prefixed_${naio_default})

# The beginning of the names of the flavour's packages, which have no underscore and no upper case.
string(TOLOWER lib${flavour} prefixed_package)
string(REPLACE _ - prefixed_package ${prefixed_package})
string(REGEX REPLACE "--+" - prefixed_package ${prefixed_package})

# gdb's commands for the flavour have its types, a name of their own (naio_naio handles), and name its own package.
file(READ packaging/gdb.py commands)
string(REPLACE "naio::" "${flavour}::" commands "${commands}")
string(REPLACE "\"nng_aio\"" "\"${NAIO_PREFIX}nng_aio\"" commands "${commands}")
string(REGEX REPLACE "([^a-z])naio( handle| workers|\")" "\\1${flavour}\\2" commands "${commands}")
string(REPLACE "\"libnaio\"" "\"lib${flavour}\"" commands "${commands}")
string(REPLACE "libnaio0-dbgsym" "${prefixed_package}${PROJECT_VERSION_MAJOR}-dbgsym" commands "${commands}")
naio_write(gdb.py "${commands}")
file(GENERATE OUTPUT $<TARGET_FILE:naio_prefixed_shared>-gdb.py INPUT ${out}/gdb.py)

# ---- In a parent project: see libraries.cmake ----

set(exported_prefixed naio_prefixed_shared naio_prefixed_static naio_prefixed_names_shared naio_prefixed_names_static
                      naio_prefixed_nng1)
export(TARGETS ${exported_prefixed} NAMESPACE naio:: FILE ${CMAKE_CURRENT_BINARY_DIR}/naio-prefixed-targets.cmake)
