// Reads figures of this process from the system.
#ifndef TOUR_PROCESS_H
#define TOUR_PROCESS_H

// Largest resident set so far in KiB, and threads now; -1 where /proc does not tell.
long process_peak_memory(void);
long process_threads(void);

#endif
