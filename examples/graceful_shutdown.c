// Ends a server in three steps, each of which asks for a weaker guarantee than the step before:
//
//   TOTAL      ends the operations that have not transferred anything: nothing is lost
//              ... then the other operations get some time to end by themselves ...
//   PARTIAL    ends the operations that can tell how much they have transferred
//   TERMINAL   ends all other operations; after that their connections can only be closed
//
// All operations of the server are bound to the slot of one signal, which is a scope: an emission reaches all these
// operations, and the scope remembers the emission, so that an operation that starts later is refused. So the server
// needs no list of its operations. When the header of a client's request has come, the server is to answer that
// request. So a filter keeps requests for TOTAL from the operations for the body and the response. Without the filter,
// the scope, which remembers the emission, would refuse these operations when they start.
//
// A request consists of a header of 8 bytes, which contains the length of the response, and a body of 8 bytes. The
// server receives a header with the guarantee TOTAL and a body with PARTIAL, and sends a response with TERMINAL: after
// half a response, the client cannot use the connection any more.
#include <naio/naio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { HEADER = 8, BODY = 8, SHORT = 16, LONG = 32000000, GRACE = 300 };  // bytes, and milliseconds

// The four clients, each of which behaves differently after it has connected.
enum client { IDLE, BUSY, STALLED, DEAF, CLIENTS };

static const char* const names[CLIENTS] = {
    [IDLE] = "idle: sends nothing",
    [BUSY] = "busy: gets its response, then sends nothing",
    [STALLED] = "stalled: never sends the rest of its request",
    [DEAF] = "deaf: never receives its response",
};

// ---- The server --------------------------------------------------------------------------------

enum state { WAITING, IN_HEADER, IN_BODY, IN_RESPONSE, ENDED };

struct session {
    struct server* server;
    nng_stream* stream;
    nng_aio* aio;  // runs one operation at a time, so only one callback at a time touches the session
    enum state state;
    char request[HEADER + BODY];
};

struct server {
    naio_signal* shutdown;
    nng_stream_listener* listener;
    nng_aio* accept;
    char* response;

    nng_mtx* lock;  // guards the states and the count
    nng_cv* changed;
    struct session sessions[CLIENTS];
    unsigned count;
};

static void set_state(struct session* session, enum state state) {
    nng_mtx_lock(session->server->lock);
    session->state = state;
    nng_cv_wake(session->server->changed);
    nng_mtx_unlock(session->server->lock);
}

static void set_iov(nng_aio* aio, void* data, size_t size) {
    nng_iov iov = {data, size};
    check(nng_aio_set_iov(aio, 1, &iov), "nng_aio_set_iov");
}

static void bind_to_shutdown(struct session* session, naio_cancel filter) {
    naio_aio_bind_slot(session->aio, naio_signal_slot(session->server->shutdown), filter);
}

static void receive_header(struct session* session) {
    bind_to_shutdown(session, NAIO_CANCEL_ALL);
    set_iov(session->aio, session->request, HEADER);
    naio_stream_recv_all(session->stream, session->aio, NAIO_CANCEL_TOTAL);
}

static void receive_body(struct session* session) {
    bind_to_shutdown(session, NAIO_CANCEL_PARTIAL | NAIO_CANCEL_TERMINAL);
    set_iov(session->aio, session->request + HEADER, BODY);
    naio_stream_recv_all(session->stream, session->aio, NAIO_CANCEL_PARTIAL);
}

static void send_response(struct session* session) {
    size_t size = (size_t)strtoul(session->request, NULL, 10);
    set_iov(session->aio, session->server->response, size <= LONG ? size : LONG);
    naio_stream_send_all(session->stream, session->aio, NAIO_CANCEL_TERMINAL);
}

// The callback of each operation of a session. The callback also runs when the scope refuses an operation, and then
// ends the session.
static void proceed(void* arg) {
    struct session* session = arg;
    enum state before = session->state;

    if (nng_aio_result(session->aio) != NNG_OK) {
        set_state(session, ENDED);
    } else if (before == IN_HEADER) {
        set_state(session, IN_BODY);
        receive_body(session);
    } else if (before == IN_BODY) {
        set_state(session, IN_RESPONSE);
        send_response(session);
    } else {
        set_state(session, IN_HEADER);
        receive_header(session);
    }
}

static void accepted(void* arg) {
    struct server* server = arg;
    if (nng_aio_result(server->accept) != NNG_OK) return;

    nng_mtx_lock(server->lock);
    struct session* session = &server->sessions[server->count++];
    bool more = server->count < CLIENTS;
    nng_mtx_unlock(server->lock);
    session->server = server;
    session->stream = nng_aio_get_output(server->accept, 0);
    check(nng_aio_alloc(&session->aio, proceed, session), "nng_aio_alloc");
    set_state(session, IN_HEADER);
    receive_header(session);
    if (more) nng_stream_listener_accept(server->listener, server->accept);
}

static void serve(struct server* server) {
    check(naio_signal_alloc(&server->shutdown, NAIO_SIGNAL_SCOPE), "naio_signal_alloc");
    check((nng_err)nng_mtx_alloc(&server->lock), "nng_mtx_alloc");
    check((nng_err)nng_cv_alloc(&server->changed, server->lock), "nng_cv_alloc");
    check(nng_aio_alloc(&server->accept, accepted, server), "nng_aio_alloc");
    naio_aio_bind_slot(server->accept, naio_signal_slot(server->shutdown), NAIO_CANCEL_ALL);
    server->response = calloc(1, LONG);
    expect(server->response != NULL, "there is memory");
    check(nng_stream_listener_alloc(&server->listener, "tcp://127.0.0.1:0"), "nng_stream_listener_alloc");
    check(nng_stream_listener_listen(server->listener), "nng_stream_listener_listen");
    nng_stream_listener_accept(server->listener, server->accept);
}

static void free_server(struct server* server) {
    nng_aio_free(server->accept);
    for (unsigned i = 0; i < server->count; i++) {
        nng_aio_free(server->sessions[i].aio);
        nng_stream_free(server->sessions[i].stream);
    }
    nng_stream_listener_free(server->listener);
    nng_cv_free(server->changed);
    nng_mtx_free(server->lock);
    naio_signal_free(server->shutdown);
    free(server->response);
}

// Blocks until the client's session is in `state`.
static void wait_for(struct server* server, enum client client, enum state state) {
    nng_mtx_lock(server->lock);
    while (server->sessions[client].state != state) nng_cv_wait(server->changed);
    nng_mtx_unlock(server->lock);
}

// ---- The clients -------------------------------------------------------------------------------

// Moves all of the data, and waits until that is done.
static void transfer(void (*move)(nng_stream*, nng_aio*, naio_cancel), nng_stream* stream, void* data, size_t size) {
    nng_aio* aio;

    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    set_iov(aio, data, size);
    move(stream, aio, NAIO_CANCEL_PARTIAL);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), "transfer");
    nng_aio_free(aio);
}

static nng_stream* dial(struct server* server) {
    char url[64];
    int port;
    nng_stream_dialer* dialer;
    nng_aio* aio;

    check(nng_stream_listener_get_int(server->listener, NNG_OPT_BOUND_PORT, &port), NNG_OPT_BOUND_PORT);
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", port);
    check(nng_stream_dialer_alloc(&dialer, url), url);
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_stream_dialer_dial(dialer, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), url);
    nng_stream* stream = nng_aio_get_output(aio, 0);
    nng_aio_free(aio);
    nng_stream_dialer_free(dialer);
    return stream;
}

// Connects, sends as much of a request as this client sends, and waits until the server has received these bytes.
static nng_stream* begin(struct server* server, enum client client) {
    nng_stream* stream = dial(server);
    char request[HEADER + BODY + 1];

    snprintf(request, sizeof(request), "%-*d%-*s", HEADER, client == DEAF ? LONG : SHORT, BODY, "please");
    wait_for(server, client, IN_HEADER);
    if (client == IDLE) return stream;
    transfer(naio_stream_send_all, stream, request, HEADER);
    wait_for(server, client, IN_BODY);
    transfer(naio_stream_send_all, stream, request + HEADER, client == DEAF ? BODY : 3);
    if (client == DEAF) wait_for(server, client, IN_RESPONSE);
    return stream;
}

// ---- The shutdown ------------------------------------------------------------------------------

// Waits up to `wait` milliseconds in total for all operations, and prints how each of them ended.
static void report(struct server* server, nng_duration wait, const char* title) {
    nng_time deadline = nng_clock() + (nng_time)wait;

    printf("%s\n", title);
    for (int i = 0; i < CLIENTS; i++) {
        nng_aio* aio = server->sessions[i].aio;
        if (!naio_aio_wait_until(aio, deadline))
            printf("  %-46s goes on\n", names[i]);
        else
            printf("  %-46s %s, %zu bytes\n", names[i], nng_strerror(nng_aio_result(aio)), nng_aio_count(aio));
    }
}

static void expect_ended(nng_aio* aio, naio_cancel outcome) {
    nng_aio_wait(aio);
    expect(nng_aio_result(aio) == NNG_ECANCELED, "the operation was ended by the signal");
    expect(naio_aio_outcome(aio) == outcome, "with this outcome");
}

int main(int argc, char** argv) {
    static struct server server;
    nng_stream* clients[CLIENTS];
    char rest[] = "ase  ";
    char response[SHORT];

    usage(argc, argv, 0, 0, "",
          "Ends a server in three steps: total, partial and terminal requests through one signal.");
    check(nng_init(NULL), "nng_init");
    serve(&server);
    for (int i = 0; i < CLIENTS; i++) clients[i] = begin(&server, (enum client)i);

    naio_signal_emit(server.shutdown, NAIO_CANCEL_TOTAL);
    transfer(naio_stream_send_all, clients[BUSY], rest, BODY - 3);
    transfer(naio_stream_recv_all, clients[BUSY], response, SHORT);
    report(&server, GRACE, "total: the operations that have not begun end; the others have 300 ms");
    expect_ended(server.sessions[IDLE].aio, NAIO_CANCEL_TOTAL);
    expect_ended(server.sessions[BUSY].aio, NAIO_CANCEL_TOTAL);  // BUSY got its response; its next request was refused
    expect(nng_aio_busy(server.sessions[STALLED].aio), "a request of which a part was received is not disturbed");
    expect(nng_aio_busy(server.sessions[DEAF].aio), "a response of which a part was sent is not disturbed");

    naio_signal_emit(server.shutdown, NAIO_CANCEL_PARTIAL);
    report(&server, GRACE, "partial: the operations that know how far they are end");
    expect_ended(server.sessions[STALLED].aio, NAIO_CANCEL_PARTIAL);
    expect(nng_aio_busy(server.sessions[DEAF].aio), "half a response is of no use");

    naio_signal_emit(server.shutdown, NAIO_CANCEL_TERMINAL);
    report(&server, GRACE, "terminal: the rest ends");
    expect_ended(server.sessions[DEAF].aio, NAIO_CANCEL_TERMINAL);

    printf("an operation that starts now is refused\n");
    nng_stream_listener_accept(server.listener, server.accept);
    expect_ended(server.accept, NAIO_CANCEL_TOTAL);

    for (int i = 0; i < CLIENTS; i++) nng_stream_free(clients[i]);
    free_server(&server);
    nng_fini();
    return 0;
}
