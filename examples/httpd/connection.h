// A connection with a client: takes requests, and answers them one after the other.
//
//     +-> receiving  until a head is complete
//     |       | 1. it can be answered
//     |       v
//     |    sending   the answer: its head, and the file piece by piece
//     |       |
//     +-------+------- 2. the connection stays; the next request may have been received already
//             |
//             +------> 3. it does not: the end
//             | 4. it does not, but the client may still be sending
//             v
//         lingering    what it sends is thrown away, for a while; closing at once could reset the
//                      connection before the client has read the answer
//
// The connection ends after any failure, and if the client is too slow. All of it runs in the callbacks of one nng_aio,
// and needs no lock.
#ifndef CONNECTION_H
#define CONNECTION_H

#include "../server.h"

struct connection_options {
    int root;           // see site.h
    nng_duration idle;  // milliseconds for a request to come, and for a client to take some of the answer
};

// A server_connected function; arg is a struct connection_options*.
void connection_begin(struct server* server, nng_stream* stream, void* arg);

#endif
