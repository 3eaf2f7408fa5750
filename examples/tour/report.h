// The tour's output: the table on stdout and the progress bar on stderr.
#ifndef TOUR_REPORT_H
#define TOUR_REPORT_H

#include "statistics.h"

struct run {
    double seconds;
    long peak_memory;   // KiB, -1 if not known
    long peak_threads;  // -1 if not known
    bool stuck;
};

// Prints the table. Sorts the samples.
void report_print(struct statistics* statistics, const struct run* run);

// Redraws the bar; report_progress_clear removes it.
void report_progress(uint64_t done, uint64_t all, uint64_t in_flight);
void report_progress_clear(void);

#endif
