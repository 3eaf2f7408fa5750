// Measures one connection, and many connections at the same time, that echo 64 bytes.
#include "crowd.h"
#include "scenarios.h"

static struct round_trips echo(const char* scheme, long n) {
    struct crowd crowd = open_crowd(scheme, n);
    struct round_trips done = run_crowd(&crowd);
    close_crowd(&crowd);
    return done;
}

static void ping(const char* scheme) {
    struct round_trips done = echo(scheme, 1);
    report_ping(&done);
}

static void many(const char* scheme, long n) {
    struct round_trips done = echo(scheme, n);
    report_echo(&done);
}

void tcp_ping(long size) {
    (void)size;
    ping("tcp");
}

void ipc_ping(long size) {
    (void)size;
    ping("ipc");
}

void tcp_echo(long size) { many("tcp", size); }
void ipc_echo(long size) { many("ipc", size); }
