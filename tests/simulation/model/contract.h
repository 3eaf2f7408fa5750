// Definitions that all parts of the model use: the types of requests, the guarantees that permit them, and moments.
#pragma once

#include <naio/naio.h>

#include <cstdint>
#include <initializer_list>

namespace simulation {

using Types = std::uint8_t;  // bits: TERMINAL 1, PARTIAL 2, TOTAL 4
inline constexpr Types kAll = 7;

enum class Moment : std::uint8_t { kPassed, kNear, kFar, kNever };

// Durations and moments that programs use.
inline constexpr int kNearMs = 1;
inline constexpr int kFarMs = 3'600'000;

// The types of requests that an operation with this guarantee permits.
inline Types permitted_by(Types guarantee) {
    if ((guarantee & NAIO_CANCEL_TOTAL) != 0) return 7;
    if ((guarantee & NAIO_CANCEL_PARTIAL) != 0) return 3;
    return guarantee & NAIO_CANCEL_TERMINAL;
}

inline Types strongest(Types types) {
    for (const Types type : {Types{4}, Types{2}})
        if ((types & type) != 0) return type;
    return types;
}

inline Moment moment_of(int milliseconds) {
    if (milliseconds == NNG_DURATION_INFINITE || milliseconds == NNG_DURATION_DEFAULT) return Moment::kNever;
    if (milliseconds <= 0) return Moment::kPassed;
    return milliseconds == kNearMs ? Moment::kNear : Moment::kFar;
}

inline int reason_or_canceled(int reason) { return reason != NNG_OK ? reason : NNG_ECANCELED; }

}  // namespace simulation
