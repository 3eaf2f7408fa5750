// The texts of the error codes.
#pragma once

#include <nng/nng.h>

namespace naio {

// Returns the text of a code, never NULL. Any thread. The text of an enumerator is valid forever; the text of any other
// code is valid until the calling thread calls error_text again. The parameter is an int, because codes of the system
// and of transports are sums that are not enumerators.
[[nodiscard]] const char* error_text(int code) noexcept;

}  // namespace naio
