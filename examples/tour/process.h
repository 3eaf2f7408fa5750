// Reads statistics of this process from the system.
#ifndef TOUR_PROCESS_H
#define TOUR_PROCESS_H

// Return the max resident set so far in KiB, and the number of threads now; -1 if /proc does not say.
long process_peak_memory(void);
long process_threads(void);

#endif
