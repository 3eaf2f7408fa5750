// Sleeps for a moment on a handle, and prints the result and the version of the library.
#include <naio/naio.h>
#include <stdio.h>

int main(void) {
    nng_aio* aio;
    if (nng_aio_alloc(&aio, NULL, NULL) != NNG_OK) return 1;
    nng_sleep_aio(10, aio);
    nng_aio_wait(aio);
    printf("naio %u: %s\n", (unsigned)naio_version(), nng_strerror(nng_aio_result(aio)));
    nng_aio_free(aio);
    nng_fini();
    return 0;
}
