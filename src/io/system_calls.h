// A table of the system calls of src/io that tests make fail. Tests replace entries, but only while no other thread
// makes these calls. (Tests that simulate the whole system replace base/os.h instead.)
#pragma once

#include <fcntl.h>
#include <netdb.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>

#include "base/fault.h"
#include "base/os.h"

namespace naio {

struct SystemCalls {
    // On sockets:
    ssize_t (*recvmsg)(int, msghdr*, int);
    ssize_t (*sendmsg)(int, const msghdr*, int);
    int (*accept)(int, sockaddr*, socklen_t*);
    int (*socket)(int family, int type, int protocol);
    int (*connect)(int, const sockaddr*, socklen_t) = os::connect;
    int (*bind)(int, const sockaddr*, socklen_t) = os::bind;
    int (*listen)(int, int) = os::listen;
    int (*flock)(int, int) = os::flock;
    int (*shutdown)(int, int how) = os::shutdown;
    // On files:
    int (*open)(const char*, int, mode_t) = [](const char* path, int flags, mode_t mode) {
        return os::open(path, flags, mode);
    };
    ssize_t (*readv)(int, const iovec*, int) = os::readv;
    ssize_t (*writev)(int, const iovec*, int) = os::writev;
    ssize_t (*preadv)(int, const iovec*, int, off_t) = os::preadv;
    ssize_t (*pwritev)(int, const iovec*, int, off_t) = os::pwritev;
    int (*fsync)(int) = os::fsync;
    int (*fstat)(int, struct stat*) = os::fstat;
    int (*stat)(const char*, struct stat*) = os::stat;
    int (*close)(int) = os::close;
    // On names that are not numeric:
    int (*getaddrinfo)(const char*, const char*, const addrinfo*, addrinfo**) = os::getaddrinfo;
};

// kSystemCalls is the table without replaced entries; src/io uses the table system_calls. accept and socket return
// descriptors that do not block and that executed programs do not inherit. recvmsg and sendmsg call recv and send,
// which are faster, if the message has one piece of memory and no address.
extern const SystemCalls kSystemCalls;
extern SystemCalls system_calls;

// Repeats the call while it fails with EINTR, and returns the last result.
template <class Call>
auto uninterrupted(Call call) noexcept {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR || NAIO_FAULT(interruption_is_an_error)) return result;
    }
}

// The following functions return false and set errno if the system refuses.
//
// Makes the descriptor non-blocking. All copies of the descriptor share this setting.
[[nodiscard]] bool set_nonblocking(int descriptor) noexcept;
// Prepares a descriptor that the program hands over: it does not block, and executed programs do not inherit it. If the
// system refuses, the descriptor is unchanged.
[[nodiscard]] bool take_over(int descriptor) noexcept;
// Sets a socket option that is on or off.
bool set_socket_flag(int descriptor, int level, int option, bool on) noexcept;
// Reads an int option of SOL_SOCKET.
[[nodiscard]] bool get_socket_option(int descriptor, int option, int& value) noexcept;

}  // namespace naio
