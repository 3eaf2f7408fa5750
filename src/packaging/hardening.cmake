# Adds flags to an optimized build, if the compiler and the linker take them, so that a fault in the library does less
# harm (docs/security.md). NAIO_HARDENING is on by default if naio is built alone. It is off in a parent project, which
# chooses its own flags. tests/analyzers/hardening checks the built library.
#
# tests/bench/count has counted the cost of each flag: no operation needs more instructions. The two flags that would
# cost instructions are limited below.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)

if(NOT NAIO_HARDENING)
    return()
endif()

set(optimized CONFIG:Release,RelWithDebInfo,MinSizeRel)

# naio_harden_objects(FLAG): adds the flag if the compiler takes it.
function(naio_harden_objects flag)
    string(MAKE_C_IDENTIFIER "NAIO_COMPILER_TAKES${flag}" takes)
    check_cxx_compiler_flag("${flag}" ${takes})
    if(${takes})
        target_compile_options(naio_objects PRIVATE "$<$<${optimized}>:${flag}>")
    endif()
endfunction()

# ---- Compiler ----

# Checks lengths where the compiler knows the size of an object. A level that the packager has chosen is not changed.
if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS}" MATCHES "_FORTIFY_SOURCE|-fsanitize")
    set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
    check_cxx_source_compiles("#include <cstring>\nint main() {}" NAIO_SYSTEM_TAKES_FORTIFY_3)
    unset(CMAKE_REQUIRED_FLAGS)
    set(level 2)
    if(NAIO_SYSTEM_TAKES_FORTIFY_3)
        set(level 3)
    endif()
    target_compile_options(naio_objects PRIVATE $<$<${optimized}>:-U_FORTIFY_SOURCE>
                                                $<$<${optimized}>:-D_FORTIFY_SOURCE=${level}>)
endif()

# Checks the preconditions of the standard library's containers, such as the range of an index. The process ends if a
# precondition is broken.
target_compile_definitions(naio_objects PRIVATE $<$<${optimized}>:_GLIBCXX_ASSERTIONS>)

# Makes functions with a frame larger than a page touch each page of the frame.
naio_harden_objects(-fstack-clash-protection)

# Lets the processor compare return addresses with a shadow stack. The other half of -fcf-protection marks the targets
# of indirect calls. That half is left out, because no system checks the marks in programs, and they cost 1 to 3
# instructions in 100.
naio_harden_objects(-fcf-protection=return)

# Gives a function a canary if it has an array or passes on the address of a local variable. In the sources that each
# operation runs through, only functions with a buffer get a canary, because canaries in the other functions would cost
# 5 instructions in 100. No function that an operation usually runs through has a buffer.
naio_harden_objects(-fstack-protector-strong)
if(NAIO_COMPILER_TAKES_fstack_protector_strong)
    get_target_property(sources naio_objects SOURCES)
    list(FILTER sources INCLUDE REGEX "^(aio|exec|time)/|^capi/(aio|cancel)[.]cpp$")
    set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_OPTIONS $<$<${optimized}>:-fstack-protector>)
    # The precompiled headers have the flags of the other sources, so these sources cannot use them.
    set_property(SOURCE ${sources} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
endif()

# ---- Linker, for the shared library; a program that links the static one has flags of its own ----

# The dynamic linker resolves the library's function pointers at load time and then makes them read-only (relro, now).
# No stack is executable. `shstk` says that the library is ready for a shadow stack, even if the compiler's own start-up
# objects do not say so.
foreach(flag IN ITEMS -z,relro -z,now -z,noexecstack -z,shstk)
    string(MAKE_C_IDENTIFIER "NAIO_LINKER_TAKES${flag}" takes)
    if(NOT flag STREQUAL "-z,shstk" OR NAIO_COMPILER_TAKES_fcf_protection_return)
        check_linker_flag(CXX "LINKER:${flag}" ${takes})
        if(${takes})
            target_link_options(naio_shared PRIVATE "$<$<${optimized}>:LINKER:${flag}>")
        endif()
    endif()
endforeach()
