// The scenarios with bare system calls. Their figures are the best that this machine can reach with any library.
#include "scenario.h"
#include "scenarios.h"

static const struct scenario scenarios[] = {
    {"round_trip", round_trip, 0},
    {"produce", produce, 64},
    {"expire", expire, 0},
    {"random_sleeps", random_sleeps, 1000},
    {"tcp_ping", tcp_ping, 64},
    {"ipc_ping", ipc_ping, 64},
    {"tcp_ping_wait", tcp_ping_wait, 64},
    {"ipc_ping_wait", ipc_ping_wait, 64},
    {"tcp_ping_poll", tcp_ping_poll, 0},
    {"ipc_ping_poll", ipc_ping_poll, 0},
    {"tcp_flood", tcp_flood, 1},
    {"ipc_flood", ipc_flood, 1},
    {"tcp_echo", tcp_echo, 100},
    {"ipc_echo", ipc_echo, 100},
    {"primitives", primitives, 0},
};

int main(int argc, char** argv) {
    return run_scenario(scenarios, sizeof(scenarios) / sizeof(scenarios[0]), argc, argv);
}
