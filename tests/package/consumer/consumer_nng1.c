// A program in C that is written for NNG 1. It provides an operation, sleeps, and prints "slept" when both have ended.
#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>
#include <stdio.h>

#if NNG_MAJOR_VERSION != 1
#error "this is not the header of NNG 1"
#endif

static void called(void* calls) { ++*(int*)calls; }
static void end(nng_aio* aio, void* arg, int err) { nng_aio_finish(aio, arg == NULL ? err : NNG_EINTERNAL); }

int main(void) {
    int calls = 0, wrong = 0;
    nng_aio* aio = NULL;
    void (*const release)(nng_aio*) = nng_aio_free;
    if (nng_aio_alloc(&aio, called, &calls) != 0 || !nng_aio_begin(aio)) return 1;
    nng_aio_defer(aio, end, NULL);
    nng_aio_cancel(aio);
    nng_aio_wait(aio);
    wrong += nng_aio_result(aio) != NNG_ECANCELED;
    nng_sleep_aio(10, aio);
    nng_aio_wait(aio);
    wrong += nng_aio_result(aio) != 0 || calls != 2;
    nng_msleep(1);
    release(aio);
    nng_fini();
    if (wrong != 0) return 1;
    puts("slept");
    return 0;
}
