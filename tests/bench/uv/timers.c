// Measures timers. Only the loop's thread uses them.
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "measure.h"
#include "random.h"
#include "scenarios.h"

static void do_nothing(uv_timer_t* timer) { (void)timer; }

static uv_timer_t* new_timers(uv_loop_t* loop, long n) {
    uv_timer_t* timers = allocate((size_t)n + 1, sizeof(*timers));
    for (long i = 0; i < n; i++) uv_timer_init(loop, &timers[i]);
    return timers;
}

// Measures the time to start and stop a timer while `size` other timers are armed. Also measures the time to start one
// of the other timers, and the time to stop one of them.
void armed(long size) {
    uv_loop_t loop;
    uv_timer_t* others;
    uv_timer_t timer;
    uint64_t random = BENCH_SEED;
    int64_t begin;
    int64_t end;
    double n = 0;

    uv_loop_init(&loop);
    others = new_timers(&loop, size);
    begin = now_ns();
    for (long i = 0; i < size; i++) {
        uv_timer_start(&others[i], do_nothing, 600000 + random_next(&random) % 3000000, 0);
    }
    if (size > 0) report("arm", (double)(now_ns() - begin) / (double)size, "ns");

    uv_timer_init(&loop, &timer);
    begin = now_ns();
    do {
        for (int i = 0; i < 100; i++) {
            uv_timer_start(&timer, do_nothing, 1000, 0);
            uv_timer_stop(&timer);
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n, "ns");

    begin = now_ns();
    for (long i = 0; i < size; i++) uv_timer_stop(&others[i]);
    if (size > 0) report("disarm", (double)(now_ns() - begin) / (double)size, "ns");
    free(others);
}

// ---- A timer that expires

#define PERIOD_MS 2

static int64_t due;
static size_t ticks;
static size_t ticks_wanted;
static int64_t* tick_late;

static void ticked(uv_timer_t* timer) {
    tick_late[ticks++] = now_ns() - due;
    if (ticks == ticks_wanted) return;
    due = now_ns() + PERIOD_MS * 1000000;
    uv_update_time(timer->loop);
    uv_timer_start(timer, ticked, PERIOD_MS, 0);
}

void expire(long size) {
    uv_loop_t loop;
    uv_timer_t timer;
    double cpu = cpu_ns();

    (void)size;
    ticks_wanted = (size_t)(time_to_run() / (PERIOD_MS * 1000000)) + 1;
    tick_late = allocate(ticks_wanted, sizeof(*tick_late));
    uv_loop_init(&loop);
    uv_timer_init(&loop, &timer);
    due = now_ns() + PERIOD_MS * 1000000;
    uv_timer_start(&timer, ticked, PERIOD_MS, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    report("cpu", (cpu_ns() - cpu) / (double)ticks / 1e3, "us");
    report_percentiles("late", tick_late, ticks);
    free(tick_late);
}

// ---- Many sleeps

struct sleeper {
    uv_timer_t timer;
    int64_t due;
    int64_t woken;
};

static void woke(uv_timer_t* timer) { ((struct sleeper*)timer->data)->woken = now_ns(); }

static struct sleeper* new_sleepers(uv_loop_t* loop, long n) {
    struct sleeper* sleepers = allocate((size_t)n, sizeof(*sleepers));
    for (long i = 0; i < n; i++) {
        uv_timer_init(loop, &sleepers[i].timer);
        sleepers[i].timer.data = &sleepers[i];
    }
    return sleepers;
}

static void sleep_until(struct sleeper* sleeper, int64_t moment) {
    int64_t now = now_ns();
    int64_t ms = (moment - now) / 1000000 + 1;
    sleeper->due = now + ms * 1000000;
    uv_update_time(sleeper->timer.loop);
    uv_timer_start(&sleeper->timer, woke, (uint64_t)ms, 0);
}

// Returns a moment that leaves time to submit n sleeps before it.
static int64_t when_all_sleep(long n) { return now_ns() + 100000000 + (int64_t)n * 2000; }

void random_sleeps(long size) {
    uv_loop_t loop;
    struct sleeper* sleepers;
    int64_t* late = allocate((size_t)size, sizeof(*late));
    uint64_t random = BENCH_SEED;
    int64_t first;
    double cpu;

    uv_loop_init(&loop);
    sleepers = new_sleepers(&loop, size);
    first = when_all_sleep(size);
    cpu = cpu_ns();
    for (long i = 0; i < size; i++) sleep_until(&sleepers[i], first + (int64_t)(random_next(&random) % 1000000000));
    uv_run(&loop, UV_RUN_DEFAULT);
    report("cpu", (cpu_ns() - cpu) / (double)size, "ns");
    for (long i = 0; i < size; i++) late[i] = sleepers[i].woken - sleepers[i].due;
    report_percentiles("late", late, (size_t)size);
    free(late);
    free(sleepers);
}

void burst(long size) {
    uv_loop_t loop;
    struct sleeper* sleepers;
    int64_t moment;
    int64_t begin;
    int64_t slept;
    int64_t last = 0;
    double cpu;

    uv_loop_init(&loop);
    sleepers = new_sleepers(&loop, size);
    moment = when_all_sleep(size);
    cpu = cpu_ns();
    begin = now_ns();
    for (long i = 0; i < size; i++) sleep_until(&sleepers[i], moment);
    slept = now_ns();
    if (slept > moment) moment = slept;  // on a busy machine the submits may end after `moment`
    report("submit", (double)(slept - begin) / (double)size, "ns");
    uv_run(&loop, UV_RUN_DEFAULT);
    report("cpu", (cpu_ns() - cpu) / (double)size, "ns");
    for (long i = 0; i < size; i++) {
        if (sleepers[i].woken > last) last = sleepers[i].woken;
    }
    report("last", (double)(last - moment) / 1e6, "ms");
    free(sleepers);
}

// ---- Memory

// Measures the memory per timer, idle and armed. Each timer has a block of its own.
void memory(long size) {
    uv_loop_t loop;
    uv_timer_t** timers = allocate((size_t)size, sizeof(uv_timer_t*));
    long before;

    uv_loop_init(&loop);
    report("threads", (double)thread_count(), "");
    memset(timers, 1, (size_t)size * sizeof(uv_timer_t*));  // touches each page of the array
    before = resident_bytes();
    for (long i = 0; i < size; i++) {
        timers[i] = allocate(1, sizeof(uv_timer_t));
        uv_timer_init(&loop, timers[i]);
    }
    report("idle", (double)(resident_bytes() - before) / (double)size, "B");
    for (long i = 0; i < size; i++) uv_timer_start(timers[i], do_nothing, 600000 + (uint64_t)i % 100000, 0);
    report("in_flight", (double)(resident_bytes() - before) / (double)size, "B");
    for (long i = 0; i < size; i++) free(timers[i]);
    free(timers);
}
