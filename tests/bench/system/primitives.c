// Measures the primitives on which all scenarios depend: atomics, locks, memory, the clock, calls to the system.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"
#include "scenarios.h"

static _Atomic uint64_t word;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int event;

static void compare_exchange(void) {
    uint64_t old = atomic_load_explicit(&word, memory_order_relaxed);
    atomic_compare_exchange_strong(&word, &old, old + 1);
}

static void lock_and_unlock(void) {
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void allocate_and_free(void) {
    void* volatile memory = malloc(256);
    free(memory);
}

static void read_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
}

static void system_call(void) { syscall(SYS_getppid); }

static void signal_event(void) {
    uint64_t count = 1;
    if (write(event, &count, sizeof(count)) < 0 || read(event, &count, sizeof(count)) < 0) die("eventfd");
}

static void measure(const char* name, void (*function)(void)) {
    int64_t begin = now_ns();
    int64_t end;
    double n = 0;
    do {
        for (int i = 0; i < 1000; i++) function();
        n += 1000;
        end = now_ns();
    } while (end - begin < time_to_run() / 4);
    report(name, (double)(end - begin) / n, "ns");
}

static void* sleep_on(void* arg) {
    pause();
    return arg;
}

void primitives(long size) {
    pthread_t other;
    (void)size;
    // Starts a second thread, because glibc takes shortcuts in a process that has only one. A program with the library
    // always has several.
    if (pthread_create(&other, NULL, sleep_on, NULL) != 0) die("no thread");
    event = eventfd(0, EFD_NONBLOCK);
    measure("compare_exchange", compare_exchange);
    measure("mutex", lock_and_unlock);
    measure("malloc", allocate_and_free);
    measure("clock", read_clock);
    measure("system_call", system_call);
    measure("eventfd", signal_event);
}
