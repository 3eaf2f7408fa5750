// Stands in the place of src/base/now.h: the time is the scheduler's. It stands still while threads run, but for a
// nanosecond per look, and passes when all threads wait.
#pragma once

#include <cstdint>

#include "scheduler.h"

namespace naio {

using Nanoseconds = std::int64_t;

inline Nanoseconds now() noexcept { return schedules::now(); }

}  // namespace naio
