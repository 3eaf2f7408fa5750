// Measures connections that pass a message of 64 bytes back and forth, with both ends on one loop.
#include <stdlib.h>

#include "loop_thread.h"
#include "measure.h"
#include "scenario.h"
#include "scenarios.h"
#include "socket_pair.h"
#include "stream.h"

#define MESSAGE 64

struct end {
    struct stream stream;
    atomic_ullong messages;
    char in[2 * MESSAGE];  // larger than a message, because libuv reads once more after a read that fills the buffer
    char out[MESSAGE];
};

static void give_room(uv_handle_t* handle, size_t size, uv_buf_t* buffer) {
    struct end* end = handle->data;
    (void)size;
    *buffer = uv_buf_init(end->in, sizeof(end->in));
}

// The socket always has room for a message, so uv_try_write sends it, and no write request is needed.
static void send_message(struct end* end) {
    uv_buf_t buffer = uv_buf_init(end->out, MESSAGE);
    if (uv_try_write(&end->stream.uv.stream, &buffer, 1) != MESSAGE) die("a message is not whole");
}

static void got(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    struct end* end = stream->data;
    (void)buffer;
    if (size == 0) return;
    if (size != MESSAGE) die("a message is not whole");
    atomic_store_explicit(&end->messages, atomic_load_explicit(&end->messages, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    send_message(end);
}

static struct round_trips run(bool tcp, long connections) {
    static struct loop_thread thread;
    struct end* ends = allocate((size_t)connections * 2, sizeof(*ends));
    struct round_trips done = {0, 0, 0};
    int64_t begin;

    need_descriptors(2 * connections + 100);
    open_loop(&thread, NULL);
    for (long i = 0; i < 2 * connections; i += 2) {
        int fds[2];
        socket_pair(tcp, fds);
        for (int k = 0; k < 2; k++) {
            open_stream(&ends[i + k].stream, &thread.loop, tcp, fds[k], &ends[i + k]);
            uv_read_start(&ends[i + k].stream.uv.stream, give_room, got);
        }
    }
    done.cpu = cpu_ns();
    begin = now_ns();
    for (long i = 0; i < connections; i++) send_message(&ends[2 * i]);
    start_loop(&thread);
    sleep_ns(time_to_run_many(connections));
    for (long i = 0; i < connections; i++) done.messages += (double)atomic_load(&ends[2 * i].messages);
    done.ns = (double)(now_ns() - begin);
    done.cpu = cpu_ns() - done.cpu;
    stop_loop(&thread);
    free(ends);
    return done;
}

static void ping(bool tcp) {
    struct round_trips done = run(tcp, 1);
    report_ping(&done);
}

void tcp_ping(long size) {
    (void)size;
    ping(true);
}

void ipc_ping(long size) {
    (void)size;
    ping(false);
}

static void echo(bool tcp, long connections) {
    struct round_trips done = run(tcp, connections);
    report_echo(&done);
}

void tcp_echo(long size) { echo(true, size); }
void ipc_echo(long size) { echo(false, size); }
