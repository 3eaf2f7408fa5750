// Connections that pass a message of 64 bytes back and forth, all at the same time, on one or more loops.
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "loop_thread.h"
#include "stream.h"
#include "trip_times.h"

#define MESSAGE 64

struct end {
    struct stream stream;
    bool client;
    atomic_ullong messages;    // the number of messages that a client has got back
    struct trip_times* times;  // of a client, or NULL
    int64_t pause;             // the time that a server's callback sleeps, in nanoseconds
    char in[2 * MESSAGE];  // larger than a message, because libuv reads once more after a read that fills the buffer
    char out[MESSAGE];
};

struct crowd {
    struct loop_thread* loops;
    long n_loops;
    struct end* ends;  // clients and servers alternately
    long n;            // the number of connections
};

// Both ends of a connection are on the same loop, and the connections are spread evenly over the loops. BENCH_THREADS
// is the number of loops, `loops` if it is not set.
struct crowd open_crowd(bool tcp, long connections, long loops);
struct round_trips run_crowd(struct crowd* crowd);
void free_crowd(struct crowd* crowd);

#endif
