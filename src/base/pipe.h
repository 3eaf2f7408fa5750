// A pipe that executed programs do not inherit.
#pragma once

#include <nng/nng.h>

namespace naio {

enum class PipeMode : unsigned char { kBlocking, kNonBlocking };

// Stores the end to read from and the end to write to. NNG_ENOFILES, or another refusal of the system: nothing is left
// behind. Where pipe2 exists, no fork and exec of another thread can inherit the ends.
[[nodiscard]] nng_err open_pipe(int (&ends)[2], PipeMode mode = PipeMode::kBlocking) noexcept;

}  // namespace naio
