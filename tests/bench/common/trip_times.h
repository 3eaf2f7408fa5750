// The durations of a client's round trips. The thread that runs the client's callback records them, and another thread
// reads them while the round trips go on.
#ifndef BENCH_TRIP_TIMES_H
#define BENCH_TRIP_TIMES_H

#include "measure.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trip_times;

struct trip_times* new_trip_times(void);
void free_trip_times(struct trip_times* times);

// The callback calls trip_begins before it sends, and trip_ends when the message is back.
void trip_begins(struct trip_times* times);
void trip_ends(struct trip_times* times);

// Reports rtt_p50 and rtt_p99 of n clients: the round trips that have begun since the moment `since`. A round trip that
// is still under way counts with the time that it has taken so far; otherwise a message that waits until the end
// would not count at all.
void report_trip_times(struct trip_times* const* times, long n, int64_t since);

#ifdef __cplusplus
}
#endif

#endif
