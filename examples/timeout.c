// A timeout ends an operation that would never end by itself.
//
// The provider in this program starts an operation and never completes it by itself. The provider only has a cancel
// function. When the timeout of the handle has passed, the library calls that function with NNG_ETIMEDOUT. The
// operation ends with the result that the function passes to nng_aio_finish.
#include <nng/nng.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

// No lock is needed, because only this function finishes the operation, and the library calls it at most once.
// (bounded_queue.c is a provider with more to do.)
static void give_up(nng_aio* aio, void* arg, nng_err reason) {
    (void)arg;
    printf("provider: asked to give up: %s\n", nng_strerror(reason));
    nng_aio_finish(aio, reason);
}

static void wait_for_nothing(nng_aio* aio) {
    // If nng_aio_start returns false, no operation was started, and the callback gets the reason. This provider then
    // has nothing to undo.
    if (!nng_aio_start(aio, give_up, NULL)) printf("provider: not started\n");
}

static void ended(void* arg) {
    nng_aio** aio = arg;
    printf("callback: %s\n", nng_strerror(nng_aio_result(*aio)));
}

static void expect_timeout(nng_aio* aio) {
    nng_aio_wait(aio);
    if (nng_aio_result(aio) == NNG_ETIMEDOUT) return;
    fprintf(stderr, "this should have been a timeout\n");
    exit(1);
}

int main(int argc, char** argv) {
    nng_aio* aio;

    usage(argc, argv, 0, 0, "", "A timeout ends an operation that would never end by itself.");
    check(nng_init(NULL), "nng_init");
    check(nng_aio_alloc(&aio, ended, &aio), "nng_aio_alloc");

    nng_aio_set_timeout(aio, 100);  // for this operation and all later ones
    printf("main: waiting for nothing, for 100 ms\n");
    wait_for_nothing(aio);
    expect_timeout(aio);

    printf("main: the same until a point in time, half a second from now\n");
    nng_aio_set_expire(aio, nng_clock() + 500);  // for the next operation only
    wait_for_nothing(aio);
    expect_timeout(aio);

    printf("main: with a timeout of zero, the operation does not even start\n");
    nng_aio_set_timeout(aio, NNG_DURATION_ZERO);
    wait_for_nothing(aio);
    expect_timeout(aio);

    nng_aio_free(aio);
    nng_fini();
    return 0;
}
