// naio_aio_*: what naio adds to the handles.
#include <naio/naio.h>

#include "aio/aio.h"
#include "base/clock.h"
#include "capi/handle.h"
#include "msg/message.h"

using naio::checked;

extern "C" {

bool naio_aio_cancel(nng_aio* aio, naio_cancel types, nng_err reason) {
    return aio != nullptr && aio->cancel(types, naio::Reason(reason), __func__);
}

naio_cancel naio_aio_outcome(nng_aio* aio) { return checked(aio, __func__).outcome(); }

void naio_aio_set_timeout_types(nng_aio* aio, naio_cancel types) { checked(aio, __func__).set_timeout_types(types); }

void naio_aio_limit(nng_aio* aio, nng_time deadline) { checked(aio, __func__).limit(deadline); }

void naio_aio_close(nng_aio* aio) {
    if (aio != nullptr) aio->close();
}

bool naio_aio_wait_until(nng_aio* aio, nng_time deadline) {
    return aio == nullptr || aio->wait_until(naio::from_milliseconds(deadline), __func__);
}

void naio_aio_bind_slot(nng_aio* aio, naio_slot* slot, naio_cancel filter) {
    checked(aio, __func__).bind_slot(slot, filter, __func__);
}

naio_slot* naio_aio_bound_slot(nng_aio* aio) { return checked(aio, __func__).bound_slot(); }

bool naio_aio_start(nng_aio* aio, naio_cancel guarantee, naio_cancelfn cancel, void (*release)(void*), void* argument) {
    return checked(aio, __func__)
        .start({.guarantee = guarantee,
                .cancel = cancel,
                .release = release,
                .argument = argument,
                .release_may_block = true},
               __func__);
}

naio_cancel naio_aio_permit(nng_aio* aio, naio_cancel guarantee) {
    return checked(aio, __func__).permit(guarantee, __func__);
}

naio_cancel naio_aio_cancelled(nng_aio* aio) { return checked(aio, __func__).cancelled(__func__); }

naio_cancel naio_aio_acknowledge(nng_aio* aio, naio_cancel clear) {
    return checked(aio, __func__).acknowledge(clear, __func__);
}

nng_err naio_aio_reason(nng_aio* aio) { return checked(aio, __func__).reason(); }

void naio_aio_finish(nng_aio* aio, nng_err result, size_t count) {
    checked(aio, __func__).finish(result, count, __func__);
}

void naio_aio_finish_msg(nng_aio* aio, nng_msg* message) {
    nng_aio& handle = checked(aio, __func__);
    handle.finish(message, checked(message, __func__).body().size(), __func__);
}

void naio_aio_finish_sync(nng_aio* aio, nng_err result, size_t count) {
    checked(aio, __func__).finish_here(result, count, __func__);
}

nng_duration naio_aio_get_timeout(nng_aio* aio) { return checked(aio, __func__).timeout(); }

unsigned naio_aio_get_iov(nng_aio* aio, const nng_iov** vectors) {
    naio::require(vectors, __func__);
    return checked(aio, __func__).vectors(vectors);
}

size_t naio_aio_iov_advance(nng_aio* aio, size_t count) { return checked(aio, __func__).advance_vectors(count); }

naio_slot* naio_aio_slot(nng_aio* aio) { return checked(aio, __func__).slot(); }

bool naio_aio_forward(nng_aio* aio, naio_cancel types, nng_err reason) {
    const naio::Types known = types & naio::kAllTypes;
    return checked(aio, __func__).forward(known, known, reason);
}

}  // extern "C"
