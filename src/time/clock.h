// The library's clock: nanoseconds that never run backwards, on the same scale as nng_clock() and CLOCK_MONOTONIC.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace naio {

using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();
inline constexpr Nanoseconds kMillisecond = 1'000'000;

inline Nanoseconds now() noexcept {
    const auto since_epoch = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
}

}  // namespace naio
