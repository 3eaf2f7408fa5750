// Takes the place of src/exec/spin.h: looks twice. A yield of
// Relacy in between would hide what older values do later: a thread that yields sees the newest values from then on.
#pragma once

#include <chrono>

#include "../../execution.h"

namespace naio {

inline void pause_cpu() noexcept {}

template <class Done>
bool spin_until(Done done, std::chrono::nanoseconds) noexcept {
    return done() || done();
}

}  // namespace naio
