// The clock with which tests measure time.
#pragma once

#include <cstdint>
#include <ctime>

namespace support {

// Returns the time of CLOCK_MONOTONIC in nanoseconds.
inline std::int64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline constexpr std::int64_t kMillisecond = 1'000'000;

}  // namespace support
