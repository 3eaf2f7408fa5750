// Translates errors of the system to NNG's codes.
#pragma once

#include <nng/nng.h>

namespace naio {

// Returns the code for a value of errno. The table is NNG's, and has EMSGSIZE in addition. For a value that is not in
// the table the code is NNG_ESYSERR plus the value.
[[nodiscard]] nng_err system_error(int number) noexcept;

// Returns the code for the errno of a system call on a descriptor that the program has handed over. EBADF becomes
// NNG_EINVAL, because the program has passed a descriptor that is not open.
[[nodiscard]] nng_err error_of_handed_over(int number) noexcept;

}  // namespace naio
