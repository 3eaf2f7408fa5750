// The time in which a scenario counts round trips. It begins after a warm-up, so that a library that adapts to its load
// has adapted, and the start of many connections has no weight.
#ifndef BENCH_WINDOW_H
#define BENCH_WINDOW_H

#include "measure.h"

#ifdef __cplusplus
extern "C" {
#endif

// Waits for the warm-up and then for the duration of a measurement with n connections, while other threads do round
// trips. count(arg) returns the number of round trips so far. Returns the round trips of the measurement.
struct round_trips count_round_trips(double (*count)(const void* arg), const void* arg, long n);

#ifdef __cplusplus
}
#endif

#endif
