// Measures the round trips of the other connections while the servers of `size` of 100 connections sleep 10 ms in each
// callback. There are two loops.
#include "blocked.h"

#include "crowd.h"
#include "scenarios.h"

static void blocked(bool tcp, long size) {
    struct crowd crowd = open_crowd(tcp, BLOCKED_CONNECTIONS, 2);
    struct trip_times* times[BLOCKED_CONNECTIONS];
    const long others = crowd.n - size;
    struct round_trips done;

    for (long i = 0; i < size; i++) crowd.ends[2 * i + 1].pause = BLOCKED_PAUSE;
    for (long i = 0; i < others; i++) times[i] = crowd.ends[2 * (size + i)].times = new_trip_times();
    done = run_crowd(&crowd);
    report_trip_times(times, others, done.begin);
    report_echo(&done);
    free_crowd(&crowd);
    for (long i = 0; i < others; i++) free_trip_times(times[i]);
}

void tcp_blocked(long size) { blocked(true, size); }
void ipc_blocked(long size) { blocked(false, size); }
