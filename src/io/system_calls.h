// The system calls on sockets, in a table. Tests replace entries with functions that fail, but only while no socket is
// in use.
#pragma once

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>

#include "base/fault.h"
#include "base/os.h"

namespace naio {

struct SystemCalls {
    ssize_t (*recvmsg)(int, msghdr*, int);
    ssize_t (*sendmsg)(int, const msghdr*, int);
    int (*accept)(int, sockaddr*, socklen_t*);
    int (*socket)(int family, int type, int protocol);
    int (*connect)(int, const sockaddr*, socklen_t) = os::connect;
    int (*bind)(int, const sockaddr*, socklen_t) = os::bind;
    int (*listen)(int, int) = os::listen;
    int (*flock)(int, int) = os::flock;
    int (*shutdown)(int, int how) = os::shutdown;
};

// accept and socket return descriptors that do not block and that executed programs do not inherit. recvmsg and sendmsg
// call the cheaper recv and send if the message has one piece of memory and no address.
extern const SystemCalls kSystemCalls;
extern SystemCalls system_calls;

// Repeats the call until no signal interrupts it.
template <class Call>
auto uninterrupted(Call call) noexcept {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR || NAIO_FAULT(interruption_is_an_error)) return result;
    }
}

// Makes the descriptor non-blocking. False, with errno, if the system refuses. All copies of the descriptor share the
// flag.
[[nodiscard]] bool set_nonblocking(int descriptor) noexcept;
// Prepares a descriptor that the program hands over: it does not block, and executed programs do not inherit it. False,
// with errno, if the system refuses; then the descriptor is as it was.
[[nodiscard]] bool take_over(int descriptor) noexcept;
// Sets a socket option that is on or off. False, with errno, if the system refuses.
bool set_socket_flag(int descriptor, int level, int option, bool on) noexcept;
// Reads an int option of SOL_SOCKET. False, with errno, if the system refuses.
[[nodiscard]] bool get_socket_option(int descriptor, int option, int& value) noexcept;

}  // namespace naio
