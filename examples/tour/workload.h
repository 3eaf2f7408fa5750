// The tour's load: some threads that submit a mix of operations. What each thread submits depends
// on nothing but the number of operations, so that every run does the same.
#ifndef TOUR_WORKLOAD_H
#define TOUR_WORKLOAD_H

#include <stdint.h>

#include "statistics.h"

struct workload;

enum { SUBMITTERS = 4, IN_FLIGHT = 1000 };  // operations in flight of each, at most

// Starts the threads. The library must be initialised. Prints a message and returns NULL if that
// cannot be done.
struct workload* workload_start(size_t operations);

struct progress {
    uint64_t submitted;
    uint64_t callbacks;
    bool finished;  // nothing is left to submit and nothing is in flight
};
struct progress workload_progress(struct workload* workload);

// After the end: joins the threads, empties the queues and frees the handles.
void workload_join(struct workload* workload);

// After the join: adds all up, and looks what became of each item. Also for a workload that got
// stuck, without the join; then every callback that did not come is a broken promise.
// Returns false if there is no memory.
bool workload_add_up(struct workload* workload, struct statistics* total);

void workload_free(struct workload* workload);

#endif
