// A pipe that executed programs do not inherit.
#pragma once

#include <nng/nng.h>

namespace naio {

enum class PipeMode : unsigned char { kBlocking, kNonBlocking };

// Stores the end to read from and the end to write to. On NNG_ENOFILES or another refusal of the system nothing is
// left behind. Where pipe2 exists, a child that another thread forks cannot pass the ends to a program that it
// executes.
[[nodiscard]] nng_err open_pipe(int (&ends)[2], PipeMode mode = PipeMode::kBlocking) noexcept;

}  // namespace naio
