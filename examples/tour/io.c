#include "io.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "../check.h"

// Waits for the operation on the handle, and returns the object that the operation has opened.
static void* opened(nng_aio* aio, const char* what) {
    nng_aio_wait(aio);
    check(nng_aio_result(aio), what);
    return nng_aio_get_output(aio, 0);
}

static void open_streams(struct io* io, nng_aio* aio) {
    nng_stream_listener* listener;
    nng_stream_dialer* dialer;
    char url[64];
    int port;

    check(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), "nng_stream_listener_alloc");
    check(nng_stream_listener_listen(listener), "nng_stream_listener_listen");
    check(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port), NNG_OPT_BOUND_PORT);
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", port);
    check(nng_stream_dialer_alloc(&dialer, url), url);
    nng_stream_dialer_dial(dialer, aio);
    io->near = opened(aio, url);
    nng_stream_listener_accept(listener, aio);
    io->far = opened(aio, "nng_stream_listener_accept");
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

static void open_sockets(struct io* io) {
    nng_sockaddr any = {.s_in = {NNG_AF_INET, 0, htonl(INADDR_LOOPBACK)}};

    check((nng_err)nng_udp_open(&io->sender, &any), "nng_udp_open");
    check((nng_err)nng_udp_open(&io->receiver, &any), "nng_udp_open");
    check((nng_err)nng_udp_sockname(io->receiver, &io->receiver_address), "nng_udp_sockname");
}

static void open_file(struct io* io, nng_aio* aio) {
    char path[] = "/tmp/naio-tour-XXXXXX";
    int descriptor = mkstemp(path);

    expect(descriptor >= 0 && ftruncate(descriptor, PIECE) == 0, "there can be a file in /tmp");
    close(descriptor);
    naio_file_open(path, NAIO_FILE_READ | NAIO_FILE_WRITE, 0, aio);
    io->file = opened(aio, path);
    unlink(path);
}

void io_open(struct io* io) {
    nng_aio* aio;

    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    open_streams(io, aio);
    open_sockets(io);
    open_file(io, aio);
    nng_aio_free(aio);
}

void io_close(struct io* io) {
    nng_stream_free(io->near);
    nng_stream_free(io->far);
    nng_udp_close(io->sender);
    nng_udp_close(io->receiver);
    naio_file_free(io->file);
}
