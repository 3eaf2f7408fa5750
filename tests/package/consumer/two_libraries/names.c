// A program that uses naio by prefixed names, and NNG by its own header, in one file.
#include <naio_naio.h>
#include <nng/nng.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    naio_nng_aio* aio = NULL;
    if (naio_nng_aio_alloc(&aio, NULL, NULL) != NAIO_NNG_OK) return 1;
    naio_nng_sleep_aio(1, aio);
    naio_nng_aio_wait(aio);
    if (naio_nng_aio_result(aio) != NAIO_NNG_OK) return 1;
    if (naio_naio_aio_cancel(aio, NAIO_NAIO_CANCEL_ALL, NAIO_NNG_ECLOSED)) return 1;
    naio_nng_aio_free(aio);
    naio_nng_fini();
    const nng_iov iov = {NNG_ECLOSED};
    if (libnng_calls != 0 || iov.of_libnng == (long)NAIO_NNG_ECLOSED || strcmp(nng_version(), "the stub") != 0)
        return 1;
    puts(nng_listen(1, "tcp://127.0.0.1:0", NULL, 0) == 77 && libnng_calls == 3 ? "its own" : "those of naio");
    return 0;
}
