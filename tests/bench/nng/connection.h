// Connections within one process, made with a dialer and a listener.
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include "library.h"

struct connector {
    nng_stream_listener* listener;
    nng_stream_dialer* dialer;
};

struct connection {
    nng_stream* client;
    nng_stream* server;
};

// Makes a listener that listens, and a dialer for its URL. `scheme` is tcp or ipc.
struct connector open_connector(const char* scheme);
struct connection connect_one(struct connector* connector);
void close_connector(struct connector* connector);

// Each function starts an operation that sends or receives up to `size` bytes.
void start_send(nng_stream* stream, nng_aio* aio, void* data, size_t size);
void start_receive(nng_stream* stream, nng_aio* aio, void* data, size_t size);

#endif
