// One end of a connection, which passes a message of 64 bytes back and forth in its callbacks. A client sends first,
// and a server receives first.
#ifndef BENCH_END_H
#define BENCH_END_H

#include "connection.h"
#include "trip_times.h"

#define MESSAGE 64

struct end {
    nng_stream* stream;
    nng_aio* aio;
    bool client;
    bool sending;
    atomic_bool stop;          // the client sends no further message
    atomic_ullong messages;    // the number of messages that a client has got back
    struct trip_times* times;  // of a client, or NULL
    int64_t pause;             // the time that a server's callback sleeps, in nanoseconds
    char data[MESSAGE];
    char distance[64];  // keeps the next end, which another thread writes, out of this cache line
};

void open_end(struct end* end, nng_stream* stream, bool client);
void start_end(struct end* end);
void wait_for_end(struct end* end);  // REQUIRES: `stop` of the client is set
void close_end(struct end* end);

#endif
