#include "pair.h"

#include <stdio.h>
#include <unistd.h>

void name_path(struct pair* pair) {
    static int number;
    snprintf(pair->url, sizeof pair->url, "ipc:///tmp/naio-nng1-%d-%d", (int)getpid(), ++number);
}

static void name_port(struct pair* pair) {
    int port = 0;
    need(nng_stream_listener_get_int(pair->listener, NNG_OPT_TCP_BOUND_PORT, &port), "bound port");
    snprintf(pair->url, sizeof pair->url, "tcp://127.0.0.1:%d", port);
}

void connect_pair(struct pair* pair, bool tcp) {
    struct handle accept, dial;
    make_handle(&accept);
    make_handle(&dial);
    name_path(pair);
    need(nng_stream_listener_alloc(&pair->listener, tcp ? "tcp://127.0.0.1:0" : pair->url), "listener");
    need(nng_stream_listener_listen(pair->listener), "listen");
    if (tcp) name_port(pair);
    need(nng_stream_dialer_alloc(&pair->dialer, pair->url), "dialer");
    nng_stream_listener_accept(pair->listener, accept.aio);
    nng_stream_dialer_dial(pair->dialer, dial.aio);
    nng_aio_wait(dial.aio);
    nng_aio_wait(accept.aio);
    need(nng_aio_result(dial.aio), "dial");
    need(nng_aio_result(accept.aio), "accept");
    pair->dialed = nng_aio_get_output(dial.aio, 0);
    pair->accepted = nng_aio_get_output(accept.aio, 0);
    free_handle(&accept);
    free_handle(&dial);
}

void free_pair(struct pair* pair) {
    nng_stream_free(pair->dialed);
    nng_stream_free(pair->accepted);
    nng_stream_dialer_free(pair->dialer);
    nng_stream_listener_free(pair->listener);
}

void transfer(struct handle* handle, nng_stream* stream, void (*operation)(nng_stream*, nng_aio*), char* bytes,
              size_t length, unsigned pieces) {
    nng_iov iov[8];
    for (unsigned i = 0; i < pieces; ++i) {
        const size_t begin = length * i / pieces;
        iov[i].iov_buf = bytes + begin;
        iov[i].iov_len = length * (i + 1) / pieces - begin;
    }
    need(nng_aio_set_iov(handle->aio, pieces, iov), "nng_aio_set_iov");
    operation(stream, handle->aio);
    nng_aio_wait(handle->aio);
}
