// The check that a public function makes of the handle of an operation that moves bytes to or from its vectors.
#pragma once

#include "aio/aio.h"

namespace naio {

// Returns the handle with which the function starts an operation. If the handle has no vectors, the program has
// probably forgotten nng_aio_set_iov: the operation moves 0 bytes, and a loop that waits for bytes never ends.
// Logs a warning for the first such handle of the process.
[[nodiscard]] Aio& with_vectors(nng_aio* handle, Api function) noexcept;

}  // namespace naio
