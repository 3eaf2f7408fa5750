// A connection with a client: receives requests, and answers them one after the other.
//
//     +-> receiving  until a head is complete
//     |       | 1. the head can be answered
//     |       v
//     |    sending   the answer: its head, and the file in pieces
//     |       |
//     +-------+------- 2. the connection stays open; the next request may already have been received
//             |
//             +------> 3. the connection does not stay open: it ends
//             | 4. the connection does not stay open, but the client may still be sending
//             v
//         lingering    the server discards what the client sends, for a limited time; closing at once could reset
//                      the connection before the client has read the answer
//
// The connection also ends after any failure, and if the client is too slow. All of its code runs in the callbacks of
// one nng_aio, and needs no lock.
#ifndef CONNECTION_H
#define CONNECTION_H

#include "../server.h"

struct connection_options {
    int root;           // see site.h
    nng_duration idle;  // max milliseconds until a request is complete, and until a client takes some of the answer
};

// A server_connected function; arg is a struct connection_options*.
void connection_begin(struct server* server, nng_stream* stream, void* arg);

#endif
