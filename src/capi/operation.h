// The checks that public functions make of the handle of an operation. `call` is the public function's name, __func__:
// if the program has broken the contract, they stop it with a line that names the function.
#pragma once

#include "aio/aio.h"
#include "capi/handle.h"

namespace naio {

// Returns the handle with which the function starts an operation.
inline Aio& startable(nng_aio* handle, const char* call) noexcept {
    Aio& aio = checked(handle, call);
    aio.require_startable(call);
    return aio;
}

// Returns the handle whose operation the function ends. It may be an operation that was never started.
inline Aio& finishable(nng_aio* handle, const char* call) noexcept {
    Aio& aio = checked(handle, call);
    aio.require_finishable(call);
    return aio;
}

// Returns the handle of an operation that naio_aio_start has started, if one is in flight.
inline Aio& typed(nng_aio* handle, const char* call) noexcept {
    Aio& aio = checked(handle, call);
    aio.require_typed(call);
    return aio;
}

}  // namespace naio
