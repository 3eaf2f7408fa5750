#include "io/listening_socket.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system_error.h"
#include "io/address.h"
#include "io/system_calls.h"

namespace naio {

namespace {

bool set_flag(int number, int level, int option, bool on) noexcept {
    const int value = on ? 1 : 0;
    return ::setsockopt(number, level, option, &value, sizeof(value)) == 0;
}

// Nobody accepts there any more, but the name is left. A file of another kind refuses connections, too.
bool is_stale(const SystemAddress& address, const char* path) noexcept {
    struct stat status {};
    if (::lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
    const int probe = system_calls.socket(AF_UNIX, SOCK_STREAM, 0);
    if (probe < 0) return false;
    const bool refused = system_calls.connect(probe, address.get(), address.size) != 0 && errno == ECONNREFUSED;
    ::close(probe);
    return refused;
}

bool bind_to(int number, const SystemAddress& address, const char* path) noexcept {
    if (system_calls.bind(number, address.get(), address.size) == 0) return true;
    if (path == nullptr || errno != EADDRINUSE) return false;
    if (is_stale(address, path) && ::unlink(path) == 0 && system_calls.bind(number, address.get(), address.size) == 0)
        return true;
    errno = EADDRINUSE;
    return false;
}

nng_err listen_at(int number, const SystemAddress& address, const char* path, int permissions,
                  SocketFile& file) noexcept {
    if (!bind_to(number, address, path)) return system_error(errno);
    if (path != nullptr) file.remember(path);
    const bool restricted = path == nullptr || permissions < 0 || ::chmod(path, static_cast<mode_t>(permissions)) == 0;
    if (restricted && system_calls.listen(number, SOMAXCONN) == 0) return NNG_OK;
    const nng_err error = system_error(errno);
    if (path != nullptr) file.remove(path);
    return error;
}

// What the system has made of the address.
void learn_address(int number, nng_sockaddr& to) noexcept {
    SystemAddress bound;
    if (::getsockname(number, bound.get(), &bound.size) == 0) from_system(bound, to);
}

}  // namespace

void SocketFile::remember(const char* path) noexcept {
    struct stat status {};
    there_ = ::lstat(path, &status) == 0;
    device_ = status.st_dev;
    number_ = status.st_ino;
}

void SocketFile::remove(const char* path) const noexcept {
    struct stat status {};
    if (!there_ || ::lstat(path, &status) != 0) return;
    if (status.st_dev == device_ && status.st_ino == number_) ::unlink(path);
}

nng_err ListeningSocket::open(const nng_sockaddr& address, int permissions, ListeningSocket& to) noexcept {
    SystemAddress system;
    if (!to_system(address, system)) return NNG_EADDRINVAL;
    const int number = system_calls.socket(system.storage.ss_family, SOCK_STREAM, 0);
    if (number < 0) return system_error(errno);
    const bool local = address.s_family == NNG_AF_IPC;
    if (system.storage.ss_family != AF_UNIX) set_flag(number, SOL_SOCKET, SO_REUSEADDR, true);
    if (system.storage.ss_family == AF_INET6 &&
        IN6_IS_ADDR_UNSPECIFIED(reinterpret_cast<const in6_addr*>(address.s_in6.sa_addr)))
        set_flag(number, IPPROTO_IPV6, IPV6_V6ONLY, false);
    SocketFile file;
    const nng_err error = listen_at(number, system, local ? address.s_ipc.sa_path : nullptr, permissions, file);
    if (error != NNG_OK) {
        ::close(number);
        return error;
    }
    to = {.number = number, .address = address, .file = file};
    if (!local) learn_address(number, to.address);
    return NNG_OK;
}

nng_err ListeningSocket::open_any(int family, std::uint16_t port, ListeningSocket& to) noexcept {
    nng_sockaddr address{};
    if (family != NNG_AF_INET) {
        address.s_in6.sa_family = NNG_AF_INET6;
        address.s_in6.sa_port = htons(port);
        const nng_err error = open(address, -1, to);
        const bool lacks_ipv6 = error == NNG_ENOTSUP || error == NNG_EADDRINVAL;
        if (family == NNG_AF_INET6 || !lacks_ipv6) return error;
        address = {};
    }
    address.s_in.sa_family = NNG_AF_INET;
    address.s_in.sa_port = htons(port);
    return open(address, -1, to);
}

nng_err ListeningSocket::adopt(int number, StreamKind kind, ListeningSocket& to) noexcept {
    SystemAddress system;
    if (::getsockname(number, system.get(), &system.size) != 0) return error_of_handed_over(errno);
    const auto family = system.storage.ss_family;
    const bool fits = kind == StreamKind::kTcp ? family == AF_INET || family == AF_INET6 : family == AF_UNIX;
    to = {.number = number, .handed_over = true};
    if (!fits || !from_system(system, to.address)) return NNG_EADDRINVAL;
    int type = 0, listens = 0;
    if (!get_socket_option(number, SO_TYPE, type) || !get_socket_option(number, SO_ACCEPTCONN, listens))
        return system_error(errno);
    return type == SOCK_STREAM && listens != 0 ? NNG_OK : NNG_EINVAL;
}

}  // namespace naio
