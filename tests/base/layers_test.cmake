# Fails if a file in a tree of sources includes a header of a layer that it may not use, or uses a reserved name.
#
#   cmake -P layers_test.cmake -- src
#
# A file may include headers of its own folder and of the folders that are listed for it. Only the source files of loop
# include libuv. Names of locks, atomics, the clock, threads and system calls are reserved, because some tests replace
# what these names stand for: only the files that are listed for a kind of names may use names of this kind. Any file
# may include <nng/nng.h> and the rest of the standard library.
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

# For each kind of reserved names: KIND_name matches the names, and only the files in KIND_home may use them.
set(reserved locks atomics clock threads calls)
set(locks_name "std::(recursive_|timed_|shared_|recursive_timed_)?mutex|std::condition_variable|std::j?thread|\
std::this_thread|std::(lock_guard|unique_lock|shared_lock|scoped_lock|call_once|once_flag|async|future|promise|latch|\
barrier|counting_semaphore|binary_semaphore)|pthread_(mutex|cond|rwlock|spin)_")
set(locks_home base/mutex.h)
set(atomics_name "std::atomic|<atomic>")
set(atomics_home base/atomic.h)
set(clock_name "steady_clock|clock_gettime")
set(clock_home base/now.h base/mutex.h)
set(threads_name "pthread_(create|join|detach|self|setname_np|key_|setspecific|getspecific)")
set(threads_home exec/thread.h exec/thread.cpp exec/thread_end.h)
set(calls_name "pthread_(atfork|sigmask)|::(accept4?|bind|chmod|close|connect|dup[23]?|epoll_[a-z0-9]+|eventfd|fcntl|\
flock|freeaddrinfo|fstat|fsync|getaddrinfo|getpeereid|getpeername|getsockname|getsockopt|ioctl|isatty|kevent|kqueue|\
listen|lseek|lstat|mkdir|nanosleep|open|pipe2?|poll|p?readv?|p?writev?|recv|recvfrom|recvmsg|rename|select|send|sendmsg|\
sendto|setsockopt|shutdown|socket|socketpair|stat|timerfd_[a-z]+|truncate|unlink)[^a-z0-9_:]")
set(calls_home base/os.h exec/thread.cpp)

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
        if(line MATCHES "[<\"]uv[.h/]" AND NOT file MATCHES "^loop/[a-z_]+\\.cpp$")
            complain("only the source files of loop include libuv")
        endif()
        if(line MATCHES "${threading_header}" AND NOT file STREQUAL "base/mutex.h")
            complain("base/mutex.h alone includes ${CMAKE_MATCH_0}")
        endif()
    endforeach()

    file(STRINGS ${root}/${file} lines)
    # Removes comments, because a name in a comment does not count, and semicolons, which CMake takes for separators.
    string(REPLACE ";" "\n" lines "\n${lines}")
    string(REGEX REPLACE "//[^\n]*" "" lines "${lines}")
    # Removes scopes such as os:: and Stream::, because os::close is the right way to call the system's close, and
    # Stream::close is another function.
    string(REGEX REPLACE "[A-Za-z0-9_]::[a-z]" "" lines_without_scopes "${lines}")
    foreach(kind IN LISTS reserved)
        set(where "${lines}")
        if(kind STREQUAL calls)
            set(where "${lines_without_scopes}")
        endif()
        if(NOT file IN_LIST ${kind}_home AND where MATCHES "${${kind}_name}")
            list(GET ${kind}_home 0 home)
            complain("${home} alone names ${CMAKE_MATCH_0}")
        endif()
    endforeach()
endforeach()

if(wrong)
    message(FATAL_ERROR "${wrong} wrong")
endif()
message(NOTICE "every include points the right way")
