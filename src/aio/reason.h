// The reason of a request that an operation end.
#pragma once

#include <nng/nng.h>

#include "base/fault.h"

namespace naio {

// The code of a request. NNG_OK would read as the success of an operation that was ended, so it becomes NNG_ECANCELED:
// here and nowhere else, because every request to the library's operations carries one of these.
class Reason {
  public:
    constexpr Reason(nng_err code) noexcept
        : code_(code != NNG_OK || NAIO_FAULT(abort_succeeds) ? code : NNG_ECANCELED) {}
    constexpr operator nng_err() const noexcept { return code_; }

  private:
    nng_err code_;
};

}  // namespace naio
