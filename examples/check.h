// What the examples do about errors that leave them nothing to do: say so, and exit.
#ifndef CHECK_H
#define CHECK_H

#include <nng/nng.h>
#include <stdio.h>
#include <stdlib.h>

static inline void check(nng_err err, const char* what) {
    if (err == NNG_OK) return;
    fprintf(stderr, "%s: %s\n", what, nng_strerror(err));
    exit(1);
}

static inline void expect(bool is_so, const char* what) {
    if (is_so) return;
    fprintf(stderr, "this should have been so: %s\n", what);
    exit(1);
}

#endif
