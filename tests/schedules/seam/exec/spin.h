// Stands in the place of src/exec/spin.h: one look, then others run, then another look. More would only repeat that.
#pragma once

#include <chrono>

#include "scheduler.h"

namespace naio {

inline void pause_cpu() noexcept {}

template <class Done>
bool spin_until(Done done, std::chrono::nanoseconds) noexcept {
    if (done()) return true;
    schedules::yield();
    return done();
}

}  // namespace naio
