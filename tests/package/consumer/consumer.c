// A program in C that knows nothing of C++. It sleeps on an aio, and prints "slept" when the callback has run.
#include <nng/nng.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef HAS_A_LIBUV_OF_ITS_OWN
// Linking the library must not conflict with these functions, and the library must not call them.
int uv_run(void) { abort(); }
int uv_loop_init(void) { abort(); }
#endif

static void awake(void* called) { *(bool*)called = true; }

int main(void) {
    bool called = false;
    nng_aio* aio = NULL;
    if (nng_aio_alloc(&aio, awake, &called) != NNG_OK) return 1;
    nng_sleep_aio(10, aio);
    nng_aio_wait(aio);
    const nng_err result = nng_aio_result(aio);
    nng_aio_free(aio);
    nng_fini();
    if (result != NNG_OK || !called) return 1;
    puts("slept");
    return 0;
}
