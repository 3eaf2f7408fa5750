// A listening descriptor: accepts connections, and creates a stream for each.
//
// When the process or the system has no descriptor or no memory left, the acceptor pauses for kPause. Without the pause
// the poller would spin, because a connection that cannot be accepted keeps the listening descriptor readable. The
// accepts stay in the queue, and the poller tries them again after the pause.
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

    // Creates an acceptor over a listening socket, and takes the socket over if it succeeds. Fails with NNG_ENOMEM, or
    // with an error of Pollers::next. The acceptor does not use the socket before the first accept or close. The caller
    // must make the socket non-blocking before the first of these calls.
    [[nodiscard]] static nng_err create(const StreamServices& services, const ListeningSocket& socket, StreamKind kind,
                                        Acceptor*& to) noexcept;

    void accept(Aio& aio) noexcept { submit(Direction::kIn, aio); }

    // Sets the options of the connections that are accepted from now on.
    void configure(const Stream::Settings& settings) noexcept { settings_.store(settings, std::memory_order_relaxed); }

  private:
    friend class Allocator;
    Acceptor(const StreamServices& services, Poller& poller, const ListeningSocket& socket, StreamKind kind) noexcept;
    ~Acceptor() override = default;
    void destroy() noexcept override;

    static Attempt take(Descriptor& self, Aio& aio) noexcept;
    static void pause_is_over(void* self) noexcept;
    Attempt hand_out(int fd, Aio& aio) noexcept;
    Attempt rest() noexcept;

    const StreamServices& services_;
    const StreamKind kind_;
    const nng_sockaddr address_;
    Aio* timer_ = nullptr;
    int refusal_ = 0;  // the errno of the accept(2) that caused the latest pause
    Atomic<Stream::Settings> settings_{Stream::Settings{}};
};

}  // namespace naio
