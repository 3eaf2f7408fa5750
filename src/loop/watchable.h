// Tells which descriptors a poller can watch.
#pragma once

#include <nng/nng.h>

namespace naio {

// Sets `watchable` if the system tells when the descriptor can be read from or written to, as it does for pipes,
// sockets and terminals, but not for regular files. An error: it could not be asked.
[[nodiscard]] nng_err is_watchable(int descriptor, bool& watchable) noexcept;

}  // namespace naio
