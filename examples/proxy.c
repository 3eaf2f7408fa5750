// A proxy: accepts connections at one URL, and joins each with a new connection to another URL.
//
//     proxy LISTEN TARGET [IDLE]      proxy tcp://127.0.0.1:8080 tcp://example.org:80 30000
//
// A pair of streams has two pumps, one for each direction, that alternately receive and send. So a slow receiver slows
// the sender down, and the proxy never buffers more than one piece. A pair that has moved nothing in either direction
// for IDLE milliseconds is closed.
//
// When one side shuts down its direction (NNG_ECONNSHUT), the pump passes on everything that this side has sent, and
// then shuts down the sending direction of the other stream (naio_stream_shutdown). The other direction continues, so
// the answer to a request whose sender has shut down comes through. The streams are freed only when both directions
// have ended, so that no data is lost.
#include <naio/naio.h>
#include <nng/nng.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "server.h"

enum { MOST = 1000, IDLE = 60000, BUFFER = 16384 };

struct target {
    nng_stream_dialer* dialer;
    nng_duration idle;
};

struct pair;

struct pump {
    struct pair* pair;
    nng_aio* aio;
    nng_stream* from;
    nng_stream* to;
    nng_iov unsent;  // empty: the pump receives
    bool ending;     // `from` has ended, and the pump is shutting `to` down
    char buffer[BUFFER];
};

struct pair {
    struct session session;
    struct pump pumps[2];  // the first one from the client, the second one to the client
    nng_aio* dial;
    nng_stream* client;

    // Guards the members below. A thread holds the lock while it submits an operation, so that a cancel comes before or
    // after the submission, but not during it.
    nng_mtx* lock;
    nng_stream* target;
    nng_time active;      // the time when bytes were last moved
    nng_duration idle;    // max time from `active` until bytes are moved again
    unsigned unfinished;  // the number of parts that have not ended; parts are the dial and the started pumps
    bool closed;
};

// ---- The end -----------------------------------------------------------------------------------

// REQUIRES: the caller holds the lock. Ends the operations in flight; their callbacks then call finish.
static void close_streams(struct pair* pair) {
    pair->closed = true;
    nng_aio_cancel(pair->dial);
    nng_stream_close(pair->client);
    if (pair->target != NULL) nng_stream_close(pair->target);
}

static void close_pair(struct session* session) {
    struct pair* pair = (struct pair*)session;
    nng_mtx_lock(pair->lock);
    close_streams(pair);
    nng_mtx_unlock(pair->lock);
}

// A pump or the dial calls this function as its last step.
static void finish(struct pair* pair) {
    nng_mtx_lock(pair->lock);
    bool is_last = --pair->unfinished == 0;
    nng_mtx_unlock(pair->lock);
    if (is_last) session_end(&pair->session);
}

static void free_pair(struct session* session) {
    struct pair* pair = (struct pair*)session;

    nng_stream_free(pair->client);
    if (pair->target != NULL) nng_stream_free(pair->target);
    for (int i = 0; i < 2; i++)
        if (pair->pumps[i].aio != NULL) nng_aio_reap(pair->pumps[i].aio);
    if (pair->dial != NULL) nng_aio_reap(pair->dial);
    if (pair->lock != NULL) nng_mtx_free(pair->lock);
    free(pair);
}

// ---- Pumps -------------------------------------------------------------------------------------

// REQUIRES: the caller holds the lock.
static void submit(struct pump* pump) {
    nng_iov whole = {pump->buffer, sizeof(pump->buffer)};
    bool sends = pump->unsent.iov_len != 0;

    nng_aio_set_expire(pump->aio, pump->pair->active + (nng_time)pump->pair->idle);
    check(nng_aio_set_iov(pump->aio, 1, sends ? &pump->unsent : &whole), "nng_aio_set_iov");
    if (pump->ending)
        naio_stream_shutdown(pump->to, pump->aio);
    else if (sends)
        nng_stream_send(pump->to, pump->aio);
    else
        nng_stream_recv(pump->from, pump->aio);
}

static void moved(struct pump* pump, size_t count) {
    pump->pair->active = nng_clock();
    if (pump->unsent.iov_len != 0)
        pump->unsent = (nng_iov){(char*)pump->unsent.iov_buf + count, pump->unsent.iov_len - count};
    else
        pump->unsent = (nng_iov){pump->buffer, count};
}

enum next { GO_ON, ENDED, FAILED };

// REQUIRES: the caller holds the lock. Determines the pump's next step.
static enum next next_of(struct pump* pump) {
    struct pair* pair = pump->pair;

    switch (nng_aio_result(pump->aio)) {
        case NNG_OK:
            if (pump->ending) return ENDED;
            moved(pump, nng_aio_count(pump->aio));
            return GO_ON;
        case NNG_ECONNSHUT:
            pump->ending = true;
            return GO_ON;
        case NNG_ETIMEDOUT:  // the other direction may have moved something during this operation
            return nng_clock() < pair->active + (nng_time)pair->idle ? GO_ON : FAILED;
        default:
            return FAILED;
    }
}

static void proceed(void* arg) {
    struct pump* pump = arg;
    struct pair* pair = pump->pair;

    nng_mtx_lock(pair->lock);
    enum next next = next_of(pump);
    if (next == GO_ON) submit(pump);
    if (next == FAILED) close_streams(pair);
    nng_mtx_unlock(pair->lock);
    if (next != GO_ON) finish(pair);
}

// ---- The beginning -----------------------------------------------------------------------------

static void start_pumps(struct pair* pair) {
    nng_stream* streams[2] = {pair->client, pair->target};

    pair->unfinished += 2;
    for (int i = 0; i < 2; i++) {
        pair->pumps[i].from = streams[i];
        pair->pumps[i].to = streams[1 - i];
        submit(&pair->pumps[i]);
    }
}

static void dialled(void* arg) {
    struct pair* pair = arg;
    nng_err err = nng_aio_result(pair->dial);

    nng_mtx_lock(pair->lock);
    if (err == NNG_OK) pair->target = nng_aio_get_output(pair->dial, 0);
    pair->active = nng_clock();
    bool failed = err != NNG_OK && !pair->closed;
    if (err == NNG_OK && !pair->closed) start_pumps(pair);
    nng_mtx_unlock(pair->lock);
    if (failed) fprintf(stderr, "no connection to the target: %s\n", nng_strerror(err));
    finish(pair);
}

static struct pair* make_pair(nng_stream* client, nng_duration idle) {
    struct pair* pair = calloc(1, sizeof(*pair));

    if (pair == NULL) return NULL;
    pair->session.close = close_pair;
    pair->session.free = free_pair;
    pair->client = client;
    pair->idle = idle;
    pair->unfinished = 1;
    nng_err err = (nng_err)nng_mtx_alloc(&pair->lock);
    if (err == NNG_OK) err = nng_aio_alloc(&pair->dial, dialled, pair);
    for (int i = 0; err == NNG_OK && i < 2; i++) {
        pair->pumps[i].pair = pair;
        err = nng_aio_alloc(&pair->pumps[i].aio, proceed, &pair->pumps[i]);
    }
    if (err == NNG_OK) return pair;
    pair->client = NULL;
    free_pair(&pair->session);
    return NULL;
}

static void connected(struct server* server, nng_stream* stream, void* arg) {
    struct target* target = arg;
    struct pair* pair = make_pair(stream, target->idle);

    if (pair == NULL) {
        nng_stream_free(stream);
        return;
    }
    session_begin(server, &pair->session);
    nng_aio_set_timeout(pair->dial, target->idle);
    nng_stream_dialer_dial(target->dialer, pair->dial);
}

int main(int argc, char** argv) {
    usage(argc, argv, 2, 3, "LISTEN TARGET [IDLE]",
          "Accepts connections at one URL, and joins each with a new connection to another URL. Closes both when they\n"
          "have been silent for IDLE milliseconds.");
    struct target target = {NULL, argc == 4 ? parse_milliseconds(argv[3]) : IDLE};

    expect(target.idle != 0, "IDLE is a number of milliseconds");
    check(nng_init(NULL), "nng_init");
    check(nng_stream_dialer_alloc(&target.dialer, argv[2]), argv[2]);
    int status = server_run(argv[1], MOST, 2, connected, &target);
    nng_stream_dialer_free(target.dialer);
    nng_fini();
    return status;
}
