// The objects that the tour's operations use for input and output. Each submitting thread has its own objects: two ends
// of a connection, two sockets for datagrams, and a file without a name.
#ifndef TOUR_IO_H
#define TOUR_IO_H

#include <naio/naio.h>

enum { PIECE = 64 };  // max bytes that one operation moves

struct io {
    nng_stream* near;  // sends
    nng_stream* far;   // receives
    nng_udp* sender;
    nng_udp* receiver;
    nng_sockaddr receiver_address;
    naio_file* file;
};

// Opens the objects. Ends the program with a message if the system refuses one of them.
void io_open(struct io* io);

// Closes the objects. REQUIRES: no operation on them is in flight.
void io_close(struct io* io);

#endif
