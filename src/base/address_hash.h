// A hash of the address of a handle, or of another object that waiters wait for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace naio {

// Returns a number below 2^bits. Handles are aligned to cache lines of 64 bytes, so the lowest bits of their addresses
// tell nothing. A multiplicative hash spreads the other bits.
inline std::size_t hash_of_address(const void* address, unsigned bits) noexcept {
    const auto key = reinterpret_cast<std::uintptr_t>(address) >> 6;
    return static_cast<std::size_t>((static_cast<std::uint64_t>(key) * 0x9e3779b97f4a7c15u) >> (64 - bits));
}

}  // namespace naio
