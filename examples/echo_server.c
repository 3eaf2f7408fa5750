// A server that sends back what it receives, to any number of clients.
//
//     echo_server URL      tcp://127.0.0.1:8007, tcp://[::1]:0, ipc:///tmp/echo.sock
//
// A session is one buffer and one nng_aio that alternately receives and sends. So the server does not read from a
// client that does not read. server.c has the code that all servers share.
#include <nng/nng.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "server.h"

enum { MOST = 10000, BUFFER = 16384 };

struct echo {
    struct session session;
    nng_stream* stream;
    nng_aio* aio;
    bool sending;
    nng_iov unsent;
    char buffer[BUFFER];
};

static void receive(struct echo* echo) {
    nng_iov iov = {echo->buffer, sizeof(echo->buffer)};
    echo->sending = false;
    check(nng_aio_set_iov(echo->aio, 1, &iov), "nng_aio_set_iov");
    nng_stream_recv(echo->stream, echo->aio);
}

// A send may take less than it was given.
static void send_rest(struct echo* echo) {
    echo->sending = true;
    check(nng_aio_set_iov(echo->aio, 1, &echo->unsent), "nng_aio_set_iov");
    nng_stream_send(echo->stream, echo->aio);
}

static void proceed(void* arg) {
    struct echo* echo = arg;
    size_t count = nng_aio_count(echo->aio);

    if (nng_aio_result(echo->aio) != NNG_OK) {  // the client has ended (NNG_ECONNSHUT), or the server does
        session_end(&echo->session);
        return;
    }
    if (echo->sending)
        echo->unsent = (nng_iov){(char*)echo->unsent.iov_buf + count, echo->unsent.iov_len - count};
    else
        echo->unsent = (nng_iov){echo->buffer, count};
    if (echo->unsent.iov_len != 0)
        send_rest(echo);
    else
        receive(echo);
}

static void close_echo(struct session* session) { nng_stream_close(((struct echo*)session)->stream); }

// Its own callback has called this, so the handle is left to the library; nothing is in flight on the stream.
static void free_echo(struct session* session) {
    struct echo* echo = (struct echo*)session;
    nng_stream_free(echo->stream);
    nng_aio_reap(echo->aio);
    free(echo);
}

static void connected(struct server* server, nng_stream* stream, void* arg) {
    struct echo* echo = malloc(sizeof(*echo));
    (void)arg;

    if (echo == NULL || nng_aio_alloc(&echo->aio, proceed, echo) != NNG_OK) {
        nng_stream_free(stream);
        free(echo);
        return;
    }
    echo->session.close = close_echo;
    echo->session.free = free_echo;
    echo->stream = stream;
    session_begin(server, &echo->session);
    receive(echo);
}

int main(int argc, char** argv) {
    usage(argc, argv, 1, 1, "URL", "Sends back what it receives, to any number of clients, until SIGINT or SIGTERM.");
    return server_run(argv[1], MOST, 1, connected, NULL);
}
