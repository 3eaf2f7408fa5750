// The calls to the operating system on descriptors, paths and names, and the calls on threads that src/exec does not
// wrap. Tests that simulate the system replace this header with one of their own. Therefore no file of the library
// except exec/thread.cpp calls these functions without os::.
#pragma once

#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ctime>

#if defined(__linux__)
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif

namespace naio::os {

using ::accept;
using ::bind;
using ::chmod;
using ::close;
using ::connect;
using ::fcntl;
using ::flock;
using ::freeaddrinfo;
using ::fstat;
using ::fsync;
using ::ftruncate;
using ::getaddrinfo;
using ::getpeername;
using ::getsockname;
using ::getsockopt;
using ::isatty;
using ::listen;
using ::lstat;
using ::nanosleep;
using ::open;
using ::pipe;
using ::preadv;
using ::pthread_atfork;
using ::pthread_sigmask;
using ::pwritev;
using ::read;
using ::readv;
using ::recv;
using ::recvmsg;
using ::send;
using ::sendmsg;
using ::setsockopt;
using ::shutdown;
using ::socket;
using ::socketpair;
using ::stat;
using ::unlink;
using ::write;
using ::writev;

#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
using ::accept4;
#endif
#if defined(__linux__)
using ::epoll_create1;
using ::epoll_ctl;
using ::epoll_wait;
using ::eventfd;
using ::ppoll;
using ::timerfd_create;
using ::timerfd_settime;
#else
using ::getpeereid;
#endif
#if !defined(__APPLE__)
using ::pipe2;
#endif

}  // namespace naio::os
