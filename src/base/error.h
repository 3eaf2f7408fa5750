// Returns texts for the error codes.
#pragma once

#include <nng/nng.h>

namespace naio {

// Never NULL. Any thread. For numbers that have no text of their own, the string is valid until the
// calling thread's next call. An int, as codes of the system and of transports are sums that no enumerator names.
[[nodiscard]] const char* error_text(int code) noexcept;

}  // namespace naio
