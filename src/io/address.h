// Addresses: converts between nng_sockaddr, the system's sockaddr and text. Any thread may call these functions.
#pragma once

#include <nng/nng.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

namespace naio {

inline constexpr std::uint64_t kMaxPort = 65535;

// An address in the form that system calls use.
struct SystemAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);  // the number of valid bytes in the storage

    [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Converts to the system's form. False if the address is not an IPv4, IPv6, path or abstract address, if its path is
// empty, or if its path or name is too long. If an abstract address has no name, the system chooses a name.
[[nodiscard]] bool to_system(const nng_sockaddr& from, SystemAddress& to) noexcept;

// Converts from the system's form. Stores NNG_AF_UNSPEC and returns false if nng_sockaddr cannot express the address.
// The address of a Unix socket without a name becomes an abstract one.
bool from_system(const SystemAddress& from, nng_sockaddr& to) noexcept;

// True for an IPv4 address that is written as an IPv6 address (::ffff:192.0.2.1). A socket that is for IPv6 alone can
// neither be bound to such an address nor reach it.
[[nodiscard]] bool is_mapped_ipv4(const nng_sockaddr& address) noexcept;

// The implementations of nng_str_sockaddr, nng_sockaddr_port, nng_sockaddr_equal and nng_sockaddr_hash; <nng/nng.h>
// describes them.
const char* text_of(const nng_sockaddr& address, char* buffer, std::size_t size) noexcept;
[[nodiscard]] std::uint16_t port_of(const nng_sockaddr& address) noexcept;
[[nodiscard]] bool equal(const nng_sockaddr& a, const nng_sockaddr& b) noexcept;
[[nodiscard]] std::uint64_t hash_of(const nng_sockaddr& address) noexcept;

}  // namespace naio
