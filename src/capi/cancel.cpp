// Defines the functions naio_aio_*, which naio adds to NNG's functions on handles. dump.cpp defines naio_aio_set_name,
// and queue.cpp defines naio_aio_set_queue.
#include <naio/naio.h>

#include "aio/aio.h"
#include "base/clock.h"
#include "capi/operation.h"
#include "msg/message.h"

using naio::Aio;
using naio::checked;
using naio::finishable;
using naio::startable;
using naio::typed;

extern "C" {

bool naio_aio_cancel(nng_aio* aio, naio_cancel types, nng_err reason) {
    if (aio == nullptr) return false;
    aio->require_not_forked(__func__);
    return aio->cancel(types, naio::Reason(reason));
}

naio_cancel naio_aio_outcome(nng_aio* aio) { return checked(aio, __func__).outcome(); }

void naio_aio_set_timeout_types(nng_aio* aio, naio_cancel types) { checked(aio, __func__).set_timeout_types(types); }

void naio_aio_limit(nng_aio* aio, nng_time deadline) { checked(aio, __func__).limit(deadline); }

void naio_aio_close(nng_aio* aio) {
    if (aio != nullptr) aio->close();
}

void naio_aio_reap_then(nng_aio* aio, void (*function)(void*), void* argument) {
    if (function == nullptr) return nng_aio_reap(aio);
    if (aio == nullptr) return function(argument);
    aio->require_not_given_up(__func__);
    aio->reap_then({function, argument});
}

bool naio_aio_wait_until(nng_aio* aio, nng_time deadline) {
    if (aio == nullptr || !aio->busy()) return true;
    aio->require_not_forked(__func__);
    return aio->wait_until(naio::from_milliseconds(deadline));
}

bool naio_aio_post(nng_aio* aio) { return aio != nullptr && aio->post(); }

bool naio_aio_posted(nng_aio* aio) { return checked(aio, __func__).runs_for_post(); }

void naio_aio_bind_slot(nng_aio* aio, naio_slot* slot, naio_cancel filter) {
    Aio& handle = checked(aio, __func__);
    handle.require_none_in_flight(__func__);
    handle.bind_slot(slot, filter);
}

naio_slot* naio_aio_bound_slot(nng_aio* aio) { return checked(aio, __func__).bound_slot(); }

bool naio_aio_start(nng_aio* aio, naio_cancel guarantee, naio_cancelfn cancel, void (*release)(void*), void* argument) {
    return startable(aio, naio::Api::naio_aio_start)
        .start({.guarantee = guarantee, .cancel = cancel, .release = release, .argument = argument});
}

naio_cancel naio_aio_permit(nng_aio* aio, naio_cancel guarantee) { return typed(aio, __func__).permit(guarantee); }

naio_cancel naio_aio_cancelled(nng_aio* aio) { return typed(aio, __func__).cancelled(); }

naio_cancel naio_aio_acknowledge(nng_aio* aio, naio_cancel clear) { return typed(aio, __func__).acknowledge(clear); }

nng_err naio_aio_reason(nng_aio* aio) { return checked(aio, __func__).reason(); }

size_t naio_aio_add_count(nng_aio* aio, size_t count) { return finishable(aio, __func__).add_count(count); }

void naio_aio_finish(nng_aio* aio, nng_err result, size_t count) { finishable(aio, __func__).finish({result, count}); }

void naio_aio_finish_msg(nng_aio* aio, nng_msg* message) {
    Aio& handle = finishable(aio, __func__);
    handle.finish({NNG_OK, checked(message, __func__).body().size(), message});
}

void naio_aio_finish_sync(nng_aio* aio, nng_err result, size_t count) {
    finishable(aio, __func__).finish_inline({result, count});
}

nng_duration naio_aio_get_timeout(nng_aio* aio) { return checked(aio, __func__).timeout(); }

void naio_aio_default_timeout(nng_aio* aio, nng_duration timeout) {
    Aio& handle = checked(aio, __func__);
    handle.require_none_in_flight(__func__);
    handle.set_default_timeout(timeout);
}

unsigned naio_aio_get_iov(nng_aio* aio, const nng_iov** vectors) {
    naio::require(vectors, __func__);
    return checked(aio, __func__).vectors(vectors);
}

size_t naio_aio_iov_advance(nng_aio* aio, size_t count) { return checked(aio, __func__).advance_vectors(count); }

void naio_aio_set_data(nng_aio* aio, unsigned index, void* value) {
    Aio& handle = checked(aio, __func__);
    handle.require_word(__func__, index);
    handle.set_data(index, value);
}

void* naio_aio_get_data(nng_aio* aio, unsigned index) {
    Aio& handle = checked(aio, __func__);
    handle.require_word(__func__, index);
    return handle.data(index);
}

naio_slot* naio_aio_slot(nng_aio* aio) { return checked(aio, __func__).slot(); }

bool naio_aio_forward(nng_aio* aio, naio_cancel types, nng_err reason) {
    const naio::Types known = types & naio::kAllTypes;
    Aio& handle = checked(aio, __func__);
    handle.require_not_forked(__func__);
    return handle.forward(known, known, reason, known & ~handle.accepted());
}

}  // extern "C"
