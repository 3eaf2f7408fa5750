// What the system's errors are called in NNG's vocabulary.
#pragma once

#include <nng/nng.h>

namespace naio {

// The code for a value of errno; NNG_ESYSERR plus the number for those that have no code of their own. NNG's
// table, and EMSGSIZE.
[[nodiscard]] nng_err system_error(int number) noexcept;

// Returns the code for a system call on a descriptor that the program has handed over. If the descriptor is not open,
// the program has given a wrong value: NNG_EINVAL.
[[nodiscard]] nng_err error_of_handed_over(int number) noexcept;

}  // namespace naio
