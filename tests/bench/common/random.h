// Random numbers that are the same for every peer. The generator is xorshift64*, because it costs nearly nothing.
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

#define BENCH_SEED 88172645463325252u

static inline uint64_t random_next(uint64_t* state) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 2685821657736338717u;
}

#endif
