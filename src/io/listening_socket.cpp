#include "io/listening_socket.h"

#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>

#include "base/fault.h"
#include "base/notice.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/address.h"
#include "io/system_calls.h"

namespace naio {

namespace {

// If the program has asked for IPv6 alone, lets the socket take no IPv4 connections. Otherwise, if the address is `::`,
// lets the socket take IPv4 connections, too.
void choose_families(int fd, const nng_sockaddr& address, int family) noexcept {
    const bool any = IN6_IS_ADDR_UNSPECIFIED(reinterpret_cast<const in6_addr*>(address.s_in6.sa_addr));
    if (NAIO_FAULT(ipv6_listener_takes_ipv4)) return;
    if (any || family == NNG_AF_INET6) set_socket_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, family == NNG_AF_INET6);
}

nng_err listen_at(int fd, const SystemAddress& address) noexcept {
    const bool listens =
        system_calls.bind(fd, address.get(), address.size) == 0 && system_calls.listen(fd, SOMAXCONN) == 0;
    return listens ? NNG_OK : system_error(errno);
}

// Stores the address that the system has bound the socket to.
void learn_address(int fd, nng_sockaddr& to) noexcept {
    SystemAddress bound;
    if (os::getsockname(fd, bound.get(), &bound.size) == 0) from_system(bound, to);
}

}  // namespace

nng_err ListeningSocket::open(const nng_sockaddr& address, int family, int permissions, ListeningSocket& to) noexcept {
    SystemAddress system;
    if (!to_system(address, system) || (family == NNG_AF_INET6 && is_mapped_ipv4(address))) return NNG_EADDRINVAL;
    const int fd = system_calls.socket(system.storage.ss_family, SOCK_STREAM, 0);
    if (fd < 0) return system_error(errno);
    const bool local = address.s_family == NNG_AF_IPC;
    if (system.storage.ss_family != AF_UNIX) set_socket_flag(fd, SOL_SOCKET, SO_REUSEADDR, true);
    if (address.s_family == NNG_AF_INET6) choose_families(fd, address, family);
    SocketFile file;
    const nng_err error =
        local ? SocketFile::listen(fd, system, address.s_ipc.sa_path, permissions, file) : listen_at(fd, system);
    if (error != NNG_OK) {
        os::close(fd);
        return error;
    }
    if (file.replaced())
        Notices::post(NNG_LOG_NOTICE, "NAIO-STALE-SOCKET",
                      "%s: a listener has replaced the socket of one that has ended", address.s_ipc.sa_path);
    to = {.fd = fd, .address = address, .file = file};
    if (!local) learn_address(fd, to.address);
    return NNG_OK;
}

nng_err ListeningSocket::open_any(int family, std::uint16_t port, ListeningSocket& to) noexcept {
    nng_sockaddr address{};
    if (family != NNG_AF_INET) {
        address.s_in6.sa_family = NNG_AF_INET6;
        address.s_in6.sa_port = htons(port);
        const nng_err error = open(address, family, -1, to);
        const bool lacks_ipv6 = error == NNG_ENOTSUP || error == NNG_EADDRINVAL;
        if (family == NNG_AF_INET6 || !lacks_ipv6) return error;
        address = {};
    }
    address.s_in.sa_family = NNG_AF_INET;
    address.s_in.sa_port = htons(port);
    return open(address, family, -1, to);
}

nng_err ListeningSocket::adopt(int fd, StreamKind kind, ListeningSocket& to) noexcept {
    SystemAddress system;
    if (os::getsockname(fd, system.get(), &system.size) != 0) return system_error(errno);
    const auto family = system.storage.ss_family;
    const bool fits = kind == StreamKind::kTcp ? family == AF_INET || family == AF_INET6 : family == AF_UNIX;
    to = {.fd = fd, .handed_over = true};
    if (!fits || !from_system(system, to.address)) return NNG_EADDRINVAL;
    int type = 0, listens = 0;
    if (!get_socket_option(fd, SO_TYPE, type) || !get_socket_option(fd, SO_ACCEPTCONN, listens))
        return system_error(errno);
    return type == SOCK_STREAM && listens != 0 ? NNG_OK : NNG_EINVAL;
}

}  // namespace naio
