// Benchmarks of operations, most of them on a handle without a callback, so that only start, finish and cancel are
// measured.
#include "library.h"

static void start_finish(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) {
        start(aio.get());
        nng_aio_finish(aio.get(), NNG_OK);
    }
}
BENCHMARK(start_finish);
BENCHMARK(start_finish)->Name("start_finish/two_threads")->Threads(2);

static void start_finish_result(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) {
        start(aio.get());
        nng_aio_finish(aio.get(), NNG_OK);
        nng_aio_wait(aio.get());
        benchmark::DoNotOptimize(nng_aio_result(aio.get()));
    }
}
BENCHMARK(start_finish_result);

static void start_finish_timeout(benchmark::State& state) {
    Aio aio;
    nng_aio_set_timeout(aio.get(), 1000);
    for (auto _ : state) {
        start(aio.get());
        nng_aio_finish(aio.get(), NNG_OK);
    }
}
BENCHMARK(start_finish_timeout);

static void start_cancel(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) {
        start(aio.get());
        nng_aio_cancel(aio.get());
    }
}
BENCHMARK(start_cancel);

static void cancel_idle(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) nng_aio_cancel(aio.get());
}
BENCHMARK(cancel_idle);

static void skip_callback(benchmark::State& state) {
    Aio aio(do_nothing);
    bool skipped = false;
    for (auto _ : state) {
        nng_aio_skip_callback(aio.get(), &skipped);
        nng_aio_finish(aio.get(), NNG_OK);
    }
    require(skipped, "the callback was skipped");
}
BENCHMARK(skip_callback);

static void start_finish_callback_wait(benchmark::State& state) {
    Aio aio(do_nothing);
    for (auto _ : state) {
        start(aio.get());
        nng_aio_finish(aio.get(), NNG_OK);
        nng_aio_wait(aio.get());
    }
}
BENCHMARK(start_finish_callback_wait)->UseRealTime();

static void busy(benchmark::State& state) {
    Aio aio;
    for (auto _ : state) benchmark::DoNotOptimize(nng_aio_busy(aio.get()));
}
BENCHMARK(busy);
