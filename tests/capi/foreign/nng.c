// Stands for NNG: defines a few of its functions, as a library or as a part of a program. A function of NNG's sockets
// calls a function that both libraries define, and tells whether the call has come to this library.
//
// NNG_REFERS: has the address of a function, too, which the loader binds when it loads the library.
// NNG_PORTED: stands for NNG's protocol stack on naio, which defines the sockets alone.
#include <stddef.h>

int nng_aio_alloc(void** aio, void (*callback)(void*), void* arg);
int nng_listen(void);
int nng_dial(void);

#if !defined(NNG_PORTED)

int nng_aio_alloc(void** aio, void (*callback)(void*), void* arg) {
    (void)callback, (void)arg;
    *aio = NULL;
    return 0;
}

int nng_init(const void* params);
int nng_init(const void* params) {
    (void)params;
    return 0;
}

#endif

#if defined(NNG_REFERS)
int (*nng_stub_alloc)(void** aio, void (*callback)(void*), void* arg) = nng_aio_alloc;
#endif

// Returns 0 if this library's nng_aio_alloc was called.
int nng_listen(void) {
    void* aio = NULL;
    return nng_aio_alloc(&aio, NULL, NULL) == 0 && aio == NULL ? 0 : 1;
}

int nng_dial(void) { return nng_listen(); }
