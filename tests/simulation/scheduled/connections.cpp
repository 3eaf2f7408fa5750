// Connections of the simulated system: pairs of sockets, TCP, and Unix sockets with a path, as Linux has them.
//  - A connection waits in the listener's queue until it is accepted. When the queue is full, a connect over TCP waits
//    for room, and a connect to a Unix socket fails with EAGAIN.
//  - After the last byte of a peer that has closed or shut down, a receive returns 0. A peer that closes with unread
//    bytes resets its connection; a listener that closes resets the connections in its queue. The first of these calls
//    after a reset reports the error and clears it: take_error, a send, or a receive that finds no more bytes.
//  - A connection may be lost by chance (Failure::kReset): every connection while it is accepted, and one of TCP later.
//    A connection of TCP may lose bytes with it that the receiver has not read.
#include <netinet/in.h>
#include <sys/un.h>
#include <uv.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "failures.h"
#include "kernel.h"
#include "scheduler.h"
#include "simulated_uv.h"

namespace simulation::kernel {

namespace {

constexpr std::size_t kSmallBacklog = 3;

std::string path_of(const sockaddr* address, socklen_t size) {
    const auto& local = *reinterpret_cast<const sockaddr_un*>(address);
    const std::size_t longest = size - offsetof(sockaddr_un, sun_path);
    return {local.sun_path, strnlen(local.sun_path, longest)};
}

// Returns the listeners of TCP, by family and port.
std::map<std::pair<int, std::uint16_t>, std::weak_ptr<Connection>>& ports() {
    static std::map<std::pair<int, std::uint16_t>, std::weak_ptr<Connection>> instance;
    return instance;
}

std::uint16_t port_of(const sockaddr_storage& address) {
    // sin6_port is in the same place.
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

int tell(const sockaddr_storage& from, socklen_t from_size, int family, sockaddr* to, socklen_t* size) {
    if (from_size == 0) {
        to->sa_family = static_cast<sa_family_t>(family);
        *size = sizeof(to->sa_family);
        return 0;
    }
    std::memcpy(to, &from, std::min(from_size, *size));
    *size = from_size;
    return 0;
}

std::size_t size_of(const msghdr& message) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) size += message.msg_iov[i].iov_len;
    return size;
}

}  // namespace

ssize_t take_bytes(Channel& from, const msghdr& to) {
    if (from.bytes.empty()) return fail(EAGAIN);
    std::size_t left = cut(std::min(from.bytes.size(), size_of(to)));
    const auto taken = static_cast<ssize_t>(left);
    for (std::size_t i = 0; i < to.msg_iovlen && left != 0; ++i) {
        const std::size_t size = std::min(to.msg_iov[i].iov_len, left);
        const auto end = from.bytes.begin() + static_cast<std::ptrdiff_t>(size);
        std::copy(from.bytes.begin(), end, static_cast<std::uint8_t*>(to.msg_iov[i].iov_base));
        from.bytes.erase(from.bytes.begin(), end);
        left -= size;
    }
    schedules::descriptors_changed();
    return taken;
}

ssize_t put_bytes(Channel& to, const msghdr& from) {
    if (to.bytes.size() >= to.capacity) return fail(EAGAIN);
    std::size_t left = cut(std::min(to.capacity - to.bytes.size(), size_of(from)));
    const auto put = static_cast<ssize_t>(left);
    for (std::size_t i = 0; i < from.msg_iovlen && left != 0; ++i) {
        const std::size_t size = std::min(from.msg_iov[i].iov_len, left);
        const auto* const bytes = static_cast<const std::uint8_t*>(from.msg_iov[i].iov_base);
        to.bytes.insert(to.bytes.end(), bytes, bytes + size);
        left -= size;
    }
    schedules::descriptors_changed();
    return put;
}

void Connection::connect(Connection& one, Connection& other) {
    one.in_ = other.out_ = std::make_shared<Channel>();
    one.out_ = other.in_ = std::make_shared<Channel>();
    if (by_chance(Chances::kDisturbances, 2)) one.in_->capacity = one.out_->capacity = 1 + random_below(200);
    one.peer_ = other.weak_from_this();
    other.peer_ = one.weak_from_this();
    one.state_ = other.state_ = State::kConnected;
}

// ---- listening

int Connection::bind(const sockaddr* address, socklen_t size) {
    if (self_size_ != 0) return fail(EINVAL);
    std::memcpy(&self_, address, size);
    if (family_ == AF_UNIX) {
        const auto file = make_file(path_of(address, size), S_IFSOCK | 0755);
        if (file == nullptr) return fail(errno == EEXIST ? EADDRINUSE : errno);
        file->bound = weak_from_this();
    } else if (take_port(self_, false) == 0) {
        return fail(EADDRINUSE);
    }
    self_size_ = size;
    return 0;
}

int Connection::listen(int backlog) {
    if (family_ != AF_UNIX) {
        if (self_size_ == 0 || state_ != State::kNew) return fail(EINVAL);
        auto& place = ports()[{family_, port_of(self_)}];
        if (!place.expired() && place.lock().get() != this) return fail(EADDRINUSE);
        place = weak_from_this();
    }
    listens_ = true;
    backlog_ = std::min(static_cast<std::size_t>(backlog), kSmallBacklog);
    return 0;
}

std::shared_ptr<Connection> Connection::accept() {
    errno = EINVAL;
    if (!listens_ || is_disturbed()) return nullptr;
    errno = EAGAIN;
    if (accepted_.empty()) return nullptr;
    constexpr std::int64_t kMillisecond = 1'000'000;
    if (schedules::now() - lacked_at_ < kMillisecond) schedules::fail("a listener spins without descriptors");
    auto taken = accepted_.front();
    if (fails(Failure::kReset)) {
        accepted_.pop_front();
        taken->lose(ECONNRESET);
        accept_waiting();
        errno = ECONNABORTED;
        return nullptr;
    }
    errno = random_below(2) == 0 ? EMFILE : ENFILE;
    if (fails(Failure::kDescriptors)) {
        lacked_at_ = schedules::now();
        return nullptr;
    }
    accepted_.pop_front();
    accept_waiting();
    return taken;
}

// ---- connecting

void Connection::establish(Connection& dialed) {
    auto served = std::make_shared<Connection>(family_);
    served->self_ = self_;
    served->self_size_ = self_size_;
    served->other_ = dialed.self_;
    served->other_size_ = dialed.self_size_;
    const State before = dialed.state_;
    connect(*served, dialed);
    dialed.state_ = before;
    accepted_.push_back(served);
    schedules::descriptors_changed();
}

void Connection::accept_waiting() {
    while (accepted_.size() < backlog_ && !waiting_.empty()) {
        const auto dialed = waiting_.front().lock();
        waiting_.pop_front();
        if (dialed == nullptr) continue;
        establish(*dialed);
        dialed->decide(0);
    }
}

// Sets the result of the attempt to connect. The next settle() ends the attempt with it.
void Connection::decide(int error) {
    decided_ = true;
    error_ = error;
    schedules::descriptors_changed();
}

void Connection::settle() {
    if (state_ != State::kConnecting || !decided_) return;
    state_ = error_ == 0 ? State::kConnected : State::kNew;
}

int Connection::connect_to(const sockaddr* address, socklen_t size) {
    if (address->sa_family == AF_UNSPEC) {
        lose(ECONNRESET);
        state_ = State::kNew;
        error_ = 0;
        in_ = out_ = nullptr;
        return 0;
    }
    if (state_ == State::kConnecting) return fail(EALREADY);
    if (state_ == State::kConnected) return fail(EISCONN);
    if (fails(Failure::kBuffers)) return fail(ENOBUFS);
    std::shared_ptr<Connection> listener;
    std::memcpy(&other_, address, size);
    if (family_ == AF_UNIX) {
        const auto file = find_file(path_of(address, size));
        if (file == nullptr) return fail(ENOENT);
        listener = file->bound.lock();
    } else {
        const auto at = ports().find({family_, port_of(other_)});
        if (at != ports().end()) listener = at->second.lock();
        if (self_size_ == 0) {
            self_.ss_family = static_cast<sa_family_t>(family_);
            take_port(self_, false);
            self_size_ = size;
        }
    }
    other_size_ = size;
    const bool refused = listener == nullptr || !listener->listens_;
    if (family_ == AF_UNIX) {
        if (refused) return fail(ECONNREFUSED);
        if (listener->accepted_.size() >= listener->backlog_) return fail(EAGAIN);
        listener->establish(*this);
        state_ = State::kConnected;
        return 0;
    }
    const bool at_once = random_below(2) == 0;
    if (refused && at_once) return fail(ECONNREFUSED);
    state_ = State::kConnecting;
    if (refused) {
        decide(ECONNREFUSED);
        return fail(EINPROGRESS);
    }
    if (listener->accepted_.size() >= listener->backlog_) {
        listener->waiting_.push_back(weak_from_this());
        return fail(EINPROGRESS);
    }
    listener->establish(*this);
    decide(0);
    if (!at_once || error_ != 0) return fail(EINPROGRESS);
    settle();
    return 0;
}

int Connection::take_error() {
    settle();
    return std::exchange(error_, 0);
}

int Connection::self_address(sockaddr* address, socklen_t* size) const {
    return tell(self_, self_size_, family_, address, size);
}

int Connection::peer_address(sockaddr* address, socklen_t* size) {
    settle();
    if (state_ != State::kConnected) return fail(ENOTCONN);
    return tell(other_, other_size_, family_, address, size);
}

// ---- moving bytes

int Connection::ready() {
    if (listens_) return accepted_.empty() ? 0 : UV_READABLE;
    if (state_ == State::kConnecting) {
        if (!decided_) return by_chance(Chances::kReadiness, 16) ? UV_WRITABLE : 0;
        settle();
        return UV_WRITABLE | (error_ != 0 ? UV_READABLE : 0);
    }
    if (state_ == State::kNew) return UV_READABLE | UV_WRITABLE;
    if (error_ != 0) return UV_READABLE | UV_WRITABLE;
    const bool readable = !in_->bytes.empty() || in_->ended;
    const bool writable = out_->bytes.size() < out_->capacity || out_->abandoned || out_->ended;
    return (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
}

ssize_t Connection::receive(msghdr& message) {
    message.msg_flags = 0;
    if (is_disturbed()) return -1;
    if (state_ != State::kConnected) return fail(error_ != 0 ? std::exchange(error_, 0) : ENOTCONN);
    if (family_ != AF_UNIX && fails(Failure::kReset)) lose(ECONNRESET);
    if (!in_->bytes.empty()) return take_bytes(*in_, message);
    if (error_ != 0) return fail(std::exchange(error_, 0));
    return in_->ended ? 0 : fail(EAGAIN);
}

ssize_t Connection::send(const msghdr& message, int how) {
    if (is_disturbed()) return -1;
    if (state_ != State::kConnected) return fail(error_ != 0 ? std::exchange(error_, 0) : ENOTCONN);
    if (family_ != AF_UNIX && fails(Failure::kReset)) lose(ECONNRESET);
    if (error_ != 0) return fail(std::exchange(error_, 0));
    if ((out_->ended || out_->abandoned) && (how & MSG_NOSIGNAL) == 0) schedules::fail("a call raises SIGPIPE");
    if (out_->ended) return fail(EPIPE);
    if (!out_->abandoned) return put_bytes(*out_, message);
    // The peer has closed. TCP takes one more send if the peer's reset has not arrived yet.
    if (family_ == AF_UNIX || random_below(2) == 0) return fail(EPIPE);
    out_->ended = true;
    return static_cast<ssize_t>(size_of(message));
}

int Connection::shut_down(int how) {
    settle();
    if (state_ != State::kConnected) return fail(ENOTCONN);
    if (how != SHUT_RD) out_->ended = true;
    if (how != SHUT_WR && family_ == AF_UNIX) in_->abandoned = true;
    schedules::descriptors_changed();
    return 0;
}

// ---- the end

// Loses the connection: both ends get the error. TCP may lose bytes that the receiver has not read.
void Connection::lose(int error) {
    if (in_ == nullptr) return;
    for (const auto& channel : {in_, out_}) {
        if (family_ != AF_UNIX && by_chance(Chances::kFailures, 2) && !channel->bytes.empty())
            channel->bytes.resize(random_below(channel->bytes.size()));
        channel->ended = channel->abandoned = true;
    }
    error_ = error;
    if (const auto peer = peer_.lock()) {
        peer->error_ = error;
        peer->decided_ = true;
    }
    schedules::descriptors_changed();
}

void Connection::close() {
    if (listens_) {
        listens_ = false;
        for (const auto& each : std::exchange(accepted_, {})) each->lose(ECONNRESET);
        for (const auto& each : std::exchange(waiting_, {}))
            if (const auto dialed = each.lock()) dialed->decide(ECONNREFUSED);
        if (family_ != AF_UNIX) ports().erase({family_, port_of(self_)});
    }
    if (in_ != nullptr) {
        const auto peer = peer_.lock();
        if (peer != nullptr && !in_->bytes.empty()) peer->error_ = ECONNRESET;
        out_->ended = true;
        in_->abandoned = true;
    }
    schedules::descriptors_changed();
}

void reset_ports() { ports().clear(); }

}  // namespace simulation::kernel
