// Processes that do nothing but use a processor, so that the measured program has to share the processors.
#ifndef BENCH_BUSY_H
#define BENCH_BUSY_H

#include <sys/types.h>

struct busy {
    pid_t* processes;
    long n;
};

// Starts n processes, which run until end_busy, or until the calling process has ended. Any processor may run them.
struct busy start_busy(long n);
void end_busy(struct busy* busy);

#endif
