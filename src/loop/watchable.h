// Tells which descriptors a poller can watch.
#pragma once

#include <nng/nng.h>

namespace naio {

// Sets `watchable` to true if the system can report when the descriptor is readable or writable, as it can for pipes,
// sockets and terminals, but not for regular files. Returns an error if the check failed.
[[nodiscard]] nng_err is_watchable(int descriptor, bool& watchable) noexcept;

}  // namespace naio
