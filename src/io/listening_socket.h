// Sockets that listen: the library opens them at an address, or the program hands them over.
#pragma once

#include <nng/nng.h>

#include <cstdint>

#include "io/endpoint.h"
#include "io/socket_file.h"

namespace naio {

struct ListeningSocket {
    int fd = -1;
    nng_sockaddr address{};  // with the port or the name that the system has chosen
    SocketFile file{};
    bool handed_over = false;  // the program has opened the socket, and may use it through other descriptors

    // Opens a socket that listens at `address`. `family` is the family that the program has asked for. With
    // NNG_AF_INET6 the socket takes no connections over IPv4, so another socket can have the same port for IPv4. If
    // `permissions` is not negative, the socket file gets these permissions. socket_file.h says when an old file is
    // replaced.
    [[nodiscard]] static nng_err open(const nng_sockaddr& address, int family, int permissions,
                                      ListeningSocket& to) noexcept;

    // Opens a socket that listens at every address of the family, or of both families if `family` is NNG_AF_UNSPEC and
    // the system has both.
    [[nodiscard]] static nng_err open_any(int family, std::uint16_t port, ListeningSocket& to) noexcept;

    // Examines a socket that the program has opened, without changing it. Fails with NNG_EADDRINVAL if the socket is
    // not of the kind `kind`, and with NNG_EINVAL if it is not a stream socket that listens.
    [[nodiscard]] static nng_err adopt(int fd, StreamKind kind, ListeningSocket& to) noexcept;
};

}  // namespace naio
