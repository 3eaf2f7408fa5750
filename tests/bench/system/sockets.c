// Measures messages of 64 bytes, and blocks of 64 KiB, with as few system calls as possible.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"
#include "scenario.h"
#include "scenarios.h"
#include "socket_pair.h"
#include "window.h"

#define MESSAGE 64
#define BLOCK 65536

static void send_message(int fd) {
    static const char message[MESSAGE];
    if (send(fd, message, MESSAGE, MSG_NOSIGNAL) != MESSAGE) die("a message is not whole");
}

static bool receive_message(int fd) {
    char message[MESSAGE];
    return recv(fd, message, MESSAGE, 0) == MESSAGE;
}

// ---- One thread and its epoll, with both ends of all connections

static void watch(int epoll, int fd, uint32_t tag) {
    struct epoll_event event = {.events = EPOLLIN};
    event.data.u64 = (uint64_t)tag << 32 | (uint32_t)fd;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("no epoll");
}

struct crowd {
    int epoll;
    atomic_ullong messages;
    atomic_bool stop;
};

static double count(const void* arg) { return (double)atomic_load(&((const struct crowd*)arg)->messages); }

static void* serve(void* arg) {
    struct crowd* crowd = arg;
    while (!atomic_load_explicit(&crowd->stop, memory_order_relaxed)) {
        struct epoll_event events[1024];
        int n = epoll_wait(crowd->epoll, events, 1024, -1);
        unsigned long long messages = 0;
        for (int i = 0; i < n; i++) {
            int fd = (int)(uint32_t)events[i].data.u64;
            if (!receive_message(fd)) die("a message is not whole");
            messages += events[i].data.u64 >> 32;  // the tag is 1 at a client's end
            send_message(fd);
        }
        atomic_store_explicit(&crowd->messages, atomic_load_explicit(&crowd->messages, memory_order_relaxed) + messages,
                              memory_order_relaxed);
    }
    return NULL;
}

static struct round_trips run(bool tcp, long connections) {
    int* fds = allocate((size_t)connections * 2, sizeof(int));
    struct crowd crowd = {epoll_create1(0), 0, false};
    struct round_trips done;
    pthread_t thread;

    need_descriptors(2 * connections + 100);
    for (long i = 0; i < connections; i++) {
        socket_pair(tcp, &fds[2 * i]);
        watch(crowd.epoll, fds[2 * i], 1);
        watch(crowd.epoll, fds[2 * i + 1], 0);
    }
    for (long i = 0; i < connections; i++) send_message(fds[2 * i]);
    if (pthread_create(&thread, NULL, serve, &crowd) != 0) die("no thread");
    done = count_round_trips(count, &crowd, connections);
    atomic_store(&crowd.stop, true);
    pthread_join(thread, NULL);
    for (long i = 0; i < 2 * connections; i++) close(fds[i]);
    close(crowd.epoll);
    free(fds);
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

// ---- Two threads that wait for each message

struct end {
    int fd;
    int interruption;  // an eventfd that the thread polls, too, or -1: the thread blocks in recv
    long attempts;     // the number of calls of recv before the thread polls
};

// Returns the result of recv, or -1 after that many attempts.
static ssize_t attempt(const struct end* end, char* message) {
    ssize_t n = -1;
    for (long i = 0; i < end->attempts && n < 0; i++) n = recv(end->fd, message, MESSAGE, MSG_DONTWAIT);
    return n;
}

static bool wait_for_message(const struct end* end) {
    struct pollfd polled[2] = {{end->fd, POLLIN, 0}, {end->interruption, POLLIN, 0}};
    char message[MESSAGE];
    ssize_t n;

    if (end->interruption < 0) return receive_message(end->fd);
    n = attempt(end, message);
    if (n < 0) {
        if (poll(polled, 2, -1) <= 0) die("poll");
        n = recv(end->fd, message, MESSAGE, MSG_DONTWAIT);
    }
    return n == MESSAGE;
}

static void* answer(void* arg) {
    const struct end* end = arg;
    while (wait_for_message(end)) send_message(end->fd);
    return NULL;
}

static struct end make_end(int fd, bool polls, long attempts) {
    struct end end = {fd, polls ? eventfd(0, EFD_CLOEXEC) : -1, attempts};
    return end;
}

static void ping_wait(bool tcp, bool polls, long attempts) {
    pthread_t server;
    struct end ends[2];
    int fds[2];
    int64_t begin;
    int64_t end;
    double cpu;
    double n = 0;

    socket_pair(tcp, fds);
    for (int i = 0; i < 2; i++) ends[i] = make_end(fds[i], polls, attempts);
    if (pthread_create(&server, NULL, answer, &ends[1]) != 0) die("no thread");
    cpu = cpu_ns();
    begin = now_ns();
    do {
        send_message(fds[0]);
        if (!wait_for_message(&ends[0])) die("a message is not whole");
        n++;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n / 1e3, "us");
    report("cpu", (cpu_ns() - cpu) / n / 1e3, "us");
    shutdown(fds[0], SHUT_RDWR);
    pthread_join(server, NULL);
    for (int i = 0; i < 2; i++) {
        close(fds[i]);
        if (polls) close(ends[i].interruption);
    }
}

void tcp_ping_wait(long size) {
    (void)size;
    ping_wait(true, false, 0);
}

void ipc_ping_wait(long size) {
    (void)size;
    ping_wait(false, false, 0);
}

// As naio's threads wait: each makes up to `attempts` attempts, and then polls the socket and an eventfd.
void tcp_ping_poll(long attempts) { ping_wait(true, true, attempts); }
void ipc_ping_poll(long attempts) { ping_wait(false, true, attempts); }

// ---- One way

static atomic_ullong received;

static void* drain(void* arg) {
    int fd = *(int*)arg;
    char* data = allocate(1, BLOCK);
    ssize_t n;
    while ((n = recv(fd, data, BLOCK, 0)) > 0) atomic_fetch_add_explicit(&received, (size_t)n, memory_order_relaxed);
    free(data);
    return NULL;
}

static void flood(bool tcp) {
    char* data = allocate(1, BLOCK);
    pthread_t receiver;
    int fds[2];
    int64_t begin;
    double cpu;
    double ns;
    double bytes;

    socket_pair(tcp, fds);
    if (pthread_create(&receiver, NULL, drain, &fds[1]) != 0) die("no thread");
    cpu = cpu_ns();
    begin = now_ns();
    while (now_ns() - begin < time_to_run()) {
        if (send(fds[0], data, BLOCK, MSG_NOSIGNAL) <= 0) die("send");
    }
    bytes = (double)atomic_load(&received);
    ns = (double)(now_ns() - begin);
    report("rate", bytes / ns * 1e3, "MB/s");
    report("cpu", (cpu_ns() - cpu) / (bytes / 1024), "ns/KiB");
    shutdown(fds[0], SHUT_RDWR);
    pthread_join(receiver, NULL);
    for (int i = 0; i < 2; i++) close(fds[i]);
    free(data);
}

void tcp_flood(long size) {
    (void)size;
    flood(true);
}

void ipc_flood(long size) {
    (void)size;
    flood(false);
}
