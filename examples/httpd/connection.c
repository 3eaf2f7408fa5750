#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"
#include "answer.h"

enum {
    HEAD_MAX = 8192,       // bytes of a request's head
    PIECE = 65536,         // max bytes of a file that are read and sent at a time
    LINGER = 1000,         // milliseconds
    LINGER_MAX = 1 << 20,  // bytes
};

struct connection {
    struct session session;
    const struct connection_options* options;
    nng_stream* stream;
    nng_aio* aio;
    enum { RECEIVING, SENDING, LINGERING } state;

    char in[HEAD_MAX];  // bytes that were received, and not yet answered
    size_t in_size;
    uint64_t body_left;  // bytes of the last request's body that have yet to be discarded
    nng_time deadline;   // the end of the wait for a request; LINGERING: the end of the lingering

    struct answer answer;
    char head[RESPONSE_HEAD_SIZE];
    char piece[PIECE];
    nng_iov unsent[2];  // the unsent parts of `head` and `piece`
    uint64_t file_at;
    uint64_t file_left;
    size_t lingered;
};

// ---- Receiving ---------------------------------------------------------------------------------

static void receive(struct connection* connection) {
    nng_iov iov = {connection->in + connection->in_size, sizeof(connection->in) - connection->in_size};

    connection->state = RECEIVING;
    nng_aio_set_expire(connection->aio, connection->deadline);
    check(nng_aio_set_iov(connection->aio, 1, &iov), "nng_aio_set_iov");
    nng_stream_recv(connection->stream, connection->aio);
}

static void drop_received(struct connection* connection, size_t size) {
    connection->in_size -= size;
    memmove(connection->in, connection->in + size, connection->in_size);
}

static void drop_body(struct connection* connection) {
    uint64_t here = connection->body_left < connection->in_size ? connection->body_left : connection->in_size;
    drop_received(connection, (size_t)here);
    connection->body_left -= here;
}

// ---- Sending -----------------------------------------------------------------------------------

static void send_unsent(struct connection* connection) {
    connection->state = SENDING;
    check(nng_aio_set_iov(connection->aio, 2, connection->unsent), "nng_aio_set_iov");
    nng_stream_send(connection->stream, connection->aio);
}

// Removes the first `sent` bytes. Returns false if nothing is left.
static bool advance(nng_iov unsent[2], size_t sent) {
    for (int i = 0; i < 2; i++) {
        size_t here = sent < unsent[i].iov_len ? sent : unsent[i].iov_len;
        unsent[i] = (nng_iov){(char*)unsent[i].iov_buf + here, unsent[i].iov_len - here};
        sent -= here;
    }
    return unsent[0].iov_len + unsent[1].iov_len != 0;
}

// Reads the next piece of the file. Returns false if the read fails; for instance, the file may be shorter now. A
// callback may block, and reading usually takes microseconds: passing the work to another thread would take longer.
static bool load_piece(struct connection* connection) {
    size_t size = connection->file_left < PIECE ? (size_t)connection->file_left : PIECE;
    ssize_t got;

    do {
        got = pread(connection->answer.file.descriptor, connection->piece, size, (off_t)connection->file_at);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return false;
    connection->unsent[1] = (nng_iov){connection->piece, (size_t)got};
    connection->file_at += (uint64_t)got;
    connection->file_left -= (uint64_t)got;
    return true;
}

static void load_reason(struct connection* connection) {
    int size = snprintf(connection->piece, PIECE, "%s\n", response_reason(connection->answer.response.status));
    connection->unsent[1] = (nng_iov){connection->piece, (size_t)size};
}

static void send_answer(struct connection* connection) {
    struct answer* answer = &connection->answer;
    size_t size = response_head(&answer->response, time(NULL), connection->head);

    connection->unsent[0] = (nng_iov){connection->head, size};
    connection->unsent[1] = (nng_iov){connection->piece, 0};
    connection->file_at = answer->response.range.first;
    connection->file_left = 0;
    if (!answer->without_content && answer->file.descriptor >= 0) connection->file_left = answer->response.range.size;
    if (!answer->without_content && answer->file.descriptor < 0) load_reason(connection);
    if (connection->file_left != 0 && !load_piece(connection)) {
        close(answer->file.descriptor);
        answer_error(answer, 500);
        send_answer(connection);
        return;
    }
    send_unsent(connection);
}

// ---- Transitions -------------------------------------------------------------------------------

static void answer_next(struct connection* connection) {
    struct http_request request;
    size_t size;
    int status;

    drop_body(connection);
    status = connection->body_left != 0 ? 0 : http_request_parse(connection->in, connection->in_size, &request, &size);
    if (status == 0 && connection->in_size < HEAD_MAX) {
        receive(connection);
        return;
    }
    if (status == 200) {
        answer_request(&connection->answer, &request, connection->options->root);
        connection->body_left = request.content_length;
        drop_received(connection, size);
    } else {
        bool has_line = memchr(connection->in, '\n', connection->in_size) != NULL;
        answer_error(&connection->answer, status != 0 ? status : has_line ? 431 : 414);
    }
    send_answer(connection);
}

static void received(struct connection* connection, nng_err err, size_t count) {
    if (err == NNG_ETIMEDOUT && connection->in_size != 0) {
        answer_error(&connection->answer, 408);
        send_answer(connection);
        return;
    }
    if (err != NNG_OK) {
        session_end(&connection->session);
        return;
    }
    connection->in_size += count;
    answer_next(connection);
}

static void linger(struct connection* connection) {
    nng_iov iov = {connection->piece, sizeof(connection->piece)};

    if (connection->state != LINGERING) connection->deadline = nng_clock() + LINGER;
    connection->state = LINGERING;
    nng_aio_set_expire(connection->aio, connection->deadline);
    check(nng_aio_set_iov(connection->aio, 1, &iov), "nng_aio_set_iov");
    nng_stream_recv(connection->stream, connection->aio);
}

static void answered(struct connection* connection) {
    if (connection->answer.file.descriptor >= 0) close(connection->answer.file.descriptor);
    connection->answer.file.descriptor = -1;
    if (connection->answer.response.keep_alive) {
        connection->deadline = nng_clock() + (nng_time)connection->options->idle;
        answer_next(connection);
    } else if (connection->answer.linger) {
        linger(connection);
    } else {
        session_end(&connection->session);
    }
}

static void sent(struct connection* connection, nng_err err, size_t count) {
    if (err != NNG_OK)
        session_end(&connection->session);
    else if (advance(connection->unsent, count))
        send_unsent(connection);
    else if (connection->file_left == 0)
        answered(connection);
    else if (load_piece(connection))
        send_unsent(connection);
    else
        session_end(&connection->session);  // the rest of the promised content cannot be read
}

static void lingered(struct connection* connection, nng_err err, size_t count) {
    connection->lingered += count;
    if (err != NNG_OK || connection->lingered > LINGER_MAX)
        session_end(&connection->session);
    else
        linger(connection);
}

static void proceed(void* arg) {
    struct connection* connection = arg;
    nng_err err = nng_aio_result(connection->aio);
    size_t count = nng_aio_count(connection->aio);

    switch (connection->state) {
        case RECEIVING:
            received(connection, err, count);
            break;
        case SENDING:
            sent(connection, err, count);
            break;
        case LINGERING:
            lingered(connection, err, count);
            break;
    }
}

// ---- Beginning and end -------------------------------------------------------------------------

static void close_connection(struct session* session) { nng_stream_close(((struct connection*)session)->stream); }

static void free_connection(struct session* session) {
    struct connection* connection = (struct connection*)session;

    if (connection->answer.file.descriptor >= 0) close(connection->answer.file.descriptor);
    nng_stream_free(connection->stream);
    nng_aio_reap(connection->aio);
    free(connection);
}

void connection_begin(struct server* server, nng_stream* stream, void* arg) {
    struct connection* connection = malloc(sizeof(*connection));

    if (connection == NULL || nng_aio_alloc(&connection->aio, proceed, connection) != NNG_OK) {
        nng_stream_free(stream);
        free(connection);
        return;
    }
    connection->session.close = close_connection;
    connection->session.free = free_connection;
    connection->options = arg;
    connection->stream = stream;
    connection->in_size = 0;
    connection->body_left = 0;
    connection->lingered = 0;
    connection->answer.file.descriptor = -1;
    connection->deadline = nng_clock() + (nng_time)connection->options->idle;
    nng_aio_set_timeout(connection->aio, connection->options->idle);
    session_begin(server, &connection->session);
    receive(connection);
}
