// The reason why an operation is asked to end.
#pragma once

#include <nng/nng.h>

#include "base/fault.h"

namespace naio {

// The code that a request gives as its reason; NNG_OK is replaced by NNG_ECANCELED, because an operation that ended
// with NNG_OK because of a request would look like a success. No other code has to do this, because every request to an
// operation of the library carries a Reason.
class Reason {
  public:
    constexpr Reason(nng_err code) noexcept
        : code_(code != NNG_OK || NAIO_FAULT(abort_succeeds) ? code : NNG_ECANCELED) {}
    constexpr operator nng_err() const noexcept { return code_; }

  private:
    nng_err code_;
};

}  // namespace naio
