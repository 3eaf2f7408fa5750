// struct nng_stream: a connection that carries bytes in both directions. The C type is this class.
//
// A listener or a dialer makes a stream, any thread may use it, and its owner frees it once. free does not wait: when
// it returns, the operations in flight have ended, but their callbacks may run later.
#pragma once

#include <nng/nng.h>

#include "io/descriptor.h"
#include "io/endpoint.h"
#include "io/option.h"
#include "io/stream_services.h"

struct nng_stream final : public naio::Descriptor {
  public:
    // The settings of new TCP connections. The struct is aligned to its size, because otherwise clang calls a function
    // of libatomic to load both settings at once.
    struct alignas(2) Settings {
        bool nodelay = true;
        bool keepalive = false;
    };

    // Creates a stream over a connected socket that does not block, and takes the socket over if it succeeds. Fails
    // with NNG_ENOMEM, or with an error of Pollers::next. A TCP stream asks the system for its addresses. A stream of
    // another kind has `address` as its own address and as its peer's: it is the address of the listener, or the
    // address that was dialed.
    [[nodiscard]] static nng_err create(const naio::StreamServices& services, int fd, naio::StreamKind kind,
                                        const nng_sockaddr& address, nng_stream*& to) noexcept;
    // Creates a stream over a socket that is not connected. Its first operation must be connect.
    [[nodiscard]] static nng_err create_to_connect(const naio::StreamServices& services, int fd,
                                                   nng_stream*& to) noexcept;

    void recv(nng_aio& aio) noexcept { move(Direction::kIn, Kind::kSingle, naio::kTotal, aio); }
    void send(nng_aio& aio) noexcept { move(Direction::kOut, Kind::kSingle, naio::kTotal, aio); }
    // recv_all and send_all move bytes until nothing is left of the handle's vectors. `guarantee` is the guarantee of
    // the operation until it moves its first byte; after that it permits kPartial at most.
    void recv_all(nng_aio& aio, naio::Types guarantee) noexcept { move(Direction::kIn, Kind::kWhole, guarantee, aio); }
    void send_all(nng_aio& aio, naio::Types guarantee) noexcept { move(Direction::kOut, Kind::kWhole, guarantee, aio); }
    // Ends the sending direction, after all sends that were submitted before.
    void shutdown(nng_aio& aio) noexcept { submit(Direction::kOut, Kind::kEnd, naio::kTotal, aio); }
    // Starts an operation that waits until the connection that the system has begun is complete.
    void connect(nng_aio& aio) noexcept { submit(Direction::kOut, aio); }
    void free() noexcept;

    void configure(const Settings& settings) noexcept;
    void learn_addresses() noexcept;
    // Disconnects the socket. If the system supports it, the socket's port is free at once.
    void forget_connection() noexcept;

    [[nodiscard]] nng_err get(const char* name, naio::OptionRoom room) noexcept;
    [[nodiscard]] nng_err set(const char* name, naio::OptionValue value) noexcept;
    [[nodiscard]] const nng_sockaddr& peer() const noexcept { return peer_; }
    [[nodiscard]] const nng_sockaddr& self() const noexcept { return self_; }

  private:
    friend class naio::Allocator;
    void move(Direction direction, Kind kind, naio::Types guarantee, nng_aio& aio) noexcept;
    nng_stream(const naio::StreamServices& services, naio::Poller& poller, int fd, naio::StreamKind kind,
               Perform out) noexcept;
    ~nng_stream() override = default;
    [[nodiscard]] static nng_err make(const naio::StreamServices& services, int fd, naio::StreamKind kind, Perform out,
                                      nng_stream*& to) noexcept;
    void destroy() noexcept override { allocator_.destroy(this); }

    static Attempt receive(Descriptor& self, nng_aio& aio) noexcept;
    static Attempt transmit(Descriptor& self, nng_aio& aio) noexcept;
    static Attempt establish(Descriptor& self, nng_aio& aio) noexcept;
    [[nodiscard]] Attempt failed(int error) noexcept;

    const naio::Allocator& allocator_;
    const naio::StreamKind kind_;
    nng_err lost_ = NNG_OK;  // the error that ended the connection; guarded by the descriptor's lock
    nng_sockaddr peer_{};
    nng_sockaddr self_{};
};

namespace naio {
using Stream = ::nng_stream;
}
