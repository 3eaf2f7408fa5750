// Takes the place of src/base/clock.h: the clock moves only when a test moves it.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "../../execution.h"

namespace naio {

using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();
inline constexpr Nanoseconds kMillisecond = 1'000'000;

inline Nanoseconds now() noexcept { return weak_memory::execution.clock; }

inline Nanoseconds from_milliseconds(std::uint64_t time) noexcept {
    constexpr auto kLast = static_cast<std::uint64_t>(kNever / kMillisecond);
    return time < kLast ? static_cast<Nanoseconds>(time) * kMillisecond : kNever;
}

inline Nanoseconds deadline_after(std::int32_t milliseconds) noexcept {
    if (milliseconds < 0) return kNever;
    return milliseconds == 0 ? 0 : now() + milliseconds * kMillisecond;
}

}  // namespace naio
