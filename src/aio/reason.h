// The reason why an operation is asked to end.
#pragma once

#include <nng/nng.h>

#include "base/fault.h"

namespace naio {

// The code that a request gives as its reason. NNG_ECANCELED replaces NNG_OK: otherwise an operation that a request has
// ended would look like one that has succeeded. The functions that pass a request on take a Reason, so they need not
// replace NNG_OK themselves.
class Reason {
  public:
    constexpr Reason(nng_err code) noexcept
        : code_(code != NNG_OK || NAIO_FAULT(abort_succeeds) ? code : NNG_ECANCELED) {}
    constexpr operator nng_err() const noexcept { return code_; }

  private:
    nng_err code_;
};

}  // namespace naio
