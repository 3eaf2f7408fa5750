// The library's clock: nanoseconds that never run backwards, on the same scale as nng_clock() and CLOCK_MONOTONIC.
#pragma once

#include <cstdint>
#include <limits>

#include "base/now.h"

namespace naio {

inline constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();
inline constexpr Nanoseconds kMillisecond = 1'000'000;

// A moment in nng_clock's milliseconds. One that is too far away is never.
inline Nanoseconds from_milliseconds(std::uint64_t time) noexcept {
    constexpr auto kLast = static_cast<std::uint64_t>(kNever / kMillisecond);
    return time < kLast ? static_cast<Nanoseconds>(time) * kMillisecond : kNever;
}

// The end of a wait of so many milliseconds that begins now; negative: never.
inline Nanoseconds deadline_after(std::int32_t milliseconds) noexcept {
    if (milliseconds < 0) return kNever;
    return milliseconds == 0 ? 0 : now() + milliseconds * kMillisecond;
}

}  // namespace naio
