// Defines nng_udp_*: UDP sockets.
#include "io/udp.h"

#include <nng/nng.h>

#include "base/panic.h"
#include "capi/forked.h"
#include "capi/operation.h"
#include "capi/with_vectors.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::startable;
using naio::with_vectors;

extern "C" {

int nng_udp_open(nng_udp** udp, nng_sockaddr* address) {
    naio::require(udp, __func__);
    if (address == nullptr) return NNG_EADDRINVAL;
    const nng_err error = naio::runtime().ensure(__func__);
    return error == NNG_OK ? nng_udp::open(naio::runtime().streams(), *address, *udp) : error;
}

void nng_udp_stop(nng_udp* udp) {
    if (naio::is_ours(udp)) udp->stop();
}

void nng_udp_close(nng_udp* udp) {
    if (naio::is_ours(udp)) udp->free();
}

int nng_udp_sockname(nng_udp* udp, nng_sockaddr* address) {
    return checked(udp, __func__).name(checked(address, __func__));
}

void nng_udp_send(nng_udp* udp, nng_aio* aio) { checked(udp, __func__).send(startable(aio, naio::Api::nng_udp_send)); }

void nng_udp_recv(nng_udp* udp, nng_aio* aio) {
    checked(udp, __func__).recv(with_vectors(aio, naio::Api::nng_udp_recv));
}

int nng_udp_multicast_membership(nng_udp* udp, nng_sockaddr* group, bool join) {
    return checked(udp, __func__).membership(checked(group, __func__), join);
}

}  // extern "C"
