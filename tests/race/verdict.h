// Functions that report a broken rule as a failure of the running race test.
#pragma once

#include <cstdint>

namespace race {

// verify() checks a rule, and complain() reports a broken one. Any thread may call them, also inside a callback.
void complain(const char* rule);
inline void verify(bool holds, const char* rule) {
    if (!holds) [[unlikely]]
        complain(rule);
}

// True if the running test has found a broken rule. Such a test ends early.
[[nodiscard]] bool failed();
void forget_failures();

// Returns the time in nanoseconds of CLOCK_MONOTONIC, which also measures timeouts.
[[nodiscard]] std::int64_t now_ns();

}  // namespace race
