// Defines the functions of NNG 1 on handles that differ from those of NNG 2.
#include "aio/aio.h"
#include "base/panic.h"
#include "capi/nng1.h"
#include "capi/operation.h"
#include "io/sleep.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::finishable;

namespace naio {

Aio* startable_nng1(nng_aio* handle, Api function) noexcept {
    Aio& aio = checked(handle, name_of(function));
    aio.require_none_in_flight(name_of(function));
    return aio.refuses_quietly() ? nullptr : &startable(handle, function);
}

}  // namespace naio

extern "C" {

NAIO_EXPORTED int NAIO_NNG1(aio_alloc)(nng_aio** aio, void (*callback)(void*), void* argument) {
    naio::require(aio, "nng_aio_alloc");
    const nng_err error = naio::start_library_nng1("nng_aio_alloc");
    return error == NNG_OK ? nng_aio_alloc(aio, callback, argument) : error;
}

NAIO_EXPORTED void NAIO_NNG1(aio_stop)(nng_aio* aio) {
    if (aio != nullptr) aio->stop(NNG_ECANCELED);
}

NAIO_EXPORTED void NAIO_NNG1(aio_abort)(nng_aio* aio, int reason) {
    if (aio == nullptr) return;
    aio->require_not_forked("nng_aio_abort");
    aio->cancel(naio::kAllTypes, static_cast<nng_err>(reason));
}

NAIO_EXPORTED int NAIO_NNG1(aio_result)(nng_aio* aio) {
    return naio::code_nng1(checked(aio, "nng_aio_result").result());
}

NAIO_EXPORTED int NAIO_NNG1(aio_set_iov)(nng_aio* aio, unsigned count, const nng_iov* vectors) {
    return checked(aio, "nng_aio_set_iov").set_vectors(count, vectors);
}

NAIO_EXPORTED int NAIO_NNG1(aio_set_input)(nng_aio* aio, unsigned index, void* value) {
    return checked(aio, "nng_aio_set_input").set_input(index, value);
}

NAIO_EXPORTED int NAIO_NNG1(aio_set_output)(nng_aio* aio, unsigned index, void* value) {
    return checked(aio, "nng_aio_set_output").set_output(index, value);
}

NAIO_EXPORTED void NAIO_NNG1(sleep_aio)(nng_duration duration, nng_aio* aio) {
    if (naio::Aio* const handle = naio::startable_nng1(aio, naio::Api::nng_sleep_aio)) naio::sleep(*handle, duration);
}

NAIO_EXPORTED bool NAIO_NNG1(aio_begin)(nng_aio* aio) {
    naio::Aio* const handle = naio::startable_nng1(aio, naio::Api::nng_aio_begin);
    return handle != nullptr && handle->begin_nng1();
}

// Begins the operation if none is in flight, because public programs defer without begin.
NAIO_EXPORTED void NAIO_NNG1(aio_defer)(nng_aio* aio, naio::Nng1Cancel cancel, void* argument) {
    naio::Aio& handle = checked(aio, "nng_aio_defer");
    const bool begins = !handle.in_flight();
    if (begins && !NAIO_NNG1(aio_begin)(aio)) return;
    handle.defer_nng1(cancel, argument, handle.own_limit(), begins);
}

NAIO_EXPORTED void NAIO_NNG1(aio_finish)(nng_aio* aio, int result) {
    finishable(aio, "nng_aio_finish").finish_nng1(static_cast<nng_err>(result));
}

}  // extern "C"
