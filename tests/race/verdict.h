// What the tests find out.
#pragma once

#include <cstdint>

namespace race {

// A rule that must hold, checked on any thread, also inside a callback.
void complain(const char* rule);
inline void verify(bool holds, const char* rule) {
    if (!holds) [[unlikely]]
        complain(rule);
}

// Has the test that runs found a rule broken? Then there is no use in going on.
[[nodiscard]] bool failed();
void forget_failures();

// Nanoseconds of the clock that timeouts run on.
[[nodiscard]] std::int64_t now_ns();

}  // namespace race
