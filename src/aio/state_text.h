// The state of a handle as text, for the line of a panic and for debuggers.
#pragma once

#include <array>

#include "aio/state.h"

namespace naio {

// Room for all flags and the generation, for example "PENDING CANCELING, operation 7".
using StateText = std::array<char, 160>;

[[nodiscard]] StateText describe(State state) noexcept;

}  // namespace naio
