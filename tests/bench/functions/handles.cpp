// Benchmarks of the life of a handle.
#include <vector>

#include "library.h"

static void alloc_free(benchmark::State& state) {
    for (auto _ : state) Aio aio;
}
BENCHMARK(alloc_free);

static void alloc_free_many(benchmark::State& state) {
    constexpr int n = 4096;
    std::vector<nng_aio*> aios(n);
    while (state.KeepRunningBatch(n)) {
        for (nng_aio*& aio : aios) require(nng_aio_alloc(&aio, do_nothing, nullptr) == NNG_OK, "nng_aio_alloc");
        for (nng_aio* aio : aios) nng_aio_free(aio);
    }
}
BENCHMARK(alloc_free_many);

// Measures the time until all handles are destroyed: nng_fini returns after the reaper has freed them. The figure
// includes the time of the next nng_init, which is negligible beside the time that 100,000 handles take.
static void alloc_reap_drained(benchmark::State& state) {
    constexpr int n = 100000;
    while (state.KeepRunningBatch(n)) {
        for (int i = 0; i < n; i++) {
            nng_aio* aio;
            require(nng_aio_alloc(&aio, nullptr, nullptr) == NNG_OK, "nng_aio_alloc");
            nng_aio_reap(aio);
        }
        nng_fini();
        require(nng_init(nullptr) == NNG_OK, "nng_init");
    }
}
BENCHMARK(alloc_reap_drained)->UseRealTime();

static void stop_free(benchmark::State& state) {
    for (auto _ : state) {
        Aio aio;
        start(aio.get());
        nng_aio_stop(aio.get());
    }
}
BENCHMARK(stop_free);
