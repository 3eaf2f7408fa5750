// Reads the clocks of the system. Tests that simulate time replace this header with one of their own. clock.h has
// everything else about time.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace naio {

using Nanoseconds = std::int64_t;

// Returns the time of a clock of the system, such as a thread's processor time; 0 if the system cannot tell.
inline Nanoseconds read_clock(clockid_t clock) noexcept {
    std::timespec time{};
    if (clock_gettime(clock, &time) != 0) return 0;
    return Nanoseconds{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline Nanoseconds now() noexcept {
#if defined(__linux__)
    std::timespec time;  // the clock of std::chrono, without a call of the C++ library
    clock_gettime(CLOCK_MONOTONIC, &time);
    return Nanoseconds{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
#else
    const auto since_epoch = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
#endif
}

}  // namespace naio
