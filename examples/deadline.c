// Waits for an operation until a deadline, without ending the operation when the deadline has passed.
//
// A timeout (nng_aio_set_timeout) limits the operation: when the timeout has passed, the library asks the operation to
// end. naio_aio_wait_until limits only the wait: the operation continues, and the program can wait for it again.
#include <naio/naio.h>
#include <stdio.h>

#include "check.h"

int main(int argc, char** argv) {
    nng_aio* aio;
    unsigned times = 0;

    usage(argc, argv, 0, 0, "", "Waits for an operation until a deadline, without ending it.");
    check(nng_init(NULL), "nng_init");
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");

    printf("an operation of 250 ms, looked at every 100 ms\n");
    nng_sleep_aio(250, aio);
    while (!naio_aio_wait_until(aio, nng_clock() + 100)) {
        times++;
        printf("still busy\n");
    }
    printf("over: %s\n", nng_strerror(nng_aio_result(aio)));
    check(nng_aio_result(aio), "nng_sleep_aio");
    if (times == 0) {
        fprintf(stderr, "it should have been busy at first\n");
        return 1;
    }

    nng_aio_free(aio);
    nng_fini();
    return 0;
}
