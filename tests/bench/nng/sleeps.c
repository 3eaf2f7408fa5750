// Measures many sleeps: the delay of their callbacks, and the processor time per sleep.
#include <stdlib.h>

#include "library.h"
#include "random.h"
#include "scenarios.h"

struct sleeper {
    nng_aio* aio;
    int64_t due;
    _Atomic int64_t woken;
};

static void wake(void* arg) {
    struct sleeper* sleeper = arg;
    atomic_store_explicit(&sleeper->woken, now_ns(), memory_order_release);
}

static void sleep_until(struct sleeper* sleeper, int64_t moment) {
    int64_t now = now_ns();
    nng_duration ms = (nng_duration)((moment - now) / 1000000 + 1);
    sleeper->due = now + (int64_t)ms * 1000000;
    nng_sleep_aio(ms, sleeper->aio);
}

static struct sleeper* new_sleepers(long n) {
    struct sleeper* sleepers = allocate((size_t)n, sizeof(*sleepers));
    for (long i = 0; i < n; i++) sleepers[i].aio = new_aio(wake, &sleepers[i]);
    return sleepers;
}

// Waits until all callbacks have run. The thread sleeps only for the handles whose callback runs after those of all
// handles before, which are few if the sleeps end at random moments.
static void await_all(struct sleeper* sleepers, long n) {
    for (long i = 0; i < n; i++) nng_aio_wait(sleepers[i].aio);
}

static void free_sleepers(struct sleeper* sleepers, long n) {
    for (long i = 0; i < n; i++) nng_aio_free(sleepers[i].aio);
    free(sleepers);
}

// Returns a moment that leaves time to submit n sleeps before it.
static int64_t when_all_sleep(long n) { return now_ns() + 100000000 + (int64_t)n * 2000; }

// Starts `size` sleeps that are due at random moments of one second, and reports the delay of their callbacks.
void random_sleeps(long size) {
    struct sleeper* sleepers = new_sleepers(size);
    int64_t* late = allocate((size_t)size, sizeof(*late));
    uint64_t random = BENCH_SEED;
    int64_t first = when_all_sleep(size);
    double cpu = cpu_ns();

    for (long i = 0; i < size; i++) sleep_until(&sleepers[i], first + (int64_t)(random_next(&random) % 1000000000));
    await_all(sleepers, size);
    report("cpu", (cpu_ns() - cpu) / (double)size, "ns");
    for (long i = 0; i < size; i++) late[i] = atomic_load(&sleepers[i].woken) - sleepers[i].due;
    report_percentiles("late", late, (size_t)size);
    free(late);
    free_sleepers(sleepers, size);
}

// Starts `size` sleeps that are due in the same millisecond, and reports the delay of the last callback.
void burst(long size) {
    struct sleeper* sleepers = new_sleepers(size);
    int64_t moment = when_all_sleep(size);
    int64_t begin = now_ns();
    int64_t last = 0;
    int64_t slept;
    double cpu = cpu_ns();

    for (long i = 0; i < size; i++) sleep_until(&sleepers[i], moment);
    slept = now_ns();
    if (slept > moment) moment = slept;  // on a busy machine the submits may end after `moment`
    report("submit", (double)(slept - begin) / (double)size, "ns");
    await_all(sleepers, size);
    report("cpu", (cpu_ns() - cpu) / (double)size, "ns");
    for (long i = 0; i < size; i++) {
        int64_t woken = atomic_load(&sleepers[i].woken);
        if (woken > last) last = woken;
    }
    report("last", (double)(last - moment) / 1e6, "ms");
    free_sleepers(sleepers, size);
}
