#include "io/udp.h"

#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/address.h"
#include "io/nng1_address.h"
#include "io/system_calls.h"
#include "io/vectors.h"

// Some systems define these options only under the names of RFC 3493.
#if !defined(IPV6_ADD_MEMBERSHIP)
#define IPV6_ADD_MEMBERSHIP IPV6_JOIN_GROUP
#define IPV6_DROP_MEMBERSHIP IPV6_LEAVE_GROUP
#endif

using naio::Aio;
using naio::Poller;
using naio::StreamServices;
using naio::SystemAddress;
using naio::Vectors;

namespace {

using Attempt = naio::Descriptor::Attempt;

constexpr int kBuffer = 1 << 20;  // as in NNG; the system may grant less

// Returns a datagram as sendmsg and recvmsg take it. The result points to memory of the arguments.
msghdr message(Vectors& vectors, SystemAddress& address) noexcept {
    msghdr message = vectors.message();
    message.msg_name = address.get();
    message.msg_namelen = address.size;
    return message;
}

// Returns the result of a change of membership. Systems differ in the errors for a group that is joined already, a
// group that is not joined, and an interface that does not exist. All of these become NNG_EADDRINVAL.
nng_err result_of(int returned) noexcept {
    if (returned == 0) return NNG_OK;
    const bool of_address = errno == EADDRINUSE || errno == ENODEV || errno == ENXIO;
    return of_address ? NNG_EADDRINVAL : naio::system_error(errno);
}

bool is_group(const SystemAddress& address) noexcept {
    if (address.get()->sa_family == AF_INET)
        return IN_MULTICAST(ntohl(reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr.s_addr));
    return IN6_IS_ADDR_MULTICAST(&reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
}

nng_err membership_ipv4(int fd, const SystemAddress& group, const SystemAddress& self, bool join) noexcept {
    ip_mreq request{};
    request.imr_multiaddr = reinterpret_cast<const sockaddr_in&>(group.storage).sin_addr;
    request.imr_interface = reinterpret_cast<const sockaddr_in&>(self.storage).sin_addr;
    const int option = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return result_of(naio::os::setsockopt(fd, IPPROTO_IP, option, &request, sizeof(request)));
}

nng_err membership_ipv6(int fd, const SystemAddress& group, const SystemAddress& self, bool join) noexcept {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(group.storage);
    const auto& own = reinterpret_cast<const sockaddr_in6&>(self.storage);
    ipv6_mreq request{};
    request.ipv6mr_multiaddr = address.sin6_addr;
    request.ipv6mr_interface = address.sin6_scope_id != 0 ? address.sin6_scope_id : own.sin6_scope_id;
    const int option = join ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP;
    return result_of(naio::os::setsockopt(fd, IPPROTO_IPV6, option, &request, sizeof(request)));
}

// Returns a socket that is bound. On an error sets errno and returns -1.
int bound_socket(const SystemAddress& address) noexcept {
    const int fd = naio::system_calls.socket(address.get()->sa_family, SOCK_DGRAM, IPPROTO_UDP);
    if (fd < 0) return -1;
    for (const int option : {SO_RCVBUF, SO_SNDBUF})
        naio::os::setsockopt(fd, SOL_SOCKET, option, &kBuffer, sizeof(kBuffer));
    if (address.get()->sa_family == AF_INET6) naio::set_socket_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, true);
    if (naio::system_calls.bind(fd, address.get(), address.size) == 0) return fd;
    const int error = errno;
    naio::os::close(fd);
    errno = error;
    return -1;
}

}  // namespace

nng_udp::nng_udp(const naio::Allocator& allocator, Poller& poller, int fd, int family, Addresses form) noexcept
    : Descriptor(poller, fd, receive, transmit), allocator_(allocator), family_(family), form_(form) {}

nng_err nng_udp::open(const StreamServices& services, const nng_sockaddr& given, nng_udp*& to,
                      Addresses form) noexcept {
    SystemAddress address;
    const bool internet = given.s_family == NNG_AF_INET || given.s_family == NNG_AF_INET6;
    if (!internet || naio::is_mapped_ipv4(given) || !naio::to_system(given, address)) return NNG_EADDRINVAL;
    Poller* poller = nullptr;
    const nng_err error = services.pollers.next(poller);
    if (error != NNG_OK) return error;
    const int fd = bound_socket(address);
    if (fd < 0) return naio::system_error(errno);
    auto* udp = services.allocator.create<nng_udp>(services.allocator, *poller, fd, given.s_family, form);
    if (udp == nullptr) {
        naio::os::close(fd);
        return NNG_ENOMEM;
    }
    to = udp;
    return NNG_OK;
}

void nng_udp::free() noexcept {
    stop();
    release();
}

nng_err nng_udp::name(nng_sockaddr& to) noexcept {
    return use([&to](int fd) {
        SystemAddress address;
        if (naio::os::getsockname(fd, address.get(), &address.size) != 0) return naio::system_error(errno);
        return naio::from_system(address, to) ? NNG_OK : NNG_EADDRINVAL;
    });
}

nng_err nng_udp::membership(const nng_sockaddr& given, bool join) noexcept {
    SystemAddress group;
    return use([&](int fd) {
        if (given.s_family != family_ || !naio::to_system(given, group)) return NNG_EADDRINVAL;
        if (!is_group(group)) return NNG_EINVAL;
        SystemAddress self;
        if (naio::os::getsockname(fd, self.get(), &self.size) != 0) return naio::system_error(errno);
        return family_ == NNG_AF_INET ? membership_ipv4(fd, group, self, join) : membership_ipv6(fd, group, self, join);
    });
}

Attempt nng_udp::receive(Descriptor& self, Aio& aio) noexcept {
    Vectors into(aio);
    SystemAddress sender;
    msghdr datagram = message(into, sender);
    const auto& udp = static_cast<nng_udp&>(self);
    const int fd = udp.fd();
    const ssize_t got = naio::uninterrupted([&] { return naio::system_calls.recvmsg(fd, &datagram, MSG_DONTWAIT); });
    if (got < 0) return failed_or_waiting(errno);
    sender.size = datagram.msg_namelen;
    udp.put_sender(aio, sender);
    const bool cut = (datagram.msg_flags & MSG_TRUNC) != 0 && !NAIO_FAULT(cut_datagram_looks_whole);
    return {.done = true, .result = cut ? NNG_EMSGSIZE : NNG_OK, .count = static_cast<std::size_t>(got)};
}

// Writes the sender's address to the memory that the program has given for it, if any.
void nng_udp::put_sender(const Aio& aio, const SystemAddress& sender) const noexcept {
    void* const to = aio.input(0);
    if (to == nullptr) return;
    nng_sockaddr address;
    naio::from_system(sender, address);
    if (form_ == Addresses::kNng1)
        *static_cast<naio::Nng1Address*>(to) = naio::to_nng1(address);
    else
        *static_cast<nng_sockaddr*>(to) = address;
}

// Stores the receiver's address. False if the program has set no address, if the address is not of the socket's family
// or is an IPv4 address in IPv6 form, or if its port is 0.
bool nng_udp::find_receiver(const Aio& aio, SystemAddress& to) const noexcept {
    const void* const from = aio.input(0);
    if (from == nullptr) return false;
    const nng_sockaddr given = form_ == Addresses::kNng1 ? naio::from_nng1(*static_cast<const naio::Nng1Address*>(from))
                                                         : *static_cast<const nng_sockaddr*>(from);
    if (given.s_family != family_ || naio::is_mapped_ipv4(given)) return false;
    return naio::port_of(given) != 0 && naio::to_system(given, to);
}

Attempt nng_udp::transmit(Descriptor& self, Aio& aio) noexcept {
    const auto& udp = static_cast<nng_udp&>(self);
    SystemAddress receiver;
    if (!udp.find_receiver(aio, receiver)) return {.done = true, .result = NNG_EADDRINVAL};
    Vectors from(aio);
    msghdr datagram = message(from, receiver);
    const int fd = udp.fd();
    const ssize_t put =
        naio::uninterrupted([&] { return naio::system_calls.sendmsg(fd, &datagram, MSG_DONTWAIT | MSG_NOSIGNAL); });
    if (put >= 0) return {.done = true, .count = static_cast<std::size_t>(put)};
    // For EINVAL, only the receiver's address can be the cause, for example a link-local address without an interface.
    if (errno == EINVAL) return {.done = true, .result = NNG_EADDRINVAL};
    return failed_or_waiting(errno);
}
