// A callback that starts the next operation on its own handle, until the handle is stopped.
//
// nng_aio_stop ends the operation in flight, and refuses each later one. In both cases the callback runs one last time,
// with NNG_ESTOPPED, and must not start another operation. nng_aio_stop returns after this last callback, so the
// program can then free what the callback uses.
#include <nng/nng.h>
#include <stdio.h>

#include "check.h"

struct heart {
    nng_aio* aio;
    unsigned beats;
    unsigned farewells;
};

static void beat(void* arg) {
    struct heart* heart = arg;
    nng_err result = nng_aio_result(heart->aio);

    if (result == NNG_ESTOPPED) {
        printf("callback: %s; not starting again\n", nng_strerror(result));
        heart->farewells++;
        return;
    }
    check(result, "nng_sleep_aio");
    heart->beats++;
    printf("callback: beat %u\n", heart->beats);
    nng_sleep_aio(50, heart->aio);  // if the handle has been stopped, the callback runs again with NNG_ESTOPPED
}

// Sleeps without a callback: an operation and a wait together are a synchronous call.
static void pause_for(nng_duration ms) {
    nng_aio* aio;
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_sleep_aio(ms, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), "nng_sleep_aio");
    nng_aio_free(aio);
}

int main(int argc, char** argv) {
    struct heart heart = {NULL, 0, 0};

    usage(argc, argv, 0, 0, "", "A callback starts the next operation on its own handle, until the handle is stopped.");
    check(nng_init(NULL), "nng_init");
    check(nng_aio_alloc(&heart.aio, beat, &heart), "nng_aio_alloc");

    nng_sleep_aio(50, heart.aio);
    pause_for(275);

    printf("main: stop\n");
    nng_aio_stop(heart.aio);
    printf("main: stopped after %u beats\n", heart.beats);
    if (heart.farewells != 1) {
        fprintf(stderr, "the callback was told %u times that the handle is stopped, not once\n", heart.farewells);
        return 1;
    }

    nng_aio_free(heart.aio);
    nng_fini();
    return 0;
}
