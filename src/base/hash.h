// Hashes, among them one for the address of a handle or of another object that waiters wait for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace naio {

// Returns a number below 2^bits, which depends on every bit of the key.
inline std::size_t multiplicative_hash(std::uint64_t key, unsigned bits) noexcept {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> (64 - bits));
}

// Returns a number below 2^bits. Handles are aligned to cache lines of 64 bytes, so the lowest bits of their addresses
// tell nothing.
inline std::size_t hash_of_address(const void* address, unsigned bits) noexcept {
    return multiplicative_hash(reinterpret_cast<std::uintptr_t>(address) >> 6, bits);
}

}  // namespace naio
