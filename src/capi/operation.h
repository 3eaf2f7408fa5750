// The checks that public functions make of the handle of an operation. If the program has broken the contract, the
// check ends the process with a message that names the public function. `call` is the name of that function, __func__.
#pragma once

#include "aio/aio.h"
#include "capi/handle.h"

namespace naio {

// Returns the handle with which the function starts an operation.
inline Aio& startable(nng_aio* handle, Api function) noexcept {
    Aio& aio = checked(handle, name_of(function));
    aio.require_startable(name_of(function));
    aio.note_start(function);
    return aio;
}

// Returns the handle whose operation the function ends. The operation need not have been started.
inline Aio& finishable(nng_aio* handle, const char* call) noexcept {
    Aio& aio = checked(handle, call);
    aio.require_finishable(call);
    return aio;
}

// Returns the handle. If an operation is in flight on it, naio_aio_start has started that operation.
inline Aio& typed(nng_aio* handle, const char* call) noexcept {
    Aio& aio = checked(handle, call);
    aio.require_typed(call);
    return aio;
}

}  // namespace naio
