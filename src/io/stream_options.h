// Reads the options of a stream from the system. Which ones there are depends on the kind of socket.
#pragma once

#include <nng/nng.h>

#include "io/endpoint.h"
#include "io/option.h"

namespace naio {

// NNG_ENOTSUP: there is no such option; NNG_EBADTYPE: it has another type.
[[nodiscard]] nng_err get_stream_option(int fd, StreamKind kind, const char* name, OptionRoom room) noexcept;

}  // namespace naio
