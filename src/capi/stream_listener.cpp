// Defines nng_stream_listener_*: listeners, which accept connections.
#include "io/stream_listener.h"

#include <nng/nng.h>

#include "capi/endpoint.h"
#include "capi/operation.h"

using naio::checked;
using naio::startable;

extern "C" {

NAIO_ENDPOINT_FUNCTIONS(nng_stream_listener)

// Returns NNG_ECLOSED while the library is down, because it then has no poller, and starts no operation such as a
// look-up of the host.
nng_err nng_stream_listener_listen(nng_stream_listener* listener) {
    naio::StreamListener& listens = checked(listener, __func__);
    const naio::LibraryState state = naio::runtime().services().state.load(std::memory_order_relaxed);
    return state != naio::LibraryState::kDown ? listens.listen() : NNG_ECLOSED;
}

void nng_stream_listener_accept(nng_stream_listener* listener, nng_aio* aio) {
    checked(listener, __func__).accept(startable(aio, naio::Api::nng_stream_listener_accept));
}

nng_err nng_stream_listener_set_security_descriptor(nng_stream_listener* listener, void*) {
    naio::require(listener, __func__);
    return NNG_ENOTSUP;
}

}  // extern "C"
