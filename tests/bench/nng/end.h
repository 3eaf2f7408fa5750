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
    atomic_bool stop;      // the client sends no further message
    uint64_t messages;     // how many a client has got back
    int64_t sent;          // when a client has sent the last one
    int64_t* round_trips;  // of a client: NULL, or room for `capacity` of them
    size_t capacity;
    int64_t pause;  // how long a server's callback sleeps, in nanoseconds
    char data[MESSAGE];
    char distance[64];  // another thread writes the next end
};

void open_end(struct end* end, nng_stream* stream, bool client);
void start_end(struct end* end);
void wait_for_end(struct end* end);  // REQUIRES: `stop` of the client is set
void close_end(struct end* end);

#endif
