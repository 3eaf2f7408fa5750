// A program that uses naio as before, by <nng/nng.h>, and NNG's sockets. Prints whose functions NNG's library calls.
#include <naio/naio.h>
#include <nng/nng.h>
#include <stdio.h>

int nng_listen(int socket, const char* url, void* listener, int flags);
extern int libnng_calls;

int main(void) {
    nng_aio* aio = NULL;
    if (nng_aio_alloc(&aio, NULL, NULL) != NNG_OK) return 1;
    nng_sleep_aio(1, aio);
    nng_aio_wait(aio);
    if (nng_aio_result(aio) != NNG_OK) return 1;
    nng_aio_free(aio);
    if (libnng_calls != 0) return 1;
    const int result = nng_listen(1, "tcp://127.0.0.1:0", NULL, 0);
    puts(result == 77 && libnng_calls == 2 ? "its own" : "those of naio");
    nng_fini();
    return 0;
}
