// The calls to the operating system, for the simulation: descriptors, files and look-ups are simulated
// (simulated_system.h), the rest is the system's. Replaces src/base/os.h.
#pragma once

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
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
int socket(int family, int type, int protocol) noexcept;
int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept;
int listen(int descriptor, int backlog) noexcept;
int connect(int descriptor, const sockaddr* address, socklen_t size) noexcept;
int accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) noexcept;
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

int open(const char* path, int flags, mode_t mode = 0) noexcept;
int stat(const char* path, struct stat* status) noexcept;
int lstat(const char* path, struct stat* status) noexcept;
int fstat(int descriptor, struct stat* status) noexcept;
int chmod(const char* path, mode_t mode) noexcept;
int unlink(const char* path) noexcept;
int fsync(int descriptor) noexcept;
int flock(int descriptor, int operation) noexcept;
ssize_t readv(int descriptor, const iovec* pieces, int count) noexcept;
ssize_t writev(int descriptor, const iovec* pieces, int count) noexcept;
ssize_t preadv(int descriptor, const iovec* pieces, int count, off_t at) noexcept;
ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t at) noexcept;
int nanosleep(const timespec* time, timespec* left) noexcept;

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) noexcept;
void freeaddrinfo(addrinfo* list) noexcept;

using ::epoll_create1;
using ::epoll_ctl;
using ::epoll_wait;
using ::eventfd;
using ::ftruncate;
using ::isatty;
using ::ppoll;
using ::pthread_atfork;
using ::pthread_sigmask;
using ::timerfd_create;
using ::timerfd_settime;

}  // namespace naio::os
