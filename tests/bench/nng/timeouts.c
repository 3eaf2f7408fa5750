// Measures a deadline that does not expire, and a deadline that expires.
#include <stdlib.h>

#include "library.h"
#include "random.h"
#include "scenarios.h"

// Returns n handles with timeouts of 10 to 60 minutes.
static nng_aio** arm(long n) {
    nng_aio** aios = allocate((size_t)n + 1, sizeof(nng_aio*));
    uint64_t random = BENCH_SEED;
    for (long i = 0; i < n; i++) {
        aios[i] = new_aio(NULL, NULL);
        nng_aio_set_timeout(aios[i], (nng_duration)(600000 + random_next(&random) % 3000000));
    }
    return aios;
}

static void disarm(nng_aio** aios, long n) {
    for (long i = 0; i < n; i++) nng_aio_free(aios[i]);
    free(aios);
}

// Measures the time to start and cancel an operation with a timeout of one second while `size` other operations with
// timeouts are in flight. Also measures the time to start one of the other operations, and the time to cancel one of
// them.
void armed(long size) {
    nng_aio** others = arm(size);
    nng_aio* aio = new_aio(NULL, NULL);
    int64_t begin = now_ns();
    int64_t end;
    double n = 0;

    for (long i = 0; i < size; i++) start(others[i]);
    if (size > 0) report("arm", (double)(now_ns() - begin) / (double)size, "ns");

    nng_aio_set_timeout(aio, 1000);
    begin = now_ns();
    do {
        for (int i = 0; i < 100; i++) {
            start(aio);
            nng_aio_cancel(aio);
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n, "ns");

    begin = now_ns();
    for (long i = 0; i < size; i++) nng_aio_cancel(others[i]);
    if (size > 0) report("disarm", (double)(now_ns() - begin) / (double)size, "ns");
    nng_aio_free(aio);
    disarm(others, size);
}

// ---- A timeout that expires

#define PERIOD_MS 2

struct ticker {
    nng_aio* aio;
    int64_t due;
    size_t n;
    size_t capacity;
    int64_t* late;
};

static void tick(struct ticker* ticker) {
    ticker->due = now_ns() + PERIOD_MS * 1000000;
    start(ticker->aio);
}

static void ticked(void* arg) {
    struct ticker* ticker = arg;
    require(nng_aio_result(ticker->aio) == NNG_ETIMEDOUT, "timed out");
    ticker->late[ticker->n++] = now_ns() - ticker->due;
    if (ticker->n < ticker->capacity) tick(ticker);
}

// Measures the processor time of an operation that times out after 2 ms. Its callback starts the next operation.
void expire(long size) {
    struct ticker ticker = {NULL, 0, 0, (size_t)(time_to_run() / (PERIOD_MS * 1000000)) + 1, NULL};
    double cpu;

    (void)size;
    ticker.late = allocate(ticker.capacity, sizeof(int64_t));
    ticker.aio = new_aio(ticked, &ticker);
    nng_aio_set_timeout(ticker.aio, PERIOD_MS);
    cpu = cpu_ns();
    tick(&ticker);
    nng_aio_wait(ticker.aio);
    report("cpu", (cpu_ns() - cpu) / (double)ticker.n / 1e3, "us");
    report_percentiles("late", ticker.late, ticker.n);
    nng_aio_free(ticker.aio);
    free(ticker.late);
}
