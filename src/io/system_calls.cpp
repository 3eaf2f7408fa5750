#include "io/system_calls.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/os.h"

namespace naio {

namespace {

#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)

int accept_prepared(int descriptor, sockaddr* address, socklen_t* size) {
    return os::accept4(descriptor, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int socket_prepared(int family, int type, int protocol) {
    return os::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

#else

int prepare(int descriptor) {
    if (descriptor < 0) return descriptor;
    if (take_over(descriptor)) return descriptor;
    const int error = errno;
    os::close(descriptor);
    errno = error;
    return -1;
}

int accept_prepared(int descriptor, sockaddr* address, socklen_t* size) {
    return prepare(os::accept(descriptor, address, size));
}

int socket_prepared(int family, int type, int protocol) { return prepare(os::socket(family, type, protocol)); }

#endif

// True if the message has one piece of memory, no address and no control data, so that recv or send can move it. recv
// and send are faster, because for recvmsg and sendmsg the system copies and checks a msghdr, which takes longer than
// moving a few bytes.
bool is_plain(const msghdr& message) noexcept {
    return message.msg_iovlen == 1 && message.msg_name == nullptr && message.msg_control == nullptr;
}

ssize_t receive(int descriptor, msghdr* message, int flags) {
    if (!is_plain(*message)) return os::recvmsg(descriptor, message, flags);
    return os::recv(descriptor, message->msg_iov->iov_base, message->msg_iov->iov_len, flags);
}

ssize_t transmit(int descriptor, const msghdr* message, int flags) {
    if (!is_plain(*message)) return os::sendmsg(descriptor, message, flags);
    return os::send(descriptor, message->msg_iov->iov_base, message->msg_iov->iov_len, flags);
}

constexpr SystemCalls kReal{
    .recvmsg = receive, .sendmsg = transmit, .accept = accept_prepared, .socket = socket_prepared};

}  // namespace

const SystemCalls kSystemCalls = kReal;
constinit SystemCalls system_calls = kReal;

bool set_nonblocking(int descriptor) noexcept {
    const int flags = os::fcntl(descriptor, F_GETFL);
    return flags >= 0 && os::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

// Sets close-on-exec last, because the system never refuses close-on-exec for an open descriptor. So if this function
// fails, nothing has changed.
bool take_over(int descriptor) noexcept {
    return set_nonblocking(descriptor) && os::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

bool set_socket_flag(int descriptor, int level, int option, bool on) noexcept {
    const int value = on ? 1 : 0;
    return os::setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

bool get_socket_option(int descriptor, int option, int& value) noexcept {
    socklen_t size = sizeof(value);
    return os::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0;
}

}  // namespace naio
