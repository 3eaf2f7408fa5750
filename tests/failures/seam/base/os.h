// Takes the place of src/base/os.h. An order (failures.h) can make each of these calls to the system fail, except those
// that a using-declaration passes on.
//
// After an ordered failure the caller can rely on the same facts as after a failure of the system: close has closed the
// descriptor, and an eventfd or a pipe that takes no byte is readable.
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

#include <cerrno>
#include <ctime>

#include "failures.h"

namespace naio::os {

using ::failures::Kind;

using ::epoll_wait;
using ::fcntl;
using ::ftruncate;
using ::ppoll;
using ::pthread_atfork;
using ::pthread_sigmask;
using ::timerfd_settime;

inline bool creates_none(Kind kind) noexcept { return failures::fails(Kind::kDescriptor) || failures::fails(kind); }

inline int accept(int fd, sockaddr* address, socklen_t* size) {
    return creates_none(Kind::kAccept) ? -1 : ::accept(fd, address, size);
}
inline int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
    return creates_none(Kind::kAccept) ? -1 : ::accept4(fd, address, size, flags);
}
inline int bind(int fd, const sockaddr* address, socklen_t size) {
    return failures::fails(Kind::kBind) ? -1 : ::bind(fd, address, size);
}
inline int chmod(const char* path, mode_t mode) { return failures::fails(Kind::kChmod) ? -1 : ::chmod(path, mode); }
inline int close(int fd) {
    const int error = failures::strike(Kind::kClose);
    const int result = ::close(fd);
    if (error == 0) return result;
    errno = error;
    return -1;
}
inline int connect(int fd, const sockaddr* address, socklen_t size) {
    return failures::fails(Kind::kConnect) ? -1 : ::connect(fd, address, size);
}
inline int flock(int fd, int operation) { return failures::fails(Kind::kFlock) ? -1 : ::flock(fd, operation); }
inline int fstat(int fd, struct stat* status) { return failures::fails(Kind::kFstat) ? -1 : ::fstat(fd, status); }
inline int fsync(int fd) { return failures::fails(Kind::kFsync) ? -1 : ::fsync(fd); }
inline int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** list) {
    if (const int error = failures::strike(Kind::kGetaddrinfo); error != 0) return failures::kOfNames - error;
    const int error = ::getaddrinfo(host, service, hints, list);
    if (error == 0) failures::count_name_lists(1);
    return error;
}
inline void freeaddrinfo(addrinfo* list) {
    failures::count_name_lists(-1);
    ::freeaddrinfo(list);
}
inline int getpeername(int fd, sockaddr* address, socklen_t* size) {
    return failures::fails(Kind::kGetpeername) ? -1 : ::getpeername(fd, address, size);
}
inline int getsockname(int fd, sockaddr* address, socklen_t* size) {
    return failures::fails(Kind::kGetsockname) ? -1 : ::getsockname(fd, address, size);
}
inline int getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
    return failures::fails(Kind::kGetsockopt) ? -1 : ::getsockopt(fd, level, option, value, size);
}
inline int isatty(int fd) { return failures::fails(Kind::kIsatty) ? 0 : ::isatty(fd); }
inline int listen(int fd, int backlog) { return failures::fails(Kind::kListen) ? -1 : ::listen(fd, backlog); }
inline int lstat(const char* path, struct stat* status) {
    return failures::fails(Kind::kLstat) ? -1 : ::lstat(path, status);
}
inline int nanosleep(const timespec* time, timespec* left) {
    if (!failures::fails(Kind::kNanosleep)) return ::nanosleep(time, left);
    if (left != nullptr) *left = *time;
    return -1;
}
template <class... Mode>
int open(const char* path, int flags, Mode... mode) {
    return creates_none(Kind::kOpen) ? -1 : ::open(path, flags, mode...);
}
inline int setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
    return failures::fails(Kind::kSetsockopt) ? -1 : ::setsockopt(fd, level, option, value, size);
}
inline int shutdown(int fd, int how) { return failures::fails(Kind::kShutdown) ? -1 : ::shutdown(fd, how); }
inline int socket(int family, int type, int protocol) {
    return creates_none(Kind::kSocket) ? -1 : ::socket(family, type, protocol);
}
inline int stat(const char* path, struct stat* status) {
    return failures::fails(Kind::kStat) ? -1 : ::stat(path, status);
}
inline int unlink(const char* path) { return failures::fails(Kind::kUnlink) ? -1 : ::unlink(path); }

inline int epoll_create1(int flags) { return failures::fails(Kind::kDescriptor) ? -1 : ::epoll_create1(flags); }
// The system never refuses to remove a descriptor.
inline int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
    const bool fails = operation != EPOLL_CTL_DEL && failures::fails(Kind::kEpollControl);
    return fails ? -1 : ::epoll_ctl(epoll, operation, fd, event);
}
inline int eventfd(unsigned count, int flags) {
    return failures::fails(Kind::kDescriptor) ? -1 : ::eventfd(count, flags);
}
inline int pipe(int ends[2]) { return failures::fails(Kind::kDescriptor) ? -1 : ::pipe(ends); }
inline int pipe2(int ends[2], int flags) { return failures::fails(Kind::kDescriptor) ? -1 : ::pipe2(ends, flags); }
inline int socketpair(int family, int type, int protocol, int ends[2]) {
    return failures::fails(Kind::kDescriptor) ? -1 : ::socketpair(family, type, protocol, ends);
}
inline int timerfd_create(clockid_t clock, int flags) {
    return failures::fails(Kind::kDescriptor) ? -1 : ::timerfd_create(clock, flags);
}

// ---- reading and writing

inline bool is_stream_socket(int fd) noexcept {
    int type = 0;
    socklen_t size = sizeof(type);
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

// The first byte of the vectors.
struct FirstByte {
    explicit FirstByte(const iovec* vectors, int count) noexcept {
        for (int i = 0; i < count && piece.iov_len == 0; ++i)
            if (vectors[i].iov_len != 0) piece = {vectors[i].iov_base, 1};
    }
    iovec piece{};
};

inline ssize_t read(int fd, void* to, size_t size) { return failures::fails(Kind::kRead) ? -1 : ::read(fd, to, size); }
inline ssize_t write(int fd, const void* from, size_t size) {
    // The library writes only to descriptors that wake a thread. Such a descriptor is full only if it already wakes the
    // thread. So an ordered failure first writes the byte, which wakes the thread.
    const int error = failures::strike(Kind::kWrite);
    const ssize_t result = ::write(fd, from, size);
    if (error <= 0) return result;
    errno = EAGAIN;
    return -1;
}

template <class Call>
ssize_t on_vectors(Kind kind, const iovec* vectors, int count, Call call) {
    const int error = failures::strike(kind);
    if (error == failures::kShort) {
        const FirstByte first(vectors, count);
        return call(&first.piece, 1);
    }
    if (error == 0) return call(vectors, count);
    errno = error;
    return -1;
}
inline ssize_t readv(int fd, const iovec* vectors, int count) {
    return on_vectors(Kind::kReadv, vectors, count, [&](const iovec* v, int n) { return ::readv(fd, v, n); });
}
inline ssize_t writev(int fd, const iovec* vectors, int count) {
    return on_vectors(Kind::kWritev, vectors, count, [&](const iovec* v, int n) { return ::writev(fd, v, n); });
}
inline ssize_t preadv(int fd, const iovec* vectors, int count, off_t at) {
    return on_vectors(Kind::kPreadv, vectors, count, [&](const iovec* v, int n) { return ::preadv(fd, v, n, at); });
}
inline ssize_t pwritev(int fd, const iovec* vectors, int count, off_t at) {
    return on_vectors(Kind::kPwritev, vectors, count, [&](const iovec* v, int n) { return ::pwritev(fd, v, n, at); });
}

template <class Call, class Size>
ssize_t on_bytes(Kind kind, int fd, Size size, Call call) {
    const int error = failures::strike(kind);
    if (error == 0) return call(size);
    if (error == failures::kShort) return call(size > 1 && is_stream_socket(fd) ? 1 : size);
    errno = error;
    return -1;
}
inline ssize_t recv(int fd, void* to, size_t size, int flags) {
    return on_bytes(Kind::kRecv, fd, size, [&](size_t n) { return ::recv(fd, to, n, flags); });
}
inline ssize_t send(int fd, const void* from, size_t size, int flags) {
    return on_bytes(Kind::kSend, fd, size, [&](size_t n) { return ::send(fd, from, n, flags); });
}

template <class Message, class Call>
ssize_t on_message(Kind kind, int fd, Message* message, Call call) {
    const int error = failures::strike(kind);
    if (error == 0 || (error == failures::kShort && !is_stream_socket(fd))) return call(message);
    if (error == failures::kShort) {
        FirstByte first(message->msg_iov, static_cast<int>(message->msg_iovlen));
        msghdr shorter = *message;
        shorter.msg_iov = &first.piece;
        shorter.msg_iovlen = 1;
        return call(&shorter);
    }
    errno = error;
    return -1;
}
inline ssize_t recvmsg(int fd, msghdr* message, int flags) {
    return on_message(Kind::kRecv, fd, message, [&](msghdr* m) { return ::recvmsg(fd, m, flags); });
}
inline ssize_t sendmsg(int fd, const msghdr* message, int flags) {
    return on_message(Kind::kSend, fd, message, [&](const msghdr* m) { return ::sendmsg(fd, m, flags); });
}

}  // namespace naio::os
