#include "trip_times.h"

#include <stdatomic.h>
#include <stdlib.h>

#define CAPACITY 10000

struct trip {
    int64_t begin;
    int64_t duration;
};

struct trip_times {
    _Atomic int64_t sent;  // the beginning of the round trip that is under way, or 0
    atomic_size_t n;
    struct trip trips[CAPACITY];
};

struct trip_times* new_trip_times(void) {
    return allocate(1, sizeof(struct trip_times));
}

void free_trip_times(struct trip_times* times) { free(times); }

void trip_begins(struct trip_times* times) { atomic_store_explicit(&times->sent, now_ns(), memory_order_relaxed); }

void trip_ends(struct trip_times* times) {
    const size_t n = atomic_load_explicit(&times->n, memory_order_relaxed);
    const int64_t begin = atomic_load_explicit(&times->sent, memory_order_relaxed);
    if (n < CAPACITY) {
        times->trips[n] = (struct trip){begin, now_ns() - begin};
        atomic_store_explicit(&times->n, n + 1, memory_order_release);
    }
    atomic_store_explicit(&times->sent, 0, memory_order_relaxed);
}

// Copies the durations that count to `to`, and returns their number.
static size_t copy(struct trip_times* times, int64_t since, int64_t* to) {
    const int64_t sent = atomic_load_explicit(&times->sent, memory_order_relaxed);
    const size_t recorded = atomic_load_explicit(&times->n, memory_order_acquire);
    size_t n = 0;
    for (size_t i = 0; i < recorded; i++) {
        if (times->trips[i].begin >= since) to[n++] = times->trips[i].duration;
    }
    if (sent != 0) to[n++] = now_ns() - sent;
    return n;
}

void report_trip_times(struct trip_times* const* times, long n, int64_t since) {
    int64_t* all = allocate((size_t)n * (CAPACITY + 1), sizeof(*all));
    size_t copied = 0;
    for (long i = 0; i < n; i++) copied += copy(times[i], since, all + copied);
    report_percentiles("rtt", all, copied);
    free(all);
}
