#include "io/acceptor.h"

#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/fault.h"
#include "base/notice.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/sleep.h"
#include "io/system_calls.h"

namespace naio {

namespace {

Descriptor::Attempt never(Descriptor&, Aio&) noexcept { return {.done = true, .result = NNG_ENOTSUP}; }

// True if the error concerns only the connection that was to be accepted, and that connection is gone already. In this
// case the acceptor tries to accept the next connection.
bool concerns_one_connection(int error) noexcept {
    return error == ECONNABORTED || error == ECONNRESET || error == EPROTO || error == ENETDOWN ||
           error == EHOSTUNREACH || error == ENETUNREACH;
}

}  // namespace

Acceptor::Acceptor(const StreamServices& services, Poller& poller, const ListeningSocket& socket,
                   StreamKind kind) noexcept
    : Descriptor(poller, socket.fd, take, never, socket.handed_over ? Sharing::kShared : Sharing::kNone),
      services_(services),
      kind_(kind),
      address_(socket.address) {}

nng_err Acceptor::create(const StreamServices& services, const ListeningSocket& socket, StreamKind kind,
                         Acceptor*& to) noexcept {
    Poller* poller = nullptr;
    const nng_err error = services.pollers.next(poller);
    if (error != NNG_OK) return error;
    auto* acceptor = services.allocator.create<Acceptor>(services, *poller, socket, kind);
    if (acceptor == nullptr) return NNG_ENOMEM;
    acceptor->timer_ = services.registry.create(pause_is_over, acceptor);
    if (acceptor->timer_ == nullptr) {
        services.allocator.destroy(acceptor);
        return NNG_ENOMEM;
    }
    to = acceptor;
    return NNG_OK;
}

void Acceptor::destroy() noexcept {
    timer_->reap();
    services_.allocator.destroy(this);
}

Descriptor::Attempt Acceptor::take(Descriptor& self, Aio& aio) noexcept {
    auto& acceptor = static_cast<Acceptor&>(self);
    for (;;) {
        const int taken = uninterrupted([&] { return system_calls.accept(acceptor.fd(), nullptr, nullptr); });
        if (taken >= 0) return acceptor.hand_out(taken, aio);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {};
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            if (NAIO_FAULT(accept_ends_without_descriptors)) return {.done = true, .result = system_error(errno)};
            acceptor.refusal_ = errno;
            return acceptor.rest();
        }
        if (!concerns_one_connection(errno)) return {.done = true, .result = system_error(errno)};
    }
}

Descriptor::Attempt Acceptor::hand_out(int fd, Aio& aio) noexcept {
    Stream* stream = nullptr;
    const nng_err error = Stream::create(services_, fd, kind_, address_, stream);
    if (error != NNG_OK) {
        if (!NAIO_FAULT(refused_connection_left_open)) os::close(fd);
        return {.done = true, .result = error};
    }
    if (kind_ == StreamKind::kTcp) stream->configure(settings_.load(std::memory_order_relaxed));
    static_cast<void>(aio.set_output(0, stream));
    return {.done = true};
}

Descriptor::Attempt Acceptor::rest() noexcept {
    if (NAIO_FAULT(accept_spins_without_descriptors)) return {};
    pause(Direction::kIn);
    if (!NAIO_FAULT(pause_holds_no_reference)) retain();
    sleep(*timer_, kPause);
    return {};
}

void Acceptor::pause_is_over(void* self) noexcept {
    auto& acceptor = *static_cast<Acceptor*>(self);
    static OncePerSecond gate;
    if (gate.pass())
        Notices::post(NNG_LOG_WARN, "NAIO-ACCEPT-WAITS",
                      "a listener cannot accept a connection now, and tries again every %d ms: %s", kPause,
                      error_text(system_error(acceptor.refusal_)));
    // An error of the timer means that the library goes down and ends the accepts. In this case the acceptor does not
    // resume, because it would pause again, and each new pause would end at once. The acceptor only ends the pause,
    // because the program may use the listener after the next nng_init.
    const bool retry = acceptor.timer_->result() == NNG_OK;
    if (retry) CallOut::counts().add(ThreadCounts::kAcceptRetried);
    retry ? acceptor.resume(Direction::kIn) : acceptor.unpause(Direction::kIn);
    if (!NAIO_FAULT(pause_holds_no_reference)) acceptor.release();
}

}  // namespace naio
