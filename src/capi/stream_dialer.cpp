// Defines nng_stream_dialer_*: dialers, which make connections.
#include "io/stream_dialer.h"

#include <nng/nng.h>

#include "capi/endpoint.h"
#include "capi/operation.h"

using naio::checked;
using naio::startable;

extern "C" {

NAIO_ENDPOINT_FUNCTIONS(nng_stream_dialer)

void nng_stream_dialer_dial(nng_stream_dialer* dialer, nng_aio* aio) {
    checked(dialer, __func__).dial(startable(aio, naio::Api::nng_stream_dialer_dial));
}

}  // extern "C"
