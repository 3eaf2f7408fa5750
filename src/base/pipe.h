// A pipe that executed programs do not inherit.
#pragma once

#include <nng/nng.h>

namespace naio {

enum class PipeMode : unsigned char { kBlocking, kNonBlocking };

// Opens a pipe, and stores the end to read from in ends[0] and the end to write to in ends[1]. If the system refuses,
// with NNG_ENOFILES or another error, no descriptor stays open. On systems with pipe2, an executed program does not
// inherit the ends even if another thread forks during this call.
[[nodiscard]] nng_err open_pipe(int (&ends)[2], PipeMode mode = PipeMode::kBlocking) noexcept;

}  // namespace naio
