// A timerfd of the monotonic clock: the descriptor of an Alarm and of a Watchdog on Linux.
#pragma once

#include "base/clock.h"
#include "base/os.h"

namespace naio {

// Returns -1, with errno, if the system refuses. `flags` are added to TFD_CLOEXEC.
[[nodiscard]] inline int open_timer_descriptor(int flags) noexcept {
    return os::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | flags);
}

// Makes the descriptor readable at `deadline`, in place of its former time. A deadline that has passed makes it
// readable at once, kNever does not make it readable at all.
inline void set_timer_descriptor(int descriptor, Nanoseconds deadline) noexcept {
    constexpr Nanoseconds kEarliest = 1;  // zero would disarm it
    itimerspec when{};
    if (deadline != kNever) when.it_value = timespec_of(deadline < kEarliest ? kEarliest : deadline);
    os::timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace naio
