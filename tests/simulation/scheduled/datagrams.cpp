// UDP of the simulated system: datagrams arrive whole, once and in order, unless the receiver has no room.
#include <netinet/in.h>
#include <uv.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "failures.h"
#include "kernel.h"
#include "simulated_uv.h"

namespace simulation::kernel {

namespace {

constexpr std::size_t kRoom = 100;  // the number of datagrams that a socket holds
constexpr std::size_t kLongest = 65507;
constexpr std::uint16_t kFirstPort = 40'000;

using Sockets = std::map<std::pair<int, std::uint16_t>, std::weak_ptr<DatagramSocket>>;
Sockets& sockets() {
    static Sockets instance;
    return instance;
}

std::uint16_t& next_port() {
    static std::uint16_t next = kFirstPort;
    return next;
}

in_port_t& port_in(sockaddr_storage& address) {
    return reinterpret_cast<sockaddr_in&>(address).sin_port;  // sin6_port is in the same place
}

}  // namespace

std::uint16_t take_port(sockaddr_storage& address, bool datagrams) {
    in_port_t& port = port_in(address);
    if (port == 0) port = htons(next_port()++);
    if (!datagrams) return ntohs(port);
    const auto at = sockets().find({address.ss_family, ntohs(port)});
    return at != sockets().end() && !at->second.expired() ? 0 : ntohs(port);
}

int DatagramSocket::bind(const sockaddr* address, socklen_t size) {
    std::memcpy(&self_, address, size);
    const std::uint16_t port = take_port(self_, true);
    if (port == 0) return fail(EADDRINUSE);
    self_size_ = size;
    sockets()[{family_, port}] = weak_from_this();
    return 0;
}

int DatagramSocket::self_address(sockaddr* address, socklen_t* size) const {
    std::memcpy(address, &self_, std::min(self_size_, *size));
    *size = self_size_;
    return 0;
}

int DatagramSocket::ready() { return UV_WRITABLE | (arrived_.empty() ? 0 : UV_READABLE); }

ssize_t DatagramSocket::receive(msghdr& message) {
    message.msg_flags = 0;
    if (is_disturbed()) return -1;
    if (arrived_.empty()) return fail(EAGAIN);
    const Datagram datagram = arrived_.front();
    arrived_.pop_front();
    std::size_t done = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
        const std::size_t size = std::min(message.msg_iov[i].iov_len, datagram.bytes.size() - done);
        if (size != 0) std::memcpy(message.msg_iov[i].iov_base, datagram.bytes.data() + done, size);
        done += size;
    }
    if (done < datagram.bytes.size()) message.msg_flags |= MSG_TRUNC;
    if (message.msg_name != nullptr) {
        std::memcpy(message.msg_name, &datagram.from, std::min(message.msg_namelen, datagram.size));
        message.msg_namelen = datagram.size;
    }
    return static_cast<ssize_t>(done);
}

ssize_t DatagramSocket::send(const msghdr& message, int) {
    if (is_disturbed()) return -1;
    if (message.msg_name == nullptr) return fail(EDESTADDRREQ);
    if (fails(Failure::kBuffers)) return fail(ENOBUFS);
    Datagram datagram{{}, self_, self_size_};
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
        const auto* const bytes = static_cast<const std::uint8_t*>(message.msg_iov[i].iov_base);
        datagram.bytes.insert(datagram.bytes.end(), bytes, bytes + message.msg_iov[i].iov_len);
    }
    if (datagram.bytes.size() > kLongest) return fail(EMSGSIZE);
    const auto size = static_cast<ssize_t>(datagram.bytes.size());
    auto& to = *static_cast<sockaddr_storage*>(message.msg_name);
    const auto at = sockets().find({family_, ntohs(port_in(to))});
    const auto receiver = at != sockets().end() ? at->second.lock() : nullptr;
    if (receiver != nullptr && receiver->arrived_.size() < kRoom) {
        receiver->arrived_.push_back(std::move(datagram));
        schedules::descriptors_changed();
    }
    return size;
}

void reset_datagrams() {
    sockets().clear();
    next_port() = kFirstPort;
}

}  // namespace simulation::kernel
