// A server that sends back everything that it receives. At most 10,000 clients are served at a time; others wait.
//
//     echo_server URL      tcp://127.0.0.1:8007, tcp://[::1]:0, ipc:///tmp/echo.sock
//
// A session has one buffer and one nng_aio that alternately receives and sends. So if a client does not read, the
// system's buffers fill, the session waits in a send, and the server reads no more from this client. server.c has the
// code that this server shares with httpd and proxy.
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

// Sends the rest of the buffer. A send may transfer only a part of it.
static void send_rest(struct echo* echo) {
    echo->sending = true;
    check(nng_aio_set_iov(echo->aio, 1, &echo->unsent), "nng_aio_set_iov");
    nng_stream_send(echo->stream, echo->aio);
}

static void proceed(void* arg) {
    struct echo* echo = arg;
    size_t count = nng_aio_count(echo->aio);

    if (nng_aio_result(echo->aio) != NNG_OK) {  // for example: the client has shut down, or the server ends
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

// Frees the session. session_end calls this function inside the callback of the handle. Therefore this function calls
// nng_aio_reap: the library frees the handle after the callback. No operation uses the stream any more.
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
    usage(argc, argv, 1, 1, "URL", "Sends back what it receives, for up to 10,000 clients, until SIGINT or SIGTERM.");
    return server_run(argv[1], MOST, 1, connected, NULL);
}
