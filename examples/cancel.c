// Any thread may cancel, at any time, an operation that another thread has started.
//
// A cancelled operation ends with a callback, too, whose result is NNG_ECANCELED. nng_aio_cancel only asks the
// operation to end, and does not wait for the end. If no operation is in flight, the call has no effect: it changes
// neither the last result nor the next operation.
#include <nng/nng.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

static void expect_result(nng_aio* aio, nng_err wanted) {
    if (nng_aio_result(aio) == wanted) return;
    fprintf(stderr, "this should have been: %s\n", nng_strerror(wanted));
    exit(1);
}

static void ended(void* arg) {
    nng_aio** aio = arg;
    printf("callback: %s\n", nng_strerror(nng_aio_result(*aio)));
}

static void* other_place(void* arg) {
    printf("other thread: cancel\n");
    nng_aio_cancel(arg);
    return NULL;
}

int main(int argc, char** argv) {
    nng_aio* aio;
    pthread_t thread;

    usage(argc, argv, 0, 0, "", "Cancels an operation from another thread.");
    check(nng_init(NULL), "nng_init");
    check(nng_aio_alloc(&aio, ended, &aio), "nng_aio_alloc");

    printf("main: sleeping until another thread cancels\n");
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    if (pthread_create(&thread, NULL, other_place, aio) != 0) {
        fprintf(stderr, "pthread_create failed\n");
        return 1;
    }
    nng_aio_wait(aio);
    expect_result(aio, NNG_ECANCELED);
    pthread_join(thread, NULL);

    printf("main: a sleep of 50 ms, cancelled when it is over\n");
    nng_sleep_aio(50, aio);
    nng_aio_wait(aio);
    nng_aio_cancel(aio);
    expect_result(aio, NNG_OK);

    printf("main: and another one, which knows nothing of that cancel\n");
    nng_sleep_aio(50, aio);
    nng_aio_wait(aio);
    expect_result(aio, NNG_OK);

    // nng_aio_abort is a cancel whose caller chooses the result.
    printf("main: sleeping again, and aborting with \"%s\"\n", nng_strerror(NNG_ECONNRESET));
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    nng_aio_abort(aio, NNG_ECONNRESET);
    nng_aio_wait(aio);
    expect_result(aio, NNG_ECONNRESET);

    nng_aio_free(aio);
    nng_fini();
    return 0;
}
