// The time as tests measure it.
#pragma once

#include <cstdint>
#include <ctime>

namespace support {

// Nanoseconds of CLOCK_MONOTONIC.
inline std::int64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline constexpr std::int64_t kMillisecond = 1'000'000;

}  // namespace support
