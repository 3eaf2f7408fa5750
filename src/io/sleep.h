// An operation that does nothing until a time has passed.
#pragma once

#include "aio/aio.h"

namespace naio {

// Completes with NNG_OK after `duration` milliseconds, or with NNG_ETIMEDOUT at the aio's own timeout if that is
// earlier. NNG_DURATION_INFINITE sleeps until cancelled; zero and the other negative durations succeed at once.
void sleep(Aio& aio, nng_duration duration) noexcept;

}  // namespace naio
