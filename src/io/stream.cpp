#include "io/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/address.h"
#include "io/stream_options.h"
#include "io/system_calls.h"
#include "io/vectors.h"

using naio::Aio;
using naio::Poller;
using naio::StreamKind;
using naio::StreamServices;
using naio::SystemAddress;
using naio::Vectors;

namespace {

using Attempt = naio::Descriptor::Attempt;

bool has_bytes(const Aio& aio) noexcept {
    const nng_iov* vectors = nullptr;
    const unsigned count = aio.vectors(&vectors);
    return std::any_of(vectors, vectors + count, [](const nng_iov& each) { return each.iov_len != 0; });
}

// True if bytes that the peer has sent may be lost. EPIPE does not belong to these errors: the system reports it if the
// peer's end of sending arrived before the connection was lost, so all bytes have arrived.
bool loses_connection(int error) noexcept {
    return error == ECONNRESET || error == ECONNABORTED || error == ETIMEDOUT || error == EHOSTUNREACH ||
           error == ENETUNREACH;
}

}  // namespace

nng_stream::nng_stream(const StreamServices& services, Poller& poller, int fd, StreamKind kind, Perform out) noexcept
    : Descriptor(poller, fd, receive, out), allocator_(services.allocator), kind_(kind) {}

nng_err nng_stream::make(const StreamServices& services, int fd, StreamKind kind, Perform out,
                         nng_stream*& to) noexcept {
    Poller* poller = nullptr;
    const nng_err error = services.pollers.next(poller);
    if (error != NNG_OK) return error;
    to = services.allocator.create<nng_stream>(services, *poller, fd, kind, out);
    return to != nullptr ? NNG_OK : NNG_ENOMEM;
}

nng_err nng_stream::create(const StreamServices& services, int fd, StreamKind kind, const nng_sockaddr& address,
                           nng_stream*& to) noexcept {
    const nng_err error = make(services, fd, kind, transmit, to);
    if (error != NNG_OK) return error;
    if (kind == StreamKind::kTcp)
        to->learn_addresses();
    else
        to->peer_ = to->self_ = address;
    return NNG_OK;
}

nng_err nng_stream::create_to_connect(const StreamServices& services, int fd, nng_stream*& to) noexcept {
    return make(services, fd, StreamKind::kTcp, establish, to);
}

void nng_stream::free() noexcept {
    close();
    release();
}

// Submits the operation. An operation without bytes completes at once and does not wait for others, because readiness
// does not tell when such an operation is done.
void nng_stream::move(Direction direction, Kind kind, naio::Types guarantee, Aio& aio) noexcept {
    if (has_bytes(aio)) return submit(direction, kind, guarantee, aio);
    aio.complete(state(direction));
}

// Returns the attempt after a system call that failed. If the connection is lost, stores the error in lost_, because
// the system reports the loss to one call only, in either direction. Without lost_, later receives would look as if the
// peer had ended its sending.
Attempt nng_stream::failed(int error) noexcept {
    const Attempt attempt = failed_or_waiting(error);
    if (loses_connection(error) && !NAIO_FAULT(lost_connection_looks_ended)) lost_ = attempt.result;
    return attempt;
}

Attempt nng_stream::receive(Descriptor& self, Aio& aio) noexcept {
    Vectors into(aio);
    msghdr message = into.message();
    auto& stream = static_cast<nng_stream&>(self);
    const int fd = stream.fd();
    const ssize_t got = naio::uninterrupted([&] { return naio::system_calls.recvmsg(fd, &message, MSG_DONTWAIT); });
    const auto count = static_cast<std::size_t>(got);
    if (got > 0) return {.done = true, .count = count, .last = count < into.size()};
    if (got == 0) return {.done = true, .result = stream.lost_ != NNG_OK ? stream.lost_ : NNG_ECONNSHUT};
    return stream.failed(errno);
}

Attempt nng_stream::transmit(Descriptor& self, Aio& aio) noexcept {
    Vectors from(aio);
    msghdr message = from.message();
    auto& stream = static_cast<nng_stream&>(self);
    const int fd = stream.fd();
    const ssize_t put = naio::uninterrupted([&] {
        return naio::system_calls.sendmsg(fd, &message,
                                          MSG_DONTWAIT | (NAIO_FAULT(send_may_raise_sigpipe) ? 0 : MSG_NOSIGNAL));
    });
    if (put >= 0) return {.done = true, .count = static_cast<std::size_t>(put)};
    return stream.failed(errno);
}

// Finds out whether the connection is complete. The system reports a failure to connect once, in SO_ERROR. The system
// knows the peer's name as soon as there is a connection.
Attempt nng_stream::establish(Descriptor& self, Aio&) noexcept {
    auto& stream = static_cast<nng_stream&>(self);
    int error = 0;
    if (!naio::get_socket_option(stream.fd(), SO_ERROR, error)) error = errno;
    if (error != 0) return {.done = true, .result = naio::system_error(error)};
    SystemAddress peer;
    if (naio::os::getpeername(stream.fd(), peer.get(), &peer.size) != 0) {
        if (errno == ENOTCONN) return {};
        return {.done = true, .result = naio::system_error(errno)};
    }
    stream.perform_with(Direction::kOut, transmit);
    return {.done = true};
}

void nng_stream::learn_addresses() noexcept {
    SystemAddress address;
    if (naio::os::getpeername(fd(), address.get(), &address.size) == 0) naio::from_system(address, peer_);
    address.size = sizeof(address.storage);
    if (naio::os::getsockname(fd(), address.get(), &address.size) == 0) naio::from_system(address, self_);
}

void nng_stream::forget_connection() noexcept {
    static_cast<void>(use([](int fd) {
        sockaddr none{};
        none.sa_family = AF_UNSPEC;
        static_cast<void>(naio::os::connect(fd, &none, sizeof(none)));  // disconnects
        return NNG_OK;
    }));
}

// Ignores errors of the system, because a connection without the options is better than no connection.
void nng_stream::configure(const Settings& settings) noexcept {
    const int nodelay = settings.nodelay ? 1 : 0;
    const int keepalive = settings.keepalive ? 1 : 0;
    naio::os::setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof(nodelay));
    if (keepalive != 0) naio::os::setsockopt(fd(), SOL_SOCKET, SO_KEEPALIVE, &keepalive, sizeof(keepalive));
}

nng_err nng_stream::get(const char* name, naio::OptionRoom room) noexcept {
    return use([&](int fd) { return naio::get_stream_option(fd, kind_, name, room); });
}

nng_err nng_stream::set(const char* name, naio::OptionValue value) noexcept {
    return use([&](int fd) { return naio::set_stream_option(fd, kind_, name, value); });
}
