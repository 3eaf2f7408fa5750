// Measures the round trips of the other connections while the servers of `size` of 100 connections sleep 10 ms in each
// callback.
#include "blocked.h"

#include "crowd.h"
#include "scenarios.h"

static void blocked(const char* scheme, long size) {
    struct crowd crowd = open_crowd(scheme, BLOCKED_CONNECTIONS);
    struct trip_times* times[BLOCKED_CONNECTIONS];
    const long others = crowd.n - size;
    struct round_trips done;

    require(size >= 0 && others > 0, "some connections do not block");
    for (long i = 0; i < size; i++) crowd.ends[2 * i + 1].pause = BLOCKED_PAUSE;
    for (long i = 0; i < others; i++) times[i] = crowd.ends[2 * (size + i)].times = new_trip_times();
    done = run_crowd(&crowd);
    report_trip_times(times, others, done.begin);
    report_echo(&done);
    close_crowd(&crowd);
    for (long i = 0; i < others; i++) free_trip_times(times[i]);
}

void tcp_blocked(long size) { blocked("tcp", size); }
void ipc_blocked(long size) { blocked("ipc", size); }
