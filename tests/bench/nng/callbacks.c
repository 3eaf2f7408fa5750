// Measures the cost of the way from a finished operation to its callback, and from the callback to the next operation.
#include <stdlib.h>

#include "library.h"
#include "scenarios.h"

static void begin_and_end(nng_aio* aio) {
    start(aio);
    nng_aio_finish(aio, NNG_OK);
}

// Runs one operation at a time: starts it, finishes it, and waits until its callback has returned.
void round_trip(long size) {
    nng_aio* aio = new_aio(do_nothing, NULL);
    int64_t begin = now_ns();
    int64_t end;
    double cpu = cpu_ns();
    double n = 0;

    (void)size;
    do {
        for (int i = 0; i < 100; i++) {
            begin_and_end(aio);
            nng_aio_wait(aio);
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n, "ns");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
    nng_aio_free(aio);
}

// ---- Callbacks that start the next operation

struct runner {
    nng_aio* aio;
    uint64_t done;
    char distance[48];  // keeps the next runner, which another thread writes, out of this cache line
};

static atomic_bool running;

static void run_on(void* arg) {
    struct runner* runner = arg;
    runner->done++;
    if (!atomic_load_explicit(&running, memory_order_relaxed)) return;
    begin_and_end(runner->aio);
}

// Keeps operations on `size` handles in flight. The callback of each handle starts and finishes its next operation.
void resubmit(long size) {
    struct runner* runners = allocate((size_t)size, sizeof(*runners));
    double cpu = cpu_ns();
    double n = 0;
    int64_t begin;
    double ns;

    for (long i = 0; i < size; i++) runners[i].aio = new_aio(run_on, &runners[i]);
    atomic_store(&running, true);
    begin = now_ns();
    for (long i = 0; i < size; i++) begin_and_end(runners[i].aio);
    sleep_ns(time_to_run());
    atomic_store(&running, false);
    for (long i = 0; i < size; i++) nng_aio_wait(runners[i].aio);  // returns after a callback has read `running`
    ns = (double)(now_ns() - begin);
    cpu = cpu_ns() - cpu;
    for (long i = 0; i < size; i++) {
        n += (double)runners[i].done;
        nng_aio_free(runners[i].aio);
    }
    report("rate", n / ns * 1e3, "M/s");
    report("cpu", cpu / n, "ns");
    free(runners);
}

// ---- Operations that a thread other than a worker starts

// Keeps `size` operations in flight from one thread, which waits for the oldest one, and starts and finishes the next
// one on its handle.
void produce(long size) {
    nng_aio** aios = allocate((size_t)size, sizeof(nng_aio*));
    double cpu = cpu_ns();
    double n = 0;
    int64_t begin;
    double ns;

    for (long i = 0; i < size; i++) aios[i] = new_aio(do_nothing, NULL);
    begin = now_ns();
    do {
        for (long round = 0; round < 256; round += size) {
            for (long i = 0; i < size; i++) {
                nng_aio_wait(aios[i]);
                begin_and_end(aios[i]);
            }
            n += (double)size;
        }
    } while (now_ns() - begin < time_to_run());
    for (long i = 0; i < size; i++) nng_aio_wait(aios[i]);
    ns = (double)(now_ns() - begin);
    report("rate", n / ns * 1e3, "M/s");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
    for (long i = 0; i < size; i++) nng_aio_free(aios[i]);
    free(aios);
}
