// Operations whose instructions callgrind counts. Callgrind counts each thread by itself: the thread that runs an
// operation turns its own counting on and off, so the figure leaves out the library's other threads.
//
//     valgrind --tool=callgrind --collect-atstart=no counted
//
// writes one dump for each name that main passes to the function count, and one for callback_resubmits, with the name
// as the trigger. Such a dump covers `operations` operations. `expire`, `receive_in_wait` and `round_trip` have many
// dumps, each of which covers one operation. tests/bench/count takes their median, because the time and a busy machine
// change the work of some of these operations.
#include <naio/naio.h>
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

enum { warm_up = 64, operations = 1024 };

static void require(bool condition, const char* what) {
    if (condition) return;
    fprintf(stderr, "not so: %s\n", what);
    exit(1);
}

static nng_aio* new_aio(void (*callback)(void*), void* arg, nng_duration timeout) {
    nng_aio* aio;
    require(nng_aio_alloc(&aio, callback, arg) == NNG_OK, "nng_aio_alloc");
    nng_aio_set_timeout(aio, timeout);
    return aio;
}

static void finish_cancelled(nng_aio* aio, void* arg, nng_err reason) {
    (void)arg;
    nng_aio_finish(aio, reason);
}

static bool finish_request(nng_aio* aio, void* arg, naio_cancel types, nng_err reason) {
    (void)arg;
    (void)types;
    naio_aio_finish(aio, reason, 0);
    return true;
}

static void do_nothing(void* arg) { (void)arg; }

// ---- The operations: each function performs one

static void start_finish(nng_aio* aio) {
    nng_aio_start(aio, finish_cancelled, NULL);
    nng_aio_finish(aio, NNG_OK);
}

static void start_cancel(nng_aio* aio) {
    nng_aio_start(aio, finish_cancelled, NULL);
    nng_aio_cancel(aio);
}

static void typed_start_finish(nng_aio* aio) {
    naio_aio_start(aio, NAIO_CANCEL_TOTAL, finish_request, NULL, NULL);
    naio_aio_finish(aio, NNG_OK, 0);
}

static void typed_start_cancel(nng_aio* aio) {
    naio_aio_start(aio, NAIO_CANCEL_TOTAL, finish_request, NULL, NULL);
    naio_aio_cancel(aio, NAIO_CANCEL_TOTAL, NNG_OK);
}

static void cancel_idle(nng_aio* aio) { nng_aio_cancel(aio); }

static void skip_callback(nng_aio* aio) {
    bool skipped = false;
    nng_aio_skip_callback(aio, &skipped);
    nng_aio_finish(aio, NNG_OK);
}

static void alloc_free(nng_aio* aio) {
    (void)aio;
    nng_aio_free(new_aio(do_nothing, NULL, NNG_DURATION_INFINITE));
}

// Each start needs an earlier deadline than the one before, so it moves the timer's entry and sets the alarm.
static void start_finish_earlier(nng_aio* aio) {
    static nng_duration timeout = 10000000;
    nng_aio_set_timeout(aio, timeout -= 1000);
    start_finish(aio);
}

// Arms the timer's entry of a new handle, and disarms it.
static void alloc_start_finish_free(nng_aio* aio) {
    (void)aio;
    nng_aio* const other = new_aio(NULL, NULL, 60000);
    start_finish(other);
    nng_aio_free(other);
}

static void sleep_cancel(nng_aio* aio) {
    nng_sleep_aio(60000, aio);
    nng_aio_cancel(aio);
}

// ---- Counting

// Writes the dump `name` for the operation, and frees the aio. The dump includes a few instructions of the loop and of
// the call by pointer.
static void count(const char* name, void (*operation)(nng_aio*), nng_aio* aio) {
    for (int i = 0; i < warm_up; i++) operation(aio);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    for (int i = 0; i < operations; i++) operation(aio);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name);
    nng_aio_free(aio);
}

static nng_aio* without_timeout(void) { return new_aio(NULL, NULL, NNG_DURATION_INFINITE); }

static nng_aio* with_timeout(void) { return new_aio(NULL, NULL, 60000); }

// ---- A callback that starts the next operation, counted on the worker from one call of the callback to the next

struct runner {
    nng_aio* aio;
    int calls;
};

static void run_on(void* arg) {
    struct runner* runner = arg;
    runner->calls++;
    if (runner->calls == warm_up) {
        CALLGRIND_ZERO_STATS;
        CALLGRIND_TOGGLE_COLLECT;
    } else if (runner->calls == warm_up + operations) {
        CALLGRIND_TOGGLE_COLLECT;
        return;
    }
    start_finish(runner->aio);
}

static void count_callbacks(void) {
    struct runner runner = {NULL, 0};
    runner.aio = new_aio(run_on, &runner, NNG_DURATION_INFINITE);
    start_finish(runner.aio);
    nng_aio_wait(runner.aio);
    CALLGRIND_DUMP_STATS_AT("callback_resubmits");
    nng_aio_free(runner.aio);
}

// ---- A timeout that expires, counted on the timer's thread from one call of the cancel function to the next

enum { expiries = 33 };

struct expiring {
    nng_aio* aio;
    int calls;
};

// Writes the dumps in the cancel function, because a callback that takes as long as a dump would be over budget.
static void expire(nng_aio* aio, void* arg, nng_err reason) {
    struct expiring* expiring = arg;
    expiring->calls++;
    if (expiring->calls == warm_up) {
        CALLGRIND_ZERO_STATS;
        CALLGRIND_TOGGLE_COLLECT;
    } else if (expiring->calls > warm_up) {
        CALLGRIND_DUMP_STATS_AT("expire");
    }
    if (expiring->calls == warm_up + expiries) CALLGRIND_TOGGLE_COLLECT;
    nng_aio_finish(aio, reason);
}

static void expire_again(void* arg) {
    struct expiring* expiring = arg;
    if (expiring->calls < warm_up + expiries) nng_aio_start(expiring->aio, expire, expiring);
}

static void count_expiries(void) {
    struct expiring expiring = {NULL, 0};
    expiring.aio = new_aio(expire_again, &expiring, 5);
    nng_aio_start(expiring.aio, expire, &expiring);
    nng_aio_wait(expiring.aio);
    nng_aio_free(expiring.aio);
}

// ---- A message that a thread sends, and receives in its own wait, on a handle without a callback

enum { messages = 33 };

static nng_stream* stream_of(nng_stream_listener* listener, int fd) {
    nng_aio* const aio = without_timeout();
    nng_stream* stream;
    require(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, fd) == NNG_OK, "NNG_OPT_SOCKET_FD");
    nng_stream_listener_accept(listener, aio);
    nng_aio_wait(aio);
    stream = nng_aio_get_output(aio, 0);
    nng_aio_free(aio);
    return stream;
}

static void set_memory(nng_aio* aio, char* byte) {
    nng_iov iov = {byte, 1};
    require(nng_aio_set_iov(aio, 1, &iov) == NNG_OK, "nng_aio_set_iov");
}

static void count_receives(void) {
    nng_stream_listener* listener;
    nng_stream* streams[2];
    nng_aio* const receive = without_timeout();
    nng_aio* const send = without_timeout();
    char bytes[2] = {0};
    int fds[2];
    require(nng_socket_pair(fds) == NNG_OK, "nng_socket_pair");
    require(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK, "nng_stream_listener_alloc");
    require(nng_stream_listener_listen(listener) == NNG_OK, "nng_stream_listener_listen");
    for (int i = 0; i < 2; i++) streams[i] = stream_of(listener, fds[i]);
    set_memory(receive, &bytes[0]);
    set_memory(send, &bytes[1]);
    for (int i = 0; i < warm_up + messages; i++) {
        if (i >= warm_up) CALLGRIND_TOGGLE_COLLECT;
        nng_stream_recv(streams[0], receive);
        nng_stream_send(streams[1], send);
        nng_aio_wait(receive);
        if (i < warm_up) continue;
        CALLGRIND_TOGGLE_COLLECT;
        CALLGRIND_DUMP_STATS_AT("receive_in_wait");
    }
    require(nng_aio_result(receive) == NNG_OK, "received");
    for (int i = 0; i < 2; i++) nng_stream_free(streams[i]);
    nng_stream_listener_free(listener);
    nng_aio_free(receive);
    nng_aio_free(send);
}

// ---- A message that goes from one stream to another one and back, counted on the poller's thread from one callback of
// the client to the next. The main thread writes the dumps, after each batch of round trips, of which the last one is
// counted.

enum { trips_of_a_batch = 8, batches = 33 };

struct end {
    nng_stream* stream;
    nng_aio* aio;
    char message[64];
    int trips;  // the round trips that are left in the batch; -1: the end is the server
    bool receives;
};

static void move(struct end* end) {
    const nng_iov iov = {end->message, sizeof(end->message)};
    nng_aio_set_iov(end->aio, 1, &iov);
    (end->receives ? nng_stream_recv : nng_stream_send)(end->stream, end->aio);
}

static void moved(void* arg) {
    struct end* end = arg;
    if (nng_aio_result(end->aio) != NNG_OK) return;  // the stream is closed
    if (end->receives && end->trips > 0) {
        end->trips--;
        if (end->trips <= 1) CALLGRIND_TOGGLE_COLLECT;
        if (end->trips == 0) return;
    }
    end->receives = !end->receives;
    move(end);
}

static void open_end(struct end* end, nng_stream* stream, int trips) {
    *end = (struct end){.stream = stream, .trips = trips, .receives = trips < 0};
    end->aio = new_aio(moved, end, NNG_DURATION_INFINITE);
}

static void close_end(struct end* end) {
    nng_stream_close(end->stream);
    nng_aio_stop(end->aio);
    nng_aio_free(end->aio);
    nng_stream_free(end->stream);
}

static void count_round_trips(void) {
    nng_stream_listener* listener;
    struct end client, server;
    int fds[2];
    require(nng_socket_pair(fds) == NNG_OK, "nng_socket_pair");
    require(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK, "nng_stream_listener_alloc");
    require(nng_stream_listener_listen(listener) == NNG_OK, "nng_stream_listener_listen");
    open_end(&server, stream_of(listener, fds[0]), -1);
    open_end(&client, stream_of(listener, fds[1]), trips_of_a_batch);
    move(&server);
    for (int batch = 0; batch < batches; batch++) {
        client.trips = trips_of_a_batch;
        client.receives = false;
        CALLGRIND_ZERO_STATS;
        move(&client);
        nng_aio_wait(client.aio);
        CALLGRIND_DUMP_STATS_AT("round_trip");
    }
    close_end(&client);
    close_end(&server);
    nng_stream_listener_free(listener);
}

int main(void) {
    // One poller: with more, the two ends of count_round_trips could be on different ones.
    const nng_init_params params = {.num_poller_threads = 1};
    require(nng_init(&params) == NNG_OK, "nng_init");
    count("start_finish", start_finish, without_timeout());
    count("start_finish_timeout", start_finish, with_timeout());
    count("start_cancel", start_cancel, without_timeout());
    count("start_cancel_timeout", start_cancel, with_timeout());
    count("typed_start_finish", typed_start_finish, without_timeout());
    count("typed_start_finish_timeout", typed_start_finish, with_timeout());
    count("typed_start_cancel", typed_start_cancel, without_timeout());
    count("cancel_idle", cancel_idle, without_timeout());
    count("skip_callback", skip_callback, new_aio(do_nothing, NULL, NNG_DURATION_INFINITE));
    count("alloc_free", alloc_free, without_timeout());
    count("start_finish_earlier", start_finish_earlier, without_timeout());
    count("alloc_start_finish_free", alloc_start_finish_free, without_timeout());
    count("sleep_cancel", sleep_cancel, without_timeout());
    count_callbacks();
    count_expiries();
    count_receives();
    count_round_trips();
    nng_fini();
    printf("%d\n", operations);
    return 0;
}
