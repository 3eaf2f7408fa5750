// The system calls on sockets, as a table: tests replace them to have them fail.
//
// It is replaced while no socket is in use.
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
// are the system's, but cheaper if there is one piece of memory and no address.
extern const SystemCalls kSystemCalls;
extern SystemCalls system_calls;

// Calls until no signal interrupts it.
template <class Call>
auto uninterrupted(Call call) noexcept {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR || NAIO_FAULT(interruption_is_an_error)) return result;
    }
}

// False, with errno, if the system refuses. The flag is the description's: other copies of the descriptor have it, too.
[[nodiscard]] bool set_nonblocking(int descriptor) noexcept;
// Prepares a descriptor that the program hands over: it does not block, and a program that is executed does not inherit
// it. False, with errno and the descriptor as it was, if the system refuses.
[[nodiscard]] bool take_over(int descriptor) noexcept;
// One that is on or off. False, with errno, if the system refuses.
bool set_socket_flag(int descriptor, int level, int option, bool on) noexcept;
// One of SOL_SOCKET that is an int.
[[nodiscard]] bool get_socket_option(int descriptor, int option, int& value) noexcept;

}  // namespace naio
