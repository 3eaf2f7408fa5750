#include "io/system_calls.h"

#include <fcntl.h>
#include <unistd.h>

namespace naio {

namespace {

#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)

int accept_prepared(int descriptor, sockaddr* address, socklen_t* size) {
    return ::accept4(descriptor, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int socket_prepared(int family, int type, int protocol) {
    return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

#else

int prepare(int descriptor) {
    if (descriptor < 0) return descriptor;
    if (set_nonblocking(descriptor) && ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0) return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
}

int accept_prepared(int descriptor, sockaddr* address, socklen_t* size) {
    return prepare(::accept(descriptor, address, size));
}

int socket_prepared(int family, int type, int protocol) { return prepare(::socket(family, type, protocol)); }

#endif

}  // namespace

const SystemCalls kSystemCalls{.accept = accept_prepared, .socket = socket_prepared};
SystemCalls system_calls{.accept = accept_prepared, .socket = socket_prepared};

bool set_nonblocking(int descriptor) noexcept {
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags >= 0 && ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

}  // namespace naio
