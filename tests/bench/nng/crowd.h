// Connections that all pass a message back and forth at the same time. Each connection has one message under way.
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "end.h"

struct crowd {
    struct connector connector;
    struct end* ends;  // clients and servers alternately
    long n;            // the number of connections
};

struct crowd open_crowd(const char* scheme, long n);
struct round_trips run_crowd(struct crowd* crowd);
void close_crowd(struct crowd* crowd);

#endif
