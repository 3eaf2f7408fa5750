// Measures the memory of handles, and the time that the library takes to free them.
#include <stdlib.h>

#include "library.h"
#include "scenarios.h"

// Measures the memory of each of `size` handles: idle, and with an operation in flight that has a timeout.
void memory(long size) {
    nng_aio** aios = allocate((size_t)size, sizeof(nng_aio*));
    long before;

    report("threads", (double)thread_count(), "");
    for (long i = 0; i < size; i++) aios[i] = (nng_aio*)aios;  // touches each page of the array
    before = resident_bytes();
    for (long i = 0; i < size; i++) aios[i] = new_aio(do_nothing, NULL);
    report("idle", (double)(resident_bytes() - before) / (double)size, "B");
    for (long i = 0; i < size; i++) {
        nng_aio_set_timeout(aios[i], (nng_duration)(600000 + i % 100000));
        start(aios[i]);
    }
    report("in_flight", (double)(resident_bytes() - before) / (double)size, "B");
    for (long i = 0; i < size; i++) nng_aio_cancel(aios[i]);
    for (long i = 0; i < size; i++) nng_aio_free(aios[i]);
    free(aios);
}

static atomic_long stopped;

static void leave(void* arg) {
    nng_aio** aio = arg;
    require(nng_aio_result(*aio) == NNG_ESTOPPED, "stopped");
    atomic_fetch_add(&stopped, 1);
    nng_aio_reap(*aio);
}

// Measures nng_fini while `size` handles sleep. Their callbacks reap them.
void fini(long size) {
    nng_aio** aios = allocate((size_t)size, sizeof(nng_aio*));
    int64_t begin;

    for (long i = 0; i < size; i++) aios[i] = new_aio(leave, &aios[i]);
    for (long i = 0; i < size; i++) nng_sleep_aio(60000, aios[i]);
    begin = now_ns();
    nng_fini();
    report("time", (double)(now_ns() - begin) / 1e3, "us");
    require(atomic_load(&stopped) == size, "all callbacks have run");
    check(nng_init(NULL), "nng_init");  // main calls nng_fini once more
    free(aios);
}
