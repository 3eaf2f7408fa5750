// Stands for NNG's library in the tests of the two flavours. It defines functions of NNG, among them some that naio
// defines, too. Each of them counts its calls, and does nothing else.
#include <stddef.h>

int libnng_calls;

int nng_init(const void* parameters) { return parameters == NULL ? ++libnng_calls, 0 : 3; }
void nng_fini(void) { ++libnng_calls; }
int nng_aio_alloc(void** aio, void (*callback)(void*), void* argument) {
    (void)callback, (void)argument;
    ++libnng_calls;
    *aio = NULL;
    return 77;
}
void nng_aio_free(void* aio) { (void)aio, ++libnng_calls; }
void nng_aio_wait(void* aio) { (void)aio, ++libnng_calls; }
int nng_aio_result(void* aio) { return (void)aio, ++libnng_calls, 77; }
void nng_sleep_aio(int milliseconds, void* aio) { (void)milliseconds, (void)aio, ++libnng_calls; }
const char* nng_version(void) { return ++libnng_calls, "the stub"; }

// NNG's library calls its own functions. If another library has a function of the same name, the dynamic linker may
// resolve this call to it.
int nng_listen(int socket, const char* url, void* listener, int flags) {
    (void)socket, (void)url, (void)listener, (void)flags;
    void* aio = NULL;
    if (nng_init(NULL) != 0) return 3;
    return nng_aio_alloc(&aio, NULL, NULL);
}
