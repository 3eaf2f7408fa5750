#include "io/nng1_address.h"

#include <cstring>

namespace naio {

namespace {

// The number of NNG 1's family of ZeroTier, which is that of abstract addresses in NNG 2.
constexpr std::uint16_t kZeroTier = 5;

}  // namespace

nng_sockaddr from_nng1(const Nng1Address& from) noexcept {
    nng_sockaddr to = from.common;
    if (from.family == kZeroTier) to.s_family = NNG_AF_UNSPEC;
    if (from.family == Nng1Address::kAbstract) to.s_family = NNG_AF_ABSTRACT;
    if (from.family != NNG_AF_INET6) return to;
    to.s_in6.sa_scope = from.in6.scope;
    std::memcpy(to.s_in6.sa_addr, from.in6.address, sizeof(to.s_in6.sa_addr));
    return to;
}

Nng1Address to_nng1(const nng_sockaddr& from) noexcept {
    Nng1Address to{};
    to.common = from;
    if (from.s_family == NNG_AF_ABSTRACT) to.family = Nng1Address::kAbstract;
    if (from.s_family != NNG_AF_INET6) return to;
    to.in6.scope = from.s_in6.sa_scope;
    std::memcpy(to.in6.address, from.s_in6.sa_addr, sizeof(to.in6.address));
    return to;
}

}  // namespace naio
