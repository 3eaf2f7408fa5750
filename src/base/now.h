// The present time. Tests that simulate time replace this header with one of their own. clock.h has everything else
// about time.
#pragma once

#include <chrono>
#include <cstdint>

namespace naio {

using Nanoseconds = std::int64_t;

inline Nanoseconds now() noexcept {
    const auto since_epoch = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
}

}  // namespace naio
