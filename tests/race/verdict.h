// The rules that the race tests check, and whether one was broken.
#pragma once

#include <cstdint>

namespace race {

// Checks a rule, on any thread, also inside a callback.
void complain(const char* rule);
inline void verify(bool holds, const char* rule) {
    if (!holds) [[unlikely]]
        complain(rule);
}

// True if the test that runs has found a broken rule. Then it does not go on.
[[nodiscard]] bool failed();
void forget_failures();

// Nanoseconds of the clock that timeouts run on.
[[nodiscard]] std::int64_t now_ns();

}  // namespace race
