// Measures two threads that pass a message of 64 bytes back and forth through a loop, which a third thread runs. The
// two threads hand each send and each receive to the loop, and wait until the loop has completed it.
#include "loop_thread.h"
#include "measure.h"
#include "scenarios.h"
#include "socket_pair.h"
#include "stream.h"

#define MESSAGE 64

struct end {
    struct stream stream;
    uv_sem_t done;
    struct request* receiving;
    int received;  // the number of messages that no request has asked for yet
    char in[2 * MESSAGE];
    char out[MESSAGE];
};

struct request {
    struct request* next;
    struct end* end;
    bool sending;
};

static struct loop_thread thread;
static uv_mutex_t mutex;
static struct request* requests;
static atomic_bool stop;

static void serve(struct request* request) {
    struct end* end = request->end;
    if (request->sending) {
        uv_buf_t buffer = uv_buf_init(end->out, MESSAGE);
        if (uv_try_write(&end->stream.uv.stream, &buffer, 1) != MESSAGE) die("a message is not whole");
        uv_sem_post(&end->done);
    } else if (end->received > 0) {
        end->received--;
        uv_sem_post(&end->done);
    } else {
        end->receiving = request;
    }
}

static void serve_all(void) {
    struct request* next;
    uv_mutex_lock(&mutex);
    next = requests;
    requests = NULL;
    uv_mutex_unlock(&mutex);
    while (next != NULL) {
        struct request* request = next;
        next = request->next;
        serve(request);
    }
}

static void give_room(uv_handle_t* handle, size_t size, uv_buf_t* buffer) {
    struct end* end = handle->data;
    (void)size;
    *buffer = uv_buf_init(end->in, sizeof(end->in));
}

static void got(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    struct end* end = stream->data;
    (void)buffer;
    if (size == 0) return;
    if (size != MESSAGE) die("a message is not whole");
    if (end->receiving == NULL) {
        end->received++;
        return;
    }
    end->receiving = NULL;
    uv_sem_post(&end->done);
}

static void ask(struct end* end, bool sending) {
    struct request request = {NULL, end, sending};
    uv_mutex_lock(&mutex);
    request.next = requests;
    requests = &request;
    uv_mutex_unlock(&mutex);
    wake_loop(&thread);
    uv_sem_wait(&end->done);
}

static void answer(void* arg) {
    struct end* end = arg;
    for (;;) {
        ask(end, false);
        if (atomic_load(&stop)) return;
        ask(end, true);
    }
}

static void ping_wait(bool tcp) {
    static struct end ends[2];
    uv_thread_t server;
    int fds[2];
    int64_t begin;
    int64_t now;
    double cpu;
    double n = 0;

    uv_mutex_init(&mutex);
    open_loop(&thread, serve_all);
    socket_pair(tcp, fds);
    for (int i = 0; i < 2; i++) {
        open_stream(&ends[i].stream, &thread.loop, tcp, fds[i], &ends[i]);
        uv_sem_init(&ends[i].done, 0);
        uv_read_start(&ends[i].stream.uv.stream, give_room, got);
    }
    start_loop(&thread);
    uv_thread_create(&server, answer, &ends[1]);
    cpu = cpu_ns();
    begin = now_ns();
    do {
        ask(&ends[0], true);
        ask(&ends[0], false);
        n++;
        now = now_ns();
    } while (now - begin < time_to_run());
    report("time", (double)(now - begin) / n / 1e3, "us");
    report("cpu", (cpu_ns() - cpu) / n / 1e3, "us");
    atomic_store(&stop, true);
    ask(&ends[0], true);
    uv_thread_join(&server);
    stop_loop(&thread);
}

void tcp_ping_wait(long size) {
    (void)size;
    ping_wait(true);
}

void ipc_ping_wait(long size) {
    (void)size;
    ping_wait(false);
}
