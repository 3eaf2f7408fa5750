#include "end.h"

static void go_on(struct end* end) {
    if (end->sending) {
        if (end->times != NULL) trip_begins(end->times);
        start_send(end->stream, end->aio, end->data, MESSAGE);
    } else {
        start_receive(end->stream, end->aio, end->data, MESSAGE);
    }
}

static void got_back(struct end* end) {
    const unsigned long long n = atomic_load_explicit(&end->messages, memory_order_relaxed);
    if (end->times != NULL) trip_ends(end->times);
    atomic_store_explicit(&end->messages, n + 1, memory_order_relaxed);  // only one callback runs at a time
}

static void moved(void* arg) {
    struct end* end = arg;
    if (nng_aio_result(end->aio) != NNG_OK) return;  // the connection is closed
    require(nng_aio_count(end->aio) == MESSAGE, "one operation moves a whole message");
    if (!end->sending) {
        if (end->client) {
            got_back(end);
            if (atomic_load_explicit(&end->stop, memory_order_relaxed)) return;
        } else if (end->pause > 0) {
            sleep_ns(end->pause);
        }
    }
    end->sending = !end->sending;
    go_on(end);
}

void open_end(struct end* end, nng_stream* stream, bool client) {
    end->stream = stream;
    end->client = client;
    end->sending = client;
    end->aio = new_aio(moved, end);
}

void start_end(struct end* end) { go_on(end); }

// The callback starts the next operation, so that the handle is idle only after the last operation.
void wait_for_end(struct end* end) { nng_aio_wait(end->aio); }

void close_end(struct end* end) {
    nng_stream_close(end->stream);
    nng_aio_stop(end->aio);
    nng_aio_free(end->aio);
    nng_stream_free(end->stream);
}
