// The tour's workload: threads that submit a mix of operations. The operations that each thread submits depend only on
// the number of operations, so all runs with the same number submit the same operations.
#ifndef TOUR_WORKLOAD_H
#define TOUR_WORKLOAD_H

#include <stdint.h>

#include "statistics.h"

struct workload;

enum { SUBMITTERS = 4, IN_FLIGHT = 1000 };  // max operations in flight for each submitter

// Starts the threads. Prints a message and returns NULL if a thread cannot be started or memory is missing.
// REQUIRES: the library is initialised.
struct workload* workload_start(size_t operations);

struct progress {
    uint64_t submitted;
    uint64_t callbacks;
    bool finished;  // no operation is left to submit, and none is in flight
};
struct progress workload_progress(struct workload* workload);

// Joins the threads, empties the queues and frees the handles.
// REQUIRES: all operations have ended.
void workload_join(struct workload* workload);

// Adds up the statistics, and checks each item. Called after workload_join, or, if the workload is stuck, without
// workload_join. In the second case each callback that did not come counts as a broken promise. Returns false if there
// is no memory.
bool workload_add_up(struct workload* workload, struct statistics* total);

void workload_free(struct workload* workload);

#endif
