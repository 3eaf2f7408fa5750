// One end of a connection that passes a message of 64 bytes back and forth in its callbacks: a client
// sends first, a server receives first.
#ifndef BENCH_END_H
#define BENCH_END_H

#include "connection.h"

#define MESSAGE 64

struct end {
    nng_stream* stream;
    nng_aio* aio;
    bool client;
    bool sending;
    atomic_bool stop;      // the client keeps its next message
    uint64_t messages;     // that a client has got back
    int64_t sent;          // when a client has sent the last one
    int64_t* round_trips;  // NULL, or room for `capacity` of a client's
    size_t capacity;
    int64_t pause;  // how long a server's callback sleeps, in nanoseconds
    char data[MESSAGE];
    char distance[64];  // other ends belong to other threads
};

void open_end(struct end* end, nng_stream* stream, bool client);
void start_end(struct end* end);
void wait_for_end(struct end* end);  // a client that has been told to stop
void close_end(struct end* end);

#endif
