# The libraries, of the same objects: naio::shared, naio::static, and naio::naio, which is the shared
# one unless the user says BUILD_SHARED_LIBS=OFF.
include(CheckLinkerFlag)

# The shared library alone refers to itself while it is up.
add_library(naio_shared SHARED $<TARGET_OBJECTS:naio_objects> runtime/mapping_shared.cpp)
add_library(naio_static STATIC $<TARGET_OBJECTS:naio_objects>)
add_library(naio::shared ALIAS naio_shared)
add_library(naio::static ALIAS naio_static)
if(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
    add_library(naio::naio ALIAS naio_static)
else()
    add_library(naio::naio ALIAS naio_shared)
endif()

foreach(library naio_shared naio_static)
    target_include_directories(${library} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    set_target_properties(${library} PROPERTIES OUTPUT_NAME naio)
endforeach()

if(NOT PROJECT_IS_TOP_LEVEL AND NOT NAIO_INSTALL)
    # A parent builds what it uses, no more.
    set_property(DIRECTORY PROPERTY EXCLUDE_FROM_ALL ON)
endif()

# ---- Shared ----

set_target_properties(naio_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
target_link_libraries(naio_shared PRIVATE naio_libuv Threads::Threads ${CMAKE_DL_LIBS})
target_compile_features(naio_shared PRIVATE cxx_std_20)
target_include_directories(naio_shared PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
set_target_properties(naio_shared PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF)

# Hidden visibility does not hide what the C++ library's headers instantiate, nor a libuv that is built
# in. The map does, where the linker takes one. (The check links a program, which has not our functions.)
set(map ${CMAKE_CURRENT_SOURCE_DIR}/packaging/naio.map)
set(map_without_names ${CMAKE_CURRENT_BINARY_DIR}/without_names.map)
file(WRITE ${map_without_names} "{ local: *; };\n")
check_linker_flag(CXX "LINKER:--version-script=${map_without_names}" NAIO_LINKER_TAKES_MAP)
if(NAIO_LINKER_TAKES_MAP)
    target_link_options(naio_shared PRIVATE "LINKER:--version-script=${map}")
    set_target_properties(naio_shared PROPERTIES LINK_DEPENDS ${map})
endif()

# ---- Static ----

# What a program needs besides the archive. That includes the C++ runtime by name, because CMake leaves
# it to a C++ link, and a program in C is not linked as C++: what a C++ compiler links without being
# told and a C compiler does not.
set(naio_cxx_runtime ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_ITEM naio_cxx_runtime ${CMAKE_C_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_DUPLICATES naio_cxx_runtime)

if(NOT NAIO_LIBUV_SOURCE_DIR)
    target_link_libraries(naio_static INTERFACE $<BUILD_INTERFACE:naio_libuv> $<INSTALL_INTERFACE:naio::libuv>)
else()
    # libuv's objects go into the archive, so that it is all there is to install and to link.
    target_sources(naio_static PRIVATE $<TARGET_OBJECTS:uv_a>)
    get_target_property(naio_libuv_libraries uv_a INTERFACE_LINK_LIBRARIES)
    target_link_libraries(naio_static INTERFACE ${naio_libuv_libraries})

    # A program may have a libuv of its own, of another version even: all objects become one, in which
    # nobody else sees libuv. That takes machine code, so there is no link-time optimization.
    target_compile_options(naio_objects PRIVATE -fno-lto)
    if(NAIO_LINKER_TAKES_MAP AND CMAKE_OBJCOPY)
        set(archive $<TARGET_FILE:naio_static>)
        set(object $<TARGET_FILE_DIR:naio_static>/naio.o)
        add_custom_command(
            TARGET naio_static
            POST_BUILD
            COMMAND ${CMAKE_LINKER} -r -o ${object} --whole-archive ${archive}
            COMMAND ${CMAKE_OBJCOPY} --wildcard --localize-symbol=uv_* ${object}
            COMMAND ${CMAKE_COMMAND} -E rm ${archive}
            COMMAND ${CMAKE_AR} qcs ${archive} ${object}
            COMMAND ${CMAKE_COMMAND} -E rm ${object}
            VERBATIM)
    endif()
endif()
target_link_libraries(naio_static INTERFACE Threads::Threads ${naio_cxx_runtime})
