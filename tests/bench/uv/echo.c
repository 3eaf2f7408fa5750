// Measures one connection, and many connections at the same time, that echo 64 bytes.
#include "crowd.h"
#include "scenarios.h"

static struct round_trips echo(bool tcp, long connections) {
    struct crowd crowd = open_crowd(tcp, connections, 1);
    struct round_trips done = run_crowd(&crowd);
    free_crowd(&crowd);
    return done;
}

static void ping(bool tcp) {
    struct round_trips done = echo(tcp, 1);
    report_ping(&done);
}

static void many(bool tcp, long connections) {
    struct round_trips done = echo(tcp, connections);
    report_echo(&done);
}

void tcp_ping(long size) {
    (void)size;
    ping(true);
}

void ipc_ping(long size) {
    (void)size;
    ping(false);
}

void tcp_echo(long size) { many(true, size); }
void ipc_echo(long size) { many(false, size); }
