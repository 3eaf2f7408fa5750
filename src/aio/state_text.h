// The state of a handle as text, for panic lines, dumps and debuggers.
#pragma once

#include <array>

#include "aio/state.h"

namespace naio {

// Room for all flags and the generation, for example "PENDING CANCELING, operation 7".
using StateText = std::array<char, 160>;

// Returns the names of the flags that say what the handle is doing, "idle" if the handle is not busy, and the
// generation.
[[nodiscard]] StateText describe(State state) noexcept;

}  // namespace naio
