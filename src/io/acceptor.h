// A listening descriptor: accepts connections and makes streams of them.
//
// When the process or the system has no descriptor left, it pauses: a connection that cannot be taken stays readable,
// and would keep the poller spinning. What waits goes on waiting, and is tried again a little later.
#pragma once


#include "base/atomic.h"
#include "io/descriptor.h"
#include "io/endpoint.h"
#include "io/listening_socket.h"
#include "io/stream.h"
#include "io/stream_services.h"

namespace naio {

class Acceptor final : public Descriptor {
  public:
    static constexpr nng_duration kPause = 20;  // milliseconds

    // Creates an acceptor over a listening socket, and takes the socket over if it succeeds. NNG_ENOMEM, or an error of
    // Pollers::next. Until the first accept and close nothing is done to the socket; by then it must not block.
    [[nodiscard]] static nng_err create(const StreamServices& services, const ListeningSocket& socket, StreamKind kind,
                                        Acceptor*& to) noexcept;

    void accept(Aio& aio, const char* call) noexcept { submit(Direction::kIn, aio, call); }

    // For connections that are accepted from now on.
    void configure(const Stream::Settings& settings) noexcept { settings_.store(settings, std::memory_order_relaxed); }

  private:
    friend class Allocator;
    Acceptor(const StreamServices& services, Poller& poller, const ListeningSocket& socket, StreamKind kind) noexcept;
    ~Acceptor() override = default;
    void destroy() noexcept override;

    static Attempt take(Descriptor& self, Aio& aio) noexcept;
    static void pause_is_over(void* self) noexcept;
    Attempt hand_out(int number, Aio& aio) noexcept;
    Attempt rest() noexcept;

    const StreamServices& services_;
    const StreamKind kind_;
    const nng_sockaddr address_;
    Aio* timer_ = nullptr;
    Atomic<Stream::Settings> settings_{Stream::Settings{}};
};

}  // namespace naio
