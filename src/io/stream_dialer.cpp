#include "io/stream_dialer.h"

#include <string_view>

#include "base/fault.h"
#include "io/address.h"

using naio::Dial;
using naio::Endpoint;
using naio::Lock;
using naio::StreamKind;

nng_err nng_stream_dialer::create(const naio::StreamServices& services, const nng_url& url,
                                  nng_stream_dialer*& to) noexcept {
    Endpoint endpoint;
    const nng_err error = Endpoint::parse(url, endpoint);
    if (error != NNG_OK) return error;
    if (endpoint.kind == StreamKind::kSocket) return NNG_ENOTSUP;
    if (endpoint.kind == StreamKind::kTcp && (endpoint.host[0] == '\0' || endpoint.port == 0)) return NNG_EADDRINVAL;
    auto* const dialer = services.allocator.create<nng_stream_dialer>(services, endpoint);
    if (dialer == nullptr) return NNG_ENOMEM;
    to = dialer;
    return NNG_OK;
}

void nng_stream_dialer::dial(nng_aio& aio) noexcept { Dial::start(*this, aio); }

bool nng_stream_dialer::begin(Dial& dial) noexcept {
    Lock lock(mutex_);
    if (closed_ && !NAIO_FAULT(closed_dialer_dials)) return false;
    dials_.push_back(dial);
    return true;
}

// Removes the dial from its list. As soon as the lock is released, a thread that has waited in stop may destroy the
// dialer.
void nng_stream_dialer::end(Dial& dial) noexcept {
    Lock lock(mutex_);
    dial.unlink();
    ended_.notify_all();
}

// Unlocks mutex_ while it ends a dial, because the dial may then call end, which locks mutex_.
void nng_stream_dialer::close() noexcept {
    Lock lock(mutex_);
    closed_ = true;
    ++closers_;
    while (Dial* const dial = dials_.pop_front()) {
        if (!NAIO_FAULT(stop_forgets_ending_dials)) ending_.push_back(*dial);
        const naio::Types types = dial->claim_closed();
        if (types == 0) continue;
        naio::Aio& child = dial->child();
        mutex_.unlock();
        child.end_claimed(types);
        mutex_.lock();
    }
    --closers_;
    ended_.notify_all();
}

void nng_stream_dialer::stop() noexcept {
    close();
    Lock lock(mutex_);
    while (!dials_.empty() || !ending_.empty() || (closers_ != 0 && !NAIO_FAULT(stop_forgets_closers)))
        ended_.wait(mutex_);
}

void nng_stream_dialer::free() noexcept {
    stop();
    services_.allocator.destroy(this);
}

nng_stream::Settings nng_stream_dialer::settings() noexcept {
    Lock lock(mutex_);
    return settings_;
}

nng_sockaddr nng_stream_dialer::local_address() noexcept {
    Lock lock(mutex_);
    return local_;
}

nng_err nng_stream_dialer::get(const char* name, naio::OptionRoom room) noexcept {
    const std::string_view option = name;
    if (endpoint_.kind != StreamKind::kTcp) return NNG_ENOTSUP;
    if (option == NNG_OPT_LOCADDR) return NNG_EWRITEONLY;
    Lock lock(mutex_);
    if (option == NNG_OPT_TCP_NODELAY) return room.put(settings_.nodelay);
    if (option == NNG_OPT_TCP_KEEPALIVE) return room.put(settings_.keepalive);
    return NNG_ENOTSUP;
}

// Rejects an address with a port. The system must choose the port, because two connections to one server cannot come
// from the same port.
nng_err nng_stream_dialer::set_local_address(naio::OptionValue value) noexcept {
    nng_sockaddr address{};
    const nng_err error = value.get(address);
    if (error != NNG_OK) return error;
    const bool of_tcp = address.s_family == NNG_AF_INET || address.s_family == NNG_AF_INET6;
    if (!of_tcp || naio::port_of(address) != 0) return NNG_EADDRINVAL;
    Lock lock(mutex_);
    if (closed_) return NNG_ECLOSED;
    local_ = address;
    return NNG_OK;
}

nng_err nng_stream_dialer::set(const char* name, naio::OptionValue value) noexcept {
    const std::string_view option = name;
    if (endpoint_.kind != StreamKind::kTcp) return NNG_ENOTSUP;
    if (option == NNG_OPT_LOCADDR) return set_local_address(value);
    Lock lock(mutex_);
    if (option == NNG_OPT_TCP_NODELAY) return value.get(settings_.nodelay);
    if (option == NNG_OPT_TCP_KEEPALIVE) return value.get(settings_.keepalive);
    return NNG_ENOTSUP;
}
