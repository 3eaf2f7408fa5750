// Two connected streams, for the parts of the compared program that need a connection.
#ifndef NAIO_TESTS_NNG1_PAIR_H
#define NAIO_TESTS_NNG1_PAIR_H

#include "compared.h"

struct pair {
    nng_stream_listener* listener;
    nng_stream_dialer* dialer;
    nng_stream *accepted, *dialed;
    char url[128];
};
// Connects over TCP (tcp is true) or over a socket in the file system.
void connect_pair(struct pair*, bool tcp);
void free_pair(struct pair*);
// Writes the URL of a path that no other process uses to the pair.
void name_path(struct pair*);

// Does one transfer of `length` bytes in `pieces` pieces, and waits for it.
void transfer(struct handle*, nng_stream*, void (*operation)(nng_stream*, nng_aio*), char* bytes, size_t length,
              unsigned pieces);

#endif
