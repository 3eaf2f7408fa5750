// Returns texts for the error codes.
#pragma once

#include <nng/nng.h>

namespace naio {

// Returns the text of a code, never NULL. Any thread. For a number that has no text of its own, the string is valid
// until the calling thread's next call. The parameter is an int, because codes of the system and of transports are
// sums that are not enumerators.
[[nodiscard]] const char* error_text(int code) noexcept;

}  // namespace naio
