// Sockets that listen: opened at an address, or handed over.
#pragma once

#include <nng/nng.h>
#include <sys/types.h>

#include "io/endpoint.h"

namespace naio {

// A listener's name in the file system goes with it, unless it is somebody else's by then.
class SocketFile {
  public:
    // That of a socket which has just been bound there.
    void remember(const char* path) noexcept;
    void remove(const char* path) const noexcept;

  private:
    bool there_ = false;
    dev_t device_ = 0;
    ino_t number_ = 0;
};

struct ListeningSocket {
    int number = -1;
    nng_sockaddr address{};  // with the port or the name that the system has chosen
    SocketFile file{};
    bool handed_over = false;  // the program has opened it, and other descriptors of it may be in use

    // A name in the file system that belongs to a listener that is gone is taken over. `permissions` are those of a new
    // name, if not negative.
    [[nodiscard]] static nng_err open(const nng_sockaddr& address, int permissions, ListeningSocket& to) noexcept;

    // Any address of the family; of both, if the family is unspecified and the system has both.
    [[nodiscard]] static nng_err open_any(int family, std::uint16_t port, ListeningSocket& to) noexcept;

    // Looks at a socket that the program has opened, and leaves it as it is. NNG_EADDRINVAL if it is not of this kind.
    [[nodiscard]] static nng_err adopt(int number, StreamKind kind, ListeningSocket& to) noexcept;
};

}  // namespace naio
