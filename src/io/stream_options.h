// Reads the options of a stream from the system. Each kind of socket has its own options.
#pragma once

#include <nng/nng.h>

#include "io/endpoint.h"
#include "io/option.h"

namespace naio {

// Fails with NNG_ENOTSUP if there is no such option, and with NNG_EBADTYPE if the option has another type.
[[nodiscard]] nng_err get_stream_option(int fd, StreamKind kind, const char* name, OptionRoom room) noexcept;

// Sets the option. Fails as get_stream_option does, and with NNG_EREADONLY if the option can only be read.
[[nodiscard]] nng_err set_stream_option(int fd, StreamKind kind, const char* name, OptionValue value) noexcept;

}  // namespace naio
