// Addresses as NNG 1 has them. They differ from those of <nng/nng.h> in the order of the members of an IPv6 address,
// and in the number of the family of abstract addresses. Any thread may call these functions.
#pragma once

#include <nng/nng.h>

#include <cstdint>

namespace naio {

// nng_sockaddr of <naio/nng1.h>, which no file of the library includes, because it has other types with the names of
// <nng/nng.h>. The members that both have in common are those of nng_sockaddr. tests/io/nng1_test.cpp checks the
// layout.
union Nng1Address {
    static constexpr std::uint16_t kAbstract = 6;
    struct In6 {
        std::uint16_t family;
        std::uint16_t port;
        std::uint8_t address[16];
        std::uint32_t scope;
    };

    std::uint16_t family;
    In6 in6;
    nng_sockaddr common;
};
static_assert(sizeof(Nng1Address) == sizeof(nng_sockaddr));

[[nodiscard]] nng_sockaddr from_nng1(const Nng1Address& from) noexcept;
[[nodiscard]] Nng1Address to_nng1(const nng_sockaddr& from) noexcept;

}  // namespace naio
