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
    uint64_t messages;     // the number of messages that a client has got back
    int64_t sent;          // the time of a client's last send, if the client has `round_trips`
    int64_t* round_trips;  // NULL, or an array for the durations of a client's first `capacity` round trips
    size_t capacity;
    int64_t pause;  // the time that a server's callback sleeps, in nanoseconds
    char data[MESSAGE];
    char distance[64];  // keeps the next end, which another thread writes, out of this cache line
};

void open_end(struct end* end, nng_stream* stream, bool client);
void start_end(struct end* end);
void wait_for_end(struct end* end);  // REQUIRES: `stop` of the client is set
void close_end(struct end* end);

#endif
