// The rules that the race tests check, and whether one was broken.
#pragma once

#include <cstdint>

namespace race {

// verify() checks a rule, and complain() reports a broken one. Any thread may call them, also inside a callback.
void complain(const char* rule);
inline void verify(bool holds, const char* rule) {
    if (!holds) [[unlikely]]
        complain(rule);
}

// True if the running test has found a broken rule. The test then ends early.
[[nodiscard]] bool failed();
void forget_failures();

// Returns the time in nanoseconds, of the clock that timeouts run on.
[[nodiscard]] std::int64_t now_ns();

}  // namespace race
