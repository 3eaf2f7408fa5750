// Takes the place of src/exec/spin.h: spin_until checks, lets other threads run, and checks once more. More rounds
// would show no other schedules.
#pragma once

#include <chrono>

#include "scheduler.h"

namespace naio {

inline constexpr unsigned kAttemptsBeforeSleep = 2;

inline void pause_cpu() noexcept {}

template <class Done>
bool spin_until(Done done, std::chrono::nanoseconds) noexcept {
    if (done()) return true;
    schedules::yield();
    return done();
}

}  // namespace naio
