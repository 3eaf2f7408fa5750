// Sockets that listen: opened at an address, or handed over.
#pragma once

#include <nng/nng.h>

#include <cstdint>

#include "io/endpoint.h"
#include "io/socket_file.h"

namespace naio {

struct ListeningSocket {
    int number = -1;
    nng_sockaddr address{};  // with the port or the name that the system has chosen
    SocketFile file{};
    bool handed_over = false;  // the program has opened it, and other descriptors of it may be in use

    // `family` is the one that was asked for: NNG_AF_INET6 alone leaves the port of IPv4 to others. `permissions` are
    // those of a new file, if not negative. See SocketFile::listen for what becomes of an old one.
    [[nodiscard]] static nng_err open(const nng_sockaddr& address, int family, int permissions,
                                      ListeningSocket& to) noexcept;

    // Any address of the family; of both, if the family is unspecified and the system has both.
    [[nodiscard]] static nng_err open_any(int family, std::uint16_t port, ListeningSocket& to) noexcept;

    // Looks at a socket that the program has opened, and leaves it as it is. NNG_EADDRINVAL if it is not of this kind.
    [[nodiscard]] static nng_err adopt(int number, StreamKind kind, ListeningSocket& to) noexcept;
};

}  // namespace naio
