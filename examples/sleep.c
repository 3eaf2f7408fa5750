// An asynchronous operation from start to end: it needs a handle, a callback that runs when the operation is over, and
// a wait.
//
// nng_sleep_aio starts the simplest operation, and returns at once. When the time has passed, the callback runs on a
// thread of the library. nng_aio_wait returns after the callback has returned, so the program can then read without a
// lock what the callback has written.
#include <nng/nng.h>
#include <stdio.h>

#include "check.h"

struct sleeper {
    nng_aio* aio;
    nng_time woke;
};

static void woken(void* arg) {
    struct sleeper* sleeper = arg;
    sleeper->woke = nng_clock();
    printf("callback: the sleep is over: %s\n", nng_strerror(nng_aio_result(sleeper->aio)));
}

int main(int argc, char** argv) {
    struct sleeper sleeper = {NULL, 0};

    usage(argc, argv, 0, 0, "", "An operation from start to end: a handle, a callback, and a wait.");
    check(nng_init(NULL), "nng_init");
    check(nng_aio_alloc(&sleeper.aio, woken, &sleeper), "nng_aio_alloc");

    nng_time start = nng_clock();
    nng_sleep_aio(200, sleeper.aio);
    printf("main: sleeping for 200 ms; this line did not have to wait\n");

    nng_aio_wait(sleeper.aio);
    check(nng_aio_result(sleeper.aio), "nng_sleep_aio");
    printf("main: the callback ran after %u ms\n", (unsigned)(sleeper.woke - start));

    nng_aio_free(sleeper.aio);
    nng_fini();
    return 0;
}
