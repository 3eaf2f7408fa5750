// A plugin that uses the library. Its destructor ends the library's threads, because the loader unmaps the plugin's
// code after the destructor has returned.
#include <nng/nng.h>

static nng_aio* aio;

int plugin_start(void);

int plugin_start(void) {
    if (nng_init(NULL) != NNG_OK || nng_aio_alloc(&aio, NULL, NULL) != NNG_OK) return 1;
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    return 0;
}

__attribute__((destructor)) static void end(void) {
    if (aio == NULL) return;
    nng_aio_free(aio);
    nng_fini();
}
