// The reason of a request that an operation end.
#pragma once

#include <nng/nng.h>

#include "base/fault.h"

namespace naio {

// The code of a request. If an operation ended with NNG_OK because of a request, that would look like success. So this
// replaces NNG_OK by NNG_ECANCELED. No other place does, because every request to an operation of the library has a
// Reason.
class Reason {
  public:
    constexpr Reason(nng_err code) noexcept
        : code_(code != NNG_OK || NAIO_FAULT(abort_succeeds) ? code : NNG_ECANCELED) {}
    constexpr operator nng_err() const noexcept { return code_; }

  private:
    nng_err code_;
};

}  // namespace naio
