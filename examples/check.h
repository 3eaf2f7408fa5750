// Functions that all examples use: they print a usage text, or end the program at an error that the program cannot
// handle.
#ifndef CHECK_H
#define CHECK_H

#include <nng/nng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

// Prints a usage text and ends the program if its first argument is --help or -h, or if the number of its arguments is
// not between `min` and `max`. `text` says what the program does.
static inline void usage(int argc, char** argv, int min, int max, const char* arguments, const char* text) {
    bool asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (!asked && argc - 1 >= min && argc - 1 <= max) return;
    fprintf(asked ? stdout : stderr, "usage: %s%s%s\n\n%s\n", argv[0], arguments[0] != '\0' ? " " : "", arguments,
            text);
    exit(asked ? 0 : 2);
}

#endif
