// An operation that does nothing until a time has passed.
#pragma once

#include "aio/aio.h"

namespace naio {

// Completes with NNG_OK after `duration` milliseconds, or with NNG_ETIMEDOUT at the deadline of `aio` if the deadline
// is earlier. If `duration` is NNG_DURATION_INFINITE, the sleep lasts until it is cancelled or times out. If `duration`
// is zero, or a negative number other than NNG_DURATION_INFINITE, the sleep succeeds at once.
void sleep(Aio& aio, nng_duration duration) noexcept;

}  // namespace naio
