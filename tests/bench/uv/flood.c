// Measures sends in one direction, as fast as possible. The sender is on one loop, the receiver on another.
#include <stdlib.h>

#include "loop_thread.h"
#include "measure.h"
#include "scenarios.h"
#include "socket_pair.h"
#include "stream.h"

#define BLOCK 65536

struct pump {
    struct stream stream;
    struct loop_thread thread;
    atomic_ullong received;
    char data[BLOCK];
};

static atomic_bool flooding;

static void sent(uv_write_t* write, int status);

static void send_block(struct pump* pump) {
    uv_buf_t buffer = uv_buf_init(pump->data, BLOCK);
    uv_write(&pump->stream.write, &pump->stream.uv.stream, &buffer, 1, sent);
}

static void sent(uv_write_t* write, int status) {
    if (status == 0 && atomic_load_explicit(&flooding, memory_order_relaxed)) send_block(write->data);
}

static void give_room(uv_handle_t* handle, size_t size, uv_buf_t* buffer) {
    struct pump* pump = handle->data;
    (void)size;
    *buffer = uv_buf_init(pump->data, BLOCK);
}

static void got(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    struct pump* pump = stream->data;
    unsigned long long received = atomic_load_explicit(&pump->received, memory_order_relaxed);
    (void)buffer;
    if (size > 0) atomic_store_explicit(&pump->received, received + (size_t)size, memory_order_relaxed);
}

static void flood(bool tcp) {
    struct pump* pumps = allocate(2, sizeof(*pumps));
    int fds[2];
    int64_t begin;
    double cpu;
    double ns;
    double bytes;

    socket_pair(tcp, fds);
    for (int i = 0; i < 2; i++) {
        open_loop(&pumps[i].thread, NULL);
        open_stream(&pumps[i].stream, &pumps[i].thread.loop, tcp, fds[i], &pumps[i]);
    }
    atomic_store(&flooding, true);
    uv_read_start(&pumps[1].stream.uv.stream, give_room, got);
    send_block(&pumps[0]);
    cpu = cpu_ns();
    begin = now_ns();
    for (int i = 0; i < 2; i++) start_loop(&pumps[i].thread);
    sleep_ns(time_to_run());
    bytes = (double)atomic_load(&pumps[1].received);
    ns = (double)(now_ns() - begin);
    cpu = cpu_ns() - cpu;
    atomic_store(&flooding, false);
    for (int i = 0; i < 2; i++) stop_loop(&pumps[i].thread);
    report("rate", bytes / ns * 1e3, "MB/s");
    report("cpu", cpu / (bytes / 1024), "ns/KiB");
    free(pumps);
}

// Ignores `size`, the number of writes to keep in flight. One write is enough, because uv_write passes the block to the
// socket before it returns, unless the socket is full.
void tcp_flood(long size) {
    (void)size;
    flood(true);
}

void ipc_flood(long size) {
    (void)size;
    flood(false);
}
