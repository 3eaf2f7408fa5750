// Measures sends in one direction, as fast as possible.
#include <stdlib.h>

#include "connection.h"
#include "scenarios.h"

#define BLOCK 65536

struct pump {
    nng_stream* stream;
    nng_aio* aio;
    bool sending;
    char* data;
    char distance[64];
};

static atomic_bool flooding;
static _Atomic uint64_t received;

static void pump_block(struct pump* pump) {
    if (pump->sending) {
        start_send(pump->stream, pump->aio, pump->data, BLOCK);
    } else {
        start_receive(pump->stream, pump->aio, pump->data, BLOCK);
    }
}

static void pumped(void* arg) {
    struct pump* pump = arg;
    if (nng_aio_result(pump->aio) != NNG_OK) return;
    if (!pump->sending) {
        // There is one receiver, whose callbacks do not overlap.
        uint64_t bytes = atomic_load_explicit(&received, memory_order_relaxed) + nng_aio_count(pump->aio);
        atomic_store_explicit(&received, bytes, memory_order_relaxed);
    }
    if (atomic_load_explicit(&flooding, memory_order_relaxed)) pump_block(pump);
}

// Keeps `depth` writes of 64 KiB in flight, and one read.
static void flood(const char* scheme, long depth) {
    struct connector connector = open_connector(scheme);
    struct connection connection = connect_one(&connector);
    struct pump* pumps = allocate((size_t)depth + 1, sizeof(*pumps));
    int64_t begin;
    double cpu;
    double ns;
    double bytes;

    for (long i = 0; i <= depth; i++) {
        pumps[i].sending = i > 0;
        pumps[i].stream = i > 0 ? connection.client : connection.server;
        pumps[i].data = allocate(1, BLOCK);
        pumps[i].aio = new_aio(pumped, &pumps[i]);
    }
    atomic_store(&flooding, true);
    cpu = cpu_ns();
    begin = now_ns();
    for (long i = 0; i <= depth; i++) pump_block(&pumps[i]);
    sleep_ns(time_to_run());
    bytes = (double)atomic_load(&received);
    ns = (double)(now_ns() - begin);
    cpu = cpu_ns() - cpu;
    atomic_store(&flooding, false);
    report("rate", bytes / ns * 1e3, "MB/s");
    report("cpu", cpu / (bytes / 1024), "ns/KiB");

    nng_stream_close(connection.client);
    nng_stream_close(connection.server);
    for (long i = 0; i <= depth; i++) {
        nng_aio_stop(pumps[i].aio);
        nng_aio_free(pumps[i].aio);
        free(pumps[i].data);
    }
    nng_stream_free(connection.client);
    nng_stream_free(connection.server);
    close_connector(&connector);
    free(pumps);
}

void tcp_flood(long size) { flood("tcp", size); }
void ipc_flood(long size) { flood("ipc", size); }
