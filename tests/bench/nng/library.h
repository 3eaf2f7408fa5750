// NNG 2's public interface of the measured library, and functions that the scenarios share. The library is naio, NNG 2,
// or, if BENCH_NNG_1 is defined, NNG 1.
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

#ifdef BENCH_NNG_1
#include "nng1.h"
#else
#include <nng/nng.h>
#endif
#include <stdatomic.h>
#include <stdbool.h>

#include "measure.h"

static inline void check(nng_err error, const char* what) {
    if (error != NNG_OK) die("%s: %s", what, nng_strerror(error));
}

static inline void require(bool condition, const char* what) {
    if (!condition) die("not so: %s", what);
}

static inline nng_aio* new_aio(void (*callback)(void*), void* arg) {
    nng_aio* aio;
    check(nng_aio_alloc(&aio, callback, arg), "nng_aio_alloc");
    return aio;
}

// The cancel function of the smallest provider: its operations last until they are finished or cancelled.
static inline void finish_cancelled(nng_aio* aio, void* arg, nng_err reason) {
    (void)arg;
    nng_aio_finish(aio, reason);
}

static inline void start(nng_aio* aio) { require(nng_aio_start(aio, finish_cancelled, NULL), "nng_aio_start"); }

static inline void do_nothing(void* arg) { (void)arg; }

#endif
