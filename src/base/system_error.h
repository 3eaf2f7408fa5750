// Translates errors of the system to NNG's codes.
#pragma once

#include <nng/nng.h>

namespace naio {

// Returns the code for a value of errno. The table is NNG's, and has EMSGSIZE in addition. For a value that is not in
// the table the code is NNG_ESYSERR plus the value.
[[nodiscard]] nng_err system_error(int number) noexcept;

}  // namespace naio
