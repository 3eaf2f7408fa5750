// The library's clock: nanoseconds that never run backwards, counted from the same moment as nng_clock() and
// CLOCK_MONOTONIC.
#pragma once

#include <cstdint>
#include <ctime>
#include <limits>

#include "base/now.h"

namespace naio {

inline constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();
inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1000 * kMillisecond;

// Converts a point in time from nng_clock's milliseconds to nanoseconds. Returns kNever if the result is too large.
inline Nanoseconds from_milliseconds(std::uint64_t time) noexcept {
    constexpr auto kLast = static_cast<std::uint64_t>(kNever / kMillisecond);
    return time < kLast ? static_cast<Nanoseconds>(time) * kMillisecond : kNever;
}

// Returns the deadline of a wait that begins now and has a timeout of `milliseconds`. A negative timeout gives kNever.
// A timeout of 0 gives 0, a deadline that has passed, without a read of the clock.
inline Nanoseconds deadline_after(std::int32_t milliseconds) noexcept {
    if (milliseconds < 0) return kNever;
    return milliseconds == 0 ? 0 : now() + milliseconds * kMillisecond;
}

// Converts a time to the form that system calls take.
constexpr std::timespec timespec_of(Nanoseconds time) noexcept {
    return {static_cast<std::time_t>(time / kSecond), static_cast<long>(time % kSecond)};
}

}  // namespace naio
