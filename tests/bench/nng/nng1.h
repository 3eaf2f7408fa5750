// NNG 2's interface on top of NNG 1's, as far as the scenarios use it. In NNG 1 a provider calls nng_aio_begin and
// nng_aio_defer, the first use initialises the library, and a stopped operation reports NNG_ECANCELED.
#ifndef BENCH_NNG1_H
#define BENCH_NNG1_H

#include <nng/nng.h>

#define NNG_OK 0
#define NNG_ESTOPPED NNG_ECANCELED

typedef int nng_err;

static inline nng_err nng_init(const void* parameters) {
    nng_aio* aio;
    nng_err error = nng_aio_alloc(&aio, NULL, NULL);
    (void)parameters;
    if (error == NNG_OK) nng_aio_free(aio);
    return error;
}

static inline void nng_aio_reset(nng_aio* aio) { (void)nng_aio_begin(aio); }

static inline bool nng_aio_start(nng_aio* aio, nng_aio_cancelfn cancel, void* arg) {
    if (!nng_aio_begin(aio)) return false;
    nng_aio_defer(aio, cancel, arg);
    return true;
}

#endif
