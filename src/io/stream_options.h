// The options that a stream has, by what lies below it. They are asked of the system.
#pragma once

#include <nng/nng.h>

#include "io/endpoint.h"
#include "io/option.h"

namespace naio {

// NNG_ENOTSUP: there is no such option; NNG_EBADTYPE: it has another type.
[[nodiscard]] nng_err get_stream_option(int number, StreamKind kind, const char* name, OptionRoom room) noexcept;

}  // namespace naio
