// Sets of cancellation types (naio.h): the types that a request asks for, or that an operation guarantees.
#pragma once

#include <cstdint>

namespace naio {

using Types = std::uint32_t;

inline constexpr Types kTerminal = 1;
inline constexpr Types kPartial = 2;
inline constexpr Types kTotal = 4;
inline constexpr Types kAllTypes = kTerminal | kPartial | kTotal;

// Returns the set that has only the strongest of the types; 0 if `types` is 0.
constexpr Types strongest(Types types) noexcept {
    if ((types & kTotal) != 0) return kTotal;
    return (types & kPartial) != 0 ? kPartial : types & kTerminal;
}

// Returns the types that may be requested of a provider with this guarantee: the guarantee and all weaker types.
constexpr Types permitted_by(Types guarantee) noexcept {
    const Types strongest_type = strongest(guarantee);
    return strongest_type == 0 ? 0 : 2 * strongest_type - 1;
}

}  // namespace naio
