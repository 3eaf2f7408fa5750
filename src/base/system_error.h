// Translates the system's errors to NNG's codes.
#pragma once

#include <nng/nng.h>

namespace naio {

// Returns the code for a value of errno: as in NNG's table, and for EMSGSIZE; otherwise NNG_ESYSERR plus the number.
[[nodiscard]] nng_err system_error(int number) noexcept;

// Returns the code for a system call on a descriptor that the program has handed over. If the descriptor is not open,
// the program has given a wrong value: NNG_EINVAL.
[[nodiscard]] nng_err error_of_handed_over(int number) noexcept;

}  // namespace naio
