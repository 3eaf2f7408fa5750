// Measures the round trips of one message of 64 bytes between two threads that wait for each operation.
#include <pthread.h>

#include "end.h"
#include "scenarios.h"

static bool move(void (*begin)(nng_stream*, nng_aio*, void*, size_t), nng_stream* stream, nng_aio* aio) {
    char data[MESSAGE] = {0};
    begin(stream, aio, data, MESSAGE);
    nng_aio_wait(aio);
    if (nng_aio_result(aio) != NNG_OK) return false;
    require(nng_aio_count(aio) == MESSAGE, "one operation moves a whole message");
    return true;
}

static void* answer(void* arg) {
    nng_stream* stream = arg;
    nng_aio* aio = new_aio(NULL, NULL);
    while (move(start_receive, stream, aio) && move(start_send, stream, aio)) {
    }
    nng_aio_free(aio);
    return NULL;
}

static void ping_wait(const char* scheme) {
    struct connector connector = open_connector(scheme);
    struct connection connection = connect_one(&connector);
    nng_aio* aio = new_aio(NULL, NULL);
    pthread_t server;
    int64_t begin = now_ns();
    int64_t end;
    double cpu = cpu_ns();
    double n = 0;

    if (pthread_create(&server, NULL, answer, connection.server) != 0) die("no thread");
    do {
        require(move(start_send, connection.client, aio) && move(start_receive, connection.client, aio), "moved");
        n++;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n / 1e3, "us");
    report("cpu", (cpu_ns() - cpu) / n / 1e3, "us");
    nng_stream_close(connection.client);
    pthread_join(server, NULL);
    nng_aio_free(aio);
    nng_stream_free(connection.client);
    nng_stream_free(connection.server);
    close_connector(&connector);
}

void tcp_ping_wait(long size) {
    (void)size;
    ping_wait("tcp");
}

void ipc_ping_wait(long size) {
    (void)size;
    ping_wait("ipc");
}
