// The scenarios with libuv alone. As libuv's documentation requires, only the thread that runs the loop uses libuv's
// handles, and other threads reach the loop through uv_async_send.
#include "scenario.h"
#include "scenarios.h"

static const struct scenario scenarios[] = {
    {"round_trip", round_trip, 0},
    {"resubmit", resubmit, 64},
    {"armed", armed, 0},
    {"expire", expire, 0},
    {"random_sleeps", random_sleeps, 100000},
    {"burst", burst, 100000},
    {"memory", memory, 1000000},
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

int main(int argc, char** argv) {
    return run_scenario(scenarios, sizeof(scenarios) / sizeof(scenarios[0]), argc, argv);
}
