// Benchmarks of functions that only naio has: cancellation by type, signals and scopes.
#include <naio/naio.h>

#include "library.h"

static bool finish_request(nng_aio* aio, void*, naio_cancel, nng_err reason) {
    naio_aio_finish(aio, reason, 0);
    return true;
}

static void start_typed(nng_aio* aio) {
    require(naio_aio_start(aio, NAIO_CANCEL_TOTAL, finish_request, nullptr, nullptr), "naio_aio_start");
}

static void typed_start_finish(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) {
        start_typed(aio.get());
        naio_aio_finish(aio.get(), NNG_OK, 0);
    }
}
BENCHMARK(typed_start_finish);

static void typed_start_finish_timeout(benchmark::State& state) {
    Aio aio;
    nng_aio_set_timeout(aio.get(), 1000);
    for (auto _ : state) {
        start_typed(aio.get());
        naio_aio_finish(aio.get(), NNG_OK, 0);
    }
}
BENCHMARK(typed_start_finish_timeout);

static void typed_start_permit_finish(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) {
        start_typed(aio.get());
        naio_aio_permit(aio.get(), NAIO_CANCEL_NONE);
        naio_aio_finish(aio.get(), NNG_OK, 0);
    }
}
BENCHMARK(typed_start_permit_finish);

static void typed_start_cancel(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) {
        start_typed(aio.get());
        naio_aio_cancel(aio.get(), NAIO_CANCEL_TOTAL, NNG_OK);
    }
}
BENCHMARK(typed_start_cancel);

// Cancels with a plain signal. The handle is bound to the signal's slot, so each operation on it becomes a target when
// it starts.
static void start_emit(benchmark::State& state) {
    Aio aio;
    naio_signal* signal;
    require(naio_signal_alloc(&signal, 0) == NNG_OK, "naio_signal_alloc");
    naio_aio_bind_slot(aio.get(), naio_signal_slot(signal), NAIO_CANCEL_ALL);
    for (auto _ : state) {
        start_typed(aio.get());
        naio_signal_emit(signal, NAIO_CANCEL_TOTAL);
    }
    naio_signal_free(signal);
}
BENCHMARK(start_emit);

static void scope_start_finish(benchmark::State& state) {
    Aio aio;
    naio_signal* scope;
    require(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE) == NNG_OK, "naio_signal_alloc");
    naio_aio_bind_slot(aio.get(), naio_signal_slot(scope), NAIO_CANCEL_ALL);
    for (auto _ : state) {
        start_typed(aio.get());
        naio_aio_finish(aio.get(), NNG_OK, 0);
    }
    naio_signal_free(scope);
}
BENCHMARK(scope_start_finish);
