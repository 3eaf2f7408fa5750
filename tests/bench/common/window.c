#include "window.h"

struct round_trips count_round_trips(double (*count)(const void* arg), const void* arg, long n) {
    const int64_t time = time_to_run_many(n);
    struct round_trips done;
    sleep_ns(time / 4);
    const double cpu = cpu_ns();
    const double before = count(arg);
    done.begin = now_ns();
    sleep_ns(time);
    done.trips = count(arg) - before;
    done.ns = (double)(now_ns() - done.begin);
    done.cpu = cpu_ns() - cpu;
    return done;
}
