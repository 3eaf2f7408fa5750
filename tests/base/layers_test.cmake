# Fails on an include in a tree of sources that points the wrong way.
#
#   cmake -P layers_test.cmake -- src
#
# Each folder includes itself and what is listed for it; libuv is seen by loop alone, and the standard library's threads
# and locks by base/mutex.h alone. <nng/nng.h> and the rest of the standard library may be included anywhere.
cmake_minimum_required(VERSION 3.25)

math(EXPR last "${CMAKE_ARGC} - 1")
set(root ${CMAKE_ARGV${last}})

set(base)
set(exec base)
set(loop base exec)
set(time base exec loop)
set(aio base exec time)
set(msg base)
set(io base exec loop time aio msg)
set(runtime ${io} io)
set(capi ${runtime} runtime)
set(folders base exec loop time aio msg io runtime capi)

set(threading_header "<(mutex|shared_mutex|condition_variable|thread|semaphore|latch|barrier|future|stop_token)>")
set(threading_name "(std::(recursive_|timed_|shared_|recursive_timed_)?mutex|std::condition_variable|std::j?thread|\
std::this_thread|std::(lock_guard|unique_lock|shared_lock|scoped_lock|call_once|once_flag|async|future|promise|latch|\
barrier|counting_semaphore|binary_semaphore)|pthread_(mutex|cond|rwlock|spin)_)")

set(wrong 0)
macro(complain)
    message(NOTICE "${file}: " ${ARGN})
    math(EXPR wrong "${wrong} + 1")
endmacro()

file(GLOB_RECURSE files RELATIVE ${root} ${root}/*.h ${root}/*.hpp ${root}/*.cpp)
if(NOT files)
    message(FATAL_ERROR "no sources in ${root}")
endif()
foreach(file IN LISTS files)
    string(REGEX REPLACE "/.*" "" folder ${file})
    if(NOT folder IN_LIST folders)
        complain("this folder is in no layer")
        continue()
    endif()

    file(STRINGS ${root}/${file} includes REGEX "^[ \t]*#[ \t]*(include|import)")
    foreach(line IN LISTS includes)
        if(line MATCHES "[<\"]([a-z_]+)/[^>\"]*[>\"]" AND CMAKE_MATCH_1 IN_LIST folders)
            if(NOT CMAKE_MATCH_1 STREQUAL folder AND NOT CMAKE_MATCH_1 IN_LIST ${folder})
                complain("${folder} may not include ${CMAKE_MATCH_1}")
            endif()
        elseif(line MATCHES "\"")
            complain("includes are named from the folder on, not ${line}")
        endif()
        if(line MATCHES "[<\"]uv[.h/]" AND NOT folder STREQUAL "loop")
            complain("libuv is seen by loop alone")
        endif()
        if(line MATCHES "${threading_header}" AND NOT file STREQUAL "base/mutex.h")
            complain("base/mutex.h alone includes ${CMAKE_MATCH_0}")
        endif()
    endforeach()

    if(NOT file STREQUAL "base/mutex.h")
        file(STRINGS ${root}/${file} lines REGEX "${threading_name}")
        # Neither a name in a comment counts, nor what a list makes of a semicolon.
        string(REPLACE ";" "\n" lines "\n${lines}")
        string(REGEX REPLACE "//[^\n]*" "" lines "${lines}")
        if(lines MATCHES "${threading_name}")
            complain("base/mutex.h alone names ${CMAKE_MATCH_0}")
        endif()
    endif()
endforeach()

if(wrong)
    message(FATAL_ERROR "${wrong} wrong")
endif()
message(NOTICE "every include points the right way")
