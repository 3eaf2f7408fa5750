# Compiles the sources of a test library folder by folder instead of one by one, because headers take most of the time.
# Test libraries that compile the sources of src once more, with other headers or other checks, call this function.
function(naio_compile_by_folder target)
    get_target_property(sources ${target} SOURCES)
    get_target_property(source_dir ${target} SOURCE_DIR)
    foreach(source ${sources})
        get_filename_component(source ${source} ABSOLUTE BASE_DIR ${source_dir})
        if(NOT source MATCHES "/src/([a-z]+)/[a-z_]+\\.cpp$")
            continue()
        endif()
        set_property(SOURCE ${source} TARGET_DIRECTORY ${target} PROPERTY UNITY_GROUP ${CMAKE_MATCH_1})
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    # g++ takes the sources for headers, which should not have types that use an anonymous namespace.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()
