// Takes the place of src/base/now.h: the clock moves only when a test moves it, or a wait times out (mutex.h).
#pragma once

#include <chrono>
#include <cstdint>

#include "../../execution.h"

namespace naio {

using Nanoseconds = std::int64_t;

inline Nanoseconds now() noexcept { return weak_memory::execution.clock; }

}  // namespace naio
