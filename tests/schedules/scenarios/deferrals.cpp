// Scenarios of NNG 1's begin and defer. NNG 1's header cannot be included with NNG 2's, so they call the operation.
#include "aio/aio.h"
#include "scenario.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::require;
using schedules::Thread;

namespace {

void defer(nng_aio* aio, naio::Nng1Cancel cancel, void* argument, bool begins) {
    aio->defer_nng1(cancel, argument, aio->own_limit(), begins);
}

void finish_with_reason(nng_aio* aio, void*, int reason) { aio->finish_nng1(static_cast<nng_err>(reason)); }

void decline(nng_aio*, void*, int) {}

}  // namespace

SCENARIO(deferred, "a provider begins and defers, while another thread requests the end of the operation") {
    const Library library;
    Count count;
    const Handle handle(count);
    nng_aio* const aio = handle.aio;
    require(aio->begin_nng1(), "an operation does not begin");
    {
        const Thread provider([&] { defer(aio, finish_with_reason, nullptr, false); });
        const Thread canceler([&] { nng_aio_cancel(aio); });
    }
    nng_aio_wait(aio);
    require(count.calls == 1 && count.result == NNG_ECANCELED, "a request is lost");
}

SCENARIO(withdrawn, "a handle is stopped whose operation need not end, while the provider finishes that operation") {
    const Library library;
    Count count;
    const Handle handle(count);
    nng_aio* const aio = handle.aio;
    require(aio->begin_nng1(), "an operation does not begin");
    defer(aio, decline, nullptr, true);
    {
        const Thread provider([&] { aio->finish_nng1(NNG_EPROTO); });
        const Thread stopper([&] { nng_aio_stop(aio); });
    }
    nng_aio_wait(aio);
    require(count.calls == 1 && count.result == NNG_EPROTO, "there is not one callback");
}

SCENARIO(deferred_again, "a handle is stopped whose operation need not end, while the provider defers that again") {
    const Library library;
    Count count;
    const Handle handle(count);
    nng_aio* const aio = handle.aio;
    require(aio->begin_nng1(), "an operation does not begin");
    defer(aio, decline, nullptr, true);
    nng_aio_cancel(aio);
    {
        const Thread provider([&] {
            if (aio->in_flight()) defer(aio, decline, nullptr, false);
        });
        const Thread stopper([&] { nng_aio_stop(aio); });
    }
    require(count.calls == 0 && !nng_aio_busy(aio), "the operation has not ended without a callback");
}
