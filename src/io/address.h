// Addresses: nng_sockaddr, what the system takes for it, and text. Pure functions, any thread.
#pragma once

#include <nng/nng.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

namespace naio {

// An address as system calls take and give it.
struct SystemAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);  // of what is valid in the storage

    [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

// False if the system has no such address: another family, or a name that is empty or too long. An abstract address
// without a name is the one that lets the system choose.
[[nodiscard]] bool to_system(const nng_sockaddr& from, SystemAddress& to) noexcept;

// False, with NNG_AF_UNSPEC, if nng_sockaddr has no such address. A Unix socket without a name is an abstract one.
bool from_system(const SystemAddress& from, nng_sockaddr& to) noexcept;

// True for an IPv4 address that is written as one of IPv6. A socket for IPv6 alone can neither have nor reach it.
[[nodiscard]] bool is_mapped_ipv4(const nng_sockaddr& address) noexcept;

// Reads an IPv4 or IPv6 address in numbers, the latter with or without a scope ("fe80::1%eth0"), if it is of `family`:
// NNG_AF_INET, NNG_AF_INET6, or NNG_AF_UNSPEC for both. `port` is in the machine's byte order.
[[nodiscard]] bool numeric_address(const char* host, std::uint16_t port, int family, nng_sockaddr& to) noexcept;

// See nng_str_sockaddr and the others in <nng/nng.h>.
const char* text_of(const nng_sockaddr& address, char* buffer, std::size_t size) noexcept;
[[nodiscard]] std::uint16_t port_of(const nng_sockaddr& address) noexcept;
[[nodiscard]] bool equal(const nng_sockaddr& a, const nng_sockaddr& b) noexcept;
[[nodiscard]] std::uint64_t hash_of(const nng_sockaddr& address) noexcept;

}  // namespace naio
