// Defines nng_aio_* and nng_sleep_aio: the functions on handles that NNG has, for consumers and providers.
#include "aio/aio.h"

#include <nng/nng.h>

#include "base/panic.h"
#include "capi/operation.h"
#include "io/sleep.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::finishable;
using naio::startable;

extern "C" {

nng_err nng_aio_alloc(nng_aio** aio, void (*callback)(void*), void* argument) {
    naio::require(aio, __func__);
    const nng_err error = naio::runtime().ensure(__func__);
    if (error != NNG_OK) return error;
    nng_aio* created = naio::runtime().registry().create(callback, argument);
    if (created == nullptr) return NNG_ENOMEM;
    *aio = created;
    return NNG_OK;
}

void nng_aio_free(nng_aio* aio) {
    if (aio == nullptr) return;
    aio->require_not_given_up(__func__);
    aio->free();
}

void nng_aio_reap(nng_aio* aio) {
    if (aio == nullptr) return;
    aio->require_not_given_up(__func__);
    aio->reap();
}

void nng_aio_stop(nng_aio* aio) {
    if (aio != nullptr) aio->stop();
}

void nng_aio_abort(nng_aio* aio, nng_err reason) {
    if (aio == nullptr) return;
    aio->require_not_forked(__func__);
    aio->cancel(naio::kAllTypes, reason);
}

void nng_aio_cancel(nng_aio* aio) {
    if (aio == nullptr) return;
    aio->require_not_forked(__func__);
    aio->cancel(naio::kAllTypes, NNG_ECANCELED);
}

void nng_aio_wait(nng_aio* aio) {
    if (aio == nullptr || !aio->busy()) return;
    aio->require_not_forked(__func__);
    aio->wait();
}

bool nng_aio_busy(nng_aio* aio) { return checked(aio, __func__).busy(); }

nng_err nng_aio_result(nng_aio* aio) { return checked(aio, __func__).result(); }

size_t nng_aio_count(nng_aio* aio) { return checked(aio, __func__).count(); }

void nng_aio_set_msg(nng_aio* aio, nng_msg* message) { checked(aio, __func__).set_message(message); }

nng_msg* nng_aio_get_msg(nng_aio* aio) { return checked(aio, __func__).message(); }

nng_err nng_aio_set_iov(nng_aio* aio, unsigned count, const nng_iov* vectors) {
    return checked(aio, __func__).set_vectors(count, vectors);
}

nng_err nng_aio_set_input(nng_aio* aio, unsigned index, void* value) {
    return checked(aio, __func__).set_input(index, value);
}

void* nng_aio_get_input(nng_aio* aio, unsigned index) { return checked(aio, __func__).input(index); }

nng_err nng_aio_set_output(nng_aio* aio, unsigned index, void* value) {
    return checked(aio, __func__).set_output(index, value);
}

void* nng_aio_get_output(nng_aio* aio, unsigned index) { return checked(aio, __func__).output(index); }

void nng_aio_set_timeout(nng_aio* aio, nng_duration timeout) { checked(aio, __func__).set_timeout(timeout); }

void nng_aio_set_expire(nng_aio* aio, nng_time time) { checked(aio, __func__).set_expire(time); }

void nng_aio_skip_callback(nng_aio* aio, bool* skipped) {
    naio::require(skipped, __func__);
    checked(aio, __func__).skip_callback(skipped);
}

void nng_aio_reset(nng_aio* aio) { checked(aio, __func__).reset(); }

bool nng_aio_start(nng_aio* aio, nng_aio_cancelfn cancel, void* argument) {
    return startable(aio, naio::Api::nng_aio_start).start(cancel, argument);
}

void nng_aio_finish(nng_aio* aio, nng_err result) {
    naio::Aio& handle = finishable(aio, __func__);
    handle.finish({result, handle.count()});
}

void nng_sleep_aio(nng_duration duration, nng_aio* aio) {
    naio::sleep(startable(aio, naio::Api::nng_sleep_aio), duration);
}

}  // extern "C"
