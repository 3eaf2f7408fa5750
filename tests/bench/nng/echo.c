// Measures many connections that echo 64 bytes, all at the same time. Each connection has one message under way.
#include <stdlib.h>

#include "end.h"
#include "scenario.h"
#include "scenarios.h"

struct crowd {
    struct connector connector;
    struct end* ends;  // clients and servers alternately
    long n;            // the number of connections
};

static struct crowd open_crowd(const char* scheme, long n) {
    struct crowd crowd = {{NULL, NULL}, NULL, n};
    need_descriptors(2 * n + 100);
    crowd.connector = open_connector(scheme);
    crowd.ends = allocate((size_t)n * 2, sizeof(struct end));
    for (long i = 0; i < n; i++) {
        struct connection connection = connect_one(&crowd.connector);
        open_end(&crowd.ends[2 * i], connection.client, true);
        open_end(&crowd.ends[2 * i + 1], connection.server, false);
    }
    return crowd;
}

static void run_crowd(struct crowd* crowd) {
    for (long i = 0; i < crowd->n; i++) {
        start_end(&crowd->ends[2 * i + 1]);
        start_end(&crowd->ends[2 * i]);
    }
    sleep_ns(time_to_run_many(crowd->n));
    for (long i = 0; i < crowd->n; i++) atomic_store(&crowd->ends[2 * i].stop, true);
    for (long i = 0; i < crowd->n; i++) wait_for_end(&crowd->ends[2 * i]);
}

static void close_crowd(struct crowd* crowd) {
    for (long i = 0; i < 2 * crowd->n; i++) {
        close_end(&crowd->ends[i]);
        free(crowd->ends[i].round_trips);
    }
    close_connector(&crowd->connector);
    free(crowd->ends);
}

static void echo(const char* scheme, long n) {
    struct crowd crowd = open_crowd(scheme, n);
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    double messages = 0;
    double ns;

    run_crowd(&crowd);
    ns = (double)(now_ns() - begin);
    cpu = cpu_ns() - cpu;
    for (long i = 0; i < n; i++) messages += (double)crowd.ends[2 * i].messages;
    report("rate", messages / ns * 1e6, "k/s");
    report("cpu", cpu / messages / 1e3, "us");
    close_crowd(&crowd);
}

void tcp_echo(long size) { echo("tcp", size); }
void ipc_echo(long size) { echo("ipc", size); }

// ---- With a callback that blocks

#define ROUND_TRIPS 10000

static void record(struct end* end) {
    end->round_trips = allocate(ROUND_TRIPS, sizeof(int64_t));
    end->capacity = ROUND_TRIPS;
}

// Reports the round trips of all connections except the first.
static void report_others(struct crowd* crowd, const char* name) {
    int64_t* all = allocate((size_t)crowd->n * ROUND_TRIPS, sizeof(int64_t));
    size_t n = 0;
    for (long i = 1; i < crowd->n; i++) {
        struct end* end = &crowd->ends[2 * i];
        for (size_t k = 0; k < end->capacity && k < end->messages; k++) all[n++] = end->round_trips[k];
    }
    report_percentiles(name, all, n);
    free(all);
}

static void crowd_with_pause(const char* scheme, long n, int64_t pause, const char* name) {
    struct crowd crowd = open_crowd(scheme, n);
    for (long i = 1; i < n; i++) record(&crowd.ends[2 * i]);
    crowd.ends[1].pause = pause;
    run_crowd(&crowd);
    report_others(&crowd, name);
    close_crowd(&crowd);
}

// Reports the round trips while no server sleeps in its callbacks, and while one of n servers sleeps 10 ms in each
// callback.
static void blocked(const char* scheme, long n) {
    crowd_with_pause(scheme, n, 0, "free");
    crowd_with_pause(scheme, n, 10000000, "blocked");
}

void tcp_blocked(long size) { blocked("tcp", size); }
void ipc_blocked(long size) { blocked("ipc", size); }
