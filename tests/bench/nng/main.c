// The scenarios with nng_aio. This source is for every library that has NNG 2's interface.
#include <stdlib.h>

#include "library.h"
#include "scenario.h"
#include "scenarios.h"

static const struct scenario scenarios[] = {
    {"round_trip", round_trip, 0},
    {"resubmit", resubmit, 64},
    {"produce", produce, 64},
    {"chain", chain, 0},
    {"armed", armed, 0},
    {"expire", expire, 0},
    {"random_sleeps", random_sleeps, 100000},
    {"burst", burst, 100000},
    {"memory", memory, 1000000},
#ifndef BENCH_NNG_1  // NNG 1's nng_fini would wait until the last sleep is over
    {"fini", fini, 2000},
#endif
    {"tcp_ping", tcp_ping, 64},
    {"ipc_ping", ipc_ping, 64},
    {"tcp_ping_wait", tcp_ping_wait, 64},
    {"ipc_ping_wait", ipc_ping_wait, 64},
    {"tcp_flood", tcp_flood, 1},
    {"ipc_flood", ipc_flood, 1},
    {"tcp_echo", tcp_echo, 100},
    {"ipc_echo", ipc_echo, 100},
    {"tcp_blocked", tcp_blocked, 1},
    {"ipc_blocked", ipc_blocked, 1},
};

#ifdef BENCH_NNG_1
static void start_library(void) { check(nng_init(NULL), "nng_init"); }
#else
static void start_library(void) {
    nng_init_params params = {0};
    const char* pollers = getenv("BENCH_POLLERS");  // the number of pollers; not set: as many as the library likes
    if (pollers != NULL) params.num_poller_threads = (int16_t)atoi(pollers);
    check(nng_init(&params), "nng_init");
}
#endif

int main(int argc, char** argv) {
    int status;
    start_library();
    status = run_scenario(scenarios, sizeof(scenarios) / sizeof(scenarios[0]), argc, argv);
    nng_fini();
    return status;
}
