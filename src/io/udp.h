// struct nng_udp: a UDP socket. The C type is this class.
//
// Any thread may use the socket. Its owner opens it and frees it once.
#pragma once

#include <nng/nng.h>

#include "io/address.h"
#include "io/descriptor.h"
#include "io/stream_services.h"

struct nng_udp final : public naio::Descriptor {
  public:
    // The form of the addresses to which input 0 of an operation points.
    enum class Addresses : bool { kNng2, kNng1 };

    // Opens a socket at `address`. Sets `to` only on success.
    [[nodiscard]] static nng_err open(const naio::StreamServices& services, const nng_sockaddr& address, nng_udp*& to,
                                      Addresses form = Addresses::kNng2) noexcept;

    void send(nng_aio& aio) noexcept { submit(Direction::kOut, aio); }
    void recv(nng_aio& aio) noexcept { submit(Direction::kIn, aio); }
    [[nodiscard]] nng_err name(nng_sockaddr& to) noexcept;
    [[nodiscard]] nng_err membership(const nng_sockaddr& group, bool join) noexcept;
    // Calls stop, which blocks until the fd is closed, and gives up the owner's reference.
    void free() noexcept;

  private:
    friend class naio::Allocator;
    nng_udp(const naio::Allocator& allocator, naio::Poller& poller, int fd, int family, Addresses form) noexcept;
    ~nng_udp() override = default;
    void destroy() noexcept override { allocator_.destroy(this); }

    static Attempt receive(Descriptor& self, nng_aio& aio) noexcept;
    static Attempt transmit(Descriptor& self, nng_aio& aio) noexcept;

    void put_sender(const nng_aio& aio, const naio::SystemAddress& sender) const noexcept;
    [[nodiscard]] bool find_receiver(const nng_aio& aio, naio::SystemAddress& to) const noexcept;

    const naio::Allocator& allocator_;
    const int family_;  // NNG_AF_INET or NNG_AF_INET6
    const Addresses form_;
};
