#include "io/dial.h"

#include <unistd.h>

#include <cerrno>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/look_up.h"
#include "io/sleep.h"
#include "io/stream_dialer.h"
#include "io/system_calls.h"

namespace naio {

namespace {

nng_err error_of_connect(int error, bool local) noexcept {
    if (local && (error == ENOENT || error == ENOTDIR)) return NNG_ECONNREFUSED;  // no socket has this path
    return system_error(error);
}

}  // namespace

Dial::Dial(StreamDialer& dialer) noexcept : services_(dialer.services()), dialer_(dialer) {}

void Dial::start(StreamDialer& dialer, Aio& aio) noexcept {
    Dial* const dial = dialer.services().allocator.create<Dial>(dialer);
    if (dial == nullptr) return aio.complete(NNG_ENOMEM);
    // The guarantee is kTotal because the program does not see the connection before the dial hands it out. If the dial
    // closes the connection, nothing is left behind.
    const naio_op::Parts parts{
        .step = step, .release = release, .argument = dial, .delivery = Aio::Delivery::kInline, .own = true};
    const nng_err error = naio_op::compose(aio, kTotal, parts);
    if (error != NNG_OK) aio.complete(error);
}

Types Dial::claim_closed() noexcept {
    closed_.store(true, std::memory_order_relaxed);
    return child().claim_stopped();
}

void Dial::release(void* self) noexcept {
    auto& dial = *static_cast<Dial*>(self);
    const Allocator& allocator = dial.services_.allocator;
    if (dial.stream_ != nullptr) dial.stream_->free();
    allocator.destroy(&dial);
}

void Dial::step(naio_op* op, void* self, nng_err result, std::size_t count) noexcept {
    auto& dial = *static_cast<Dial*>(self);
    if (dial.stage_ == Stage::kBegin) return dial.begin(*op);
    // A request to end the dial ends the child's operation, or makes the next start on the child be refused. In both
    // cases `result` is an error.
    const nng_err reason = op->outer().reason();
    if (result != NNG_OK && reason != NNG_OK) return dial.finish(reason);
    if (result == NNG_ESTOPPED) return dial.finish(result);
    switch (dial.stage_) {
        case Stage::kLookUp:
            if (result != NNG_OK) return dial.finish(result);
            dial.found_ = count;
            return dial.connect_next(NNG_EADDRINVAL);
        case Stage::kConnect:
            return result == NNG_OK ? dial.succeed() : dial.connect_next(result);
        default:  // the address is tried again, unless the dialer has been closed in the meantime
            return dial.connect_next(NAIO_FAULT(closed_dial_succeeds) ? NNG_OK : NNG_ECLOSED);
    }
}

void Dial::begin(naio_op& op) noexcept {
    op_ = &op;
    if (!dialer_.begin(*this)) return op_->finish({NNG_ECLOSED});
    const Endpoint& endpoint = dialer_.endpoint();
    if (endpoint.kind == StreamKind::kLocal) {
        addresses_[0] = endpoint.address;
        found_ = 1;
        return connect_next(NNG_ECLOSED);  // the result if the dialer is closed before the address is tried
    }
    stage_ = Stage::kLookUp;
    look_up(services_, endpoint, {.addresses = addresses_.data(), .size = addresses_.size()}, op_->child());
}

// Connects to the next address. Finishes with `error` if no address is left, or if the dialer was closed. The caller
// must not touch the dial afterwards, because connect_next starts an operation or ends the dial.
void Dial::connect_next(nng_err error) noexcept {
    drop_stream();
    while (next_ < found_ && !closed_.load(std::memory_order_relaxed)) {
        bool under_way = false;
        error = connect_to(addresses_[next_], under_way);
        if (error == NNG_EAGAIN) {
            stage_ = Stage::kPause;
            return sleep(op_->child(), kPause);
        }
        ++next_;
        if (error != NNG_OK) continue;
        stage_ = Stage::kConnect;
        if (under_way) return stream_->connect(op_->child());
        return succeed();
    }
    finish(error);
}

nng_err Dial::connect_to(const nng_sockaddr& address, bool& under_way) noexcept {
    SystemAddress system;
    const bool ipv6_alone = dialer_.endpoint().family == NNG_AF_INET6;
    if (!to_system(address, system) || (ipv6_alone && is_mapped_ipv4(address))) return NNG_EADDRINVAL;
    const int fd = system_calls.socket(system.storage.ss_family, SOCK_STREAM, 0);
    if (fd < 0) return system_error(errno);
    nng_err error = bind_and_connect(fd, system, under_way);
    if (error == NNG_OK) {
        error = under_way ? Stream::create_to_connect(services_, fd, stream_)
                          : Stream::create(services_, fd, dialer_.endpoint().kind, address, stream_);
    }
    if (error != NNG_OK && !NAIO_FAULT(failed_dial_leaves_its_socket_open)) os::close(fd);
    return error;
}

nng_err Dial::bind_and_connect(int fd, const SystemAddress& address, bool& under_way) noexcept {
    const bool local = dialer_.endpoint().kind == StreamKind::kLocal;
    const nng_sockaddr from = dialer_.local_address();
    SystemAddress own;
    if (from.s_family != NNG_AF_UNSPEC && to_system(from, own) && system_calls.bind(fd, own.get(), own.size) != 0)
        return system_error(errno);
    if (system_calls.connect(fd, address.get(), address.size) == 0) return NNG_OK;
    under_way = errno == EINPROGRESS || errno == EINTR;
    if (under_way) return NNG_OK;
    // The listener's backlog is full, and no readiness event tells when the backlog has room again.
    if (local && errno == EAGAIN) return NNG_EAGAIN;
    return error_of_connect(errno, local);
}

void Dial::drop_stream() noexcept {
    if (stream_ == nullptr) return;
    stream_->free();
    stream_ = nullptr;
}

// True if the socket is connected to itself, by what TCP calls a simultaneous open. This can happen if no server has
// the dialed port on this machine and the system chooses that port for the dial's own end.
bool Dial::is_connected_to_itself() const noexcept {
    return equal(stream_->self(), stream_->peer()) && !NAIO_FAULT(dial_is_connected_to_itself);
}

void Dial::succeed() noexcept {
    if (dialer_.endpoint().kind == StreamKind::kTcp) {
        stream_->learn_addresses();
        if (is_connected_to_itself()) {
            stream_->forget_connection();  // otherwise no server could bind the port for about a minute
            return connect_next(NNG_ECONNREFUSED);
        }
        stream_->configure(dialer_.settings());
    }
    static_cast<void>(op_->outer().set_output(0, stream_));
    stream_ = nullptr;
    finish(NNG_OK);
}

// Ends the dial. The dialer may be destroyed as soon as its function end has been called.
void Dial::finish(nng_err result) noexcept {
    dialer_.end(*this);
    if (result != NNG_OK && closed_.load(std::memory_order_relaxed)) result = NNG_ECLOSED;
    op_->finish({result});
}

}  // namespace naio
