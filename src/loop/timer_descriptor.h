// A timerfd of the monotonic clock: the descriptor of an Alarm and of a Watchdog on Linux.
#pragma once

#include "base/clock.h"
#include "base/os.h"

namespace naio {

// Returns a new descriptor. If the system refuses, returns -1 and sets errno. `flags` are added to TFD_CLOEXEC.
[[nodiscard]] inline int open_timer_descriptor(int flags) noexcept {
    return os::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | flags);
}

// Makes the descriptor readable at `deadline`, instead of the time that was set before. If the deadline has passed, the
// descriptor becomes readable at once; with kNever it never does.
inline void set_timer_descriptor(int descriptor, Nanoseconds deadline) noexcept {
    constexpr Nanoseconds kEarliest = 1;  // zero would disarm the descriptor
    itimerspec when{};
    if (deadline != kNever) when.it_value = timespec_of(deadline < kEarliest ? kEarliest : deadline);
    os::timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace naio
