#include "crowd.h"

#include <stdlib.h>

#include "scenario.h"
#include "socket_pair.h"
#include "window.h"

static void give_room(uv_handle_t* handle, size_t size, uv_buf_t* buffer) {
    struct end* end = handle->data;
    (void)size;
    *buffer = uv_buf_init(end->in, sizeof(end->in));
}

// The socket always has room for a message, so uv_try_write sends it, and no write request is needed.
static void send_message(struct end* end) {
    uv_buf_t buffer = uv_buf_init(end->out, MESSAGE);
    if (end->times != NULL) trip_begins(end->times);
    if (uv_try_write(&end->stream.uv.stream, &buffer, 1) != MESSAGE) die("a message is not whole");
}

static void got(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    struct end* end = stream->data;
    (void)buffer;
    if (size == 0) return;
    if (size != MESSAGE) die("a message is not whole");
    if (end->client) {
        const unsigned long long n = atomic_load_explicit(&end->messages, memory_order_relaxed);
        if (end->times != NULL) trip_ends(end->times);
        atomic_store_explicit(&end->messages, n + 1, memory_order_relaxed);
    } else if (end->pause > 0) {
        sleep_ns(end->pause);
    }
    send_message(end);
}

struct crowd open_crowd(bool tcp, long connections, long loops) {
    const char* wanted = getenv("BENCH_THREADS");
    struct crowd crowd = {NULL, wanted != NULL ? atol(wanted) : loops, NULL, connections};

    need_descriptors(2 * connections + 100);
    crowd.loops = allocate((size_t)crowd.n_loops, sizeof(*crowd.loops));
    crowd.ends = allocate((size_t)connections * 2, sizeof(*crowd.ends));
    for (long i = 0; i < crowd.n_loops; i++) open_loop(&crowd.loops[i], NULL);
    for (long i = 0; i < connections; i++) {
        uv_loop_t* loop = &crowd.loops[i % crowd.n_loops].loop;
        int fds[2];
        socket_pair(tcp, fds);
        for (int k = 0; k < 2; k++) {
            struct end* end = &crowd.ends[2 * i + k];
            end->client = k == 0;
            open_stream(&end->stream, loop, tcp, fds[k], end);
            uv_read_start(&end->stream.uv.stream, give_room, got);
        }
    }
    return crowd;
}

static double count(const void* arg) {
    const struct crowd* crowd = arg;
    double messages = 0;
    for (long i = 0; i < crowd->n; i++) messages += (double)atomic_load(&crowd->ends[2 * i].messages);
    return messages;
}

struct round_trips run_crowd(struct crowd* crowd) {
    struct round_trips done;
    for (long i = 0; i < crowd->n; i++) send_message(&crowd->ends[2 * i]);
    for (long i = 0; i < crowd->n_loops; i++) start_loop(&crowd->loops[i]);
    done = count_round_trips(count, crowd, crowd->n);
    for (long i = 0; i < crowd->n_loops; i++) stop_loop(&crowd->loops[i]);
    return done;
}

void free_crowd(struct crowd* crowd) {
    free(crowd->ends);
    free(crowd->loops);
}
