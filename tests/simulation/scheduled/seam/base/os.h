// The calls to the operating system, for the simulation: sockets and pipes are simulated (simulated_system.h), the rest is
// the system's. Stands in the place of src/base/os.h.
#pragma once

#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ctime>

namespace naio::os {

int socketpair(int family, int type, int protocol, int ends[2]) noexcept;
int pipe(int ends[2]) noexcept;
int pipe2(int ends[2], int flags) noexcept;
int close(int descriptor) noexcept;
int shutdown(int descriptor, int how) noexcept;
int fcntl(int descriptor, int command, int argument = 0) noexcept;
int getsockopt(int descriptor, int level, int option, void* value, socklen_t* size) noexcept;
int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size) noexcept;
int getsockname(int descriptor, sockaddr* address, socklen_t* size) noexcept;
int getpeername(int descriptor, sockaddr* address, socklen_t* size) noexcept;
ssize_t read(int descriptor, void* to, size_t size) noexcept;
ssize_t write(int descriptor, const void* from, size_t size) noexcept;
ssize_t recv(int descriptor, void* to, size_t size, int flags) noexcept;
ssize_t send(int descriptor, const void* from, size_t size, int flags) noexcept;
ssize_t recvmsg(int descriptor, msghdr* message, int flags) noexcept;
ssize_t sendmsg(int descriptor, const msghdr* message, int flags) noexcept;

using ::accept;
using ::accept4;
using ::bind;
using ::chmod;
using ::connect;
using ::epoll_create1;
using ::epoll_ctl;
using ::eventfd;
using ::flock;
using ::freeaddrinfo;
using ::fstat;
using ::fsync;
using ::getaddrinfo;
using ::isatty;
using ::listen;
using ::lstat;
using ::nanosleep;
using ::open;
using ::preadv;
using ::pthread_atfork;
using ::pthread_sigmask;
using ::pwritev;
using ::readv;
using ::socket;
using ::stat;
using ::timerfd_create;
using ::timerfd_settime;
using ::unlink;
using ::writev;

}  // namespace naio::os
