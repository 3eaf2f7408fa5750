// Runs callbacks on the program's only thread, in its own poll() loop.
//
// The thread that runs a completion queue runs the callbacks of all aios that are set to the queue. The queue has a
// descriptor that is readable while callbacks are ready, so the loop can poll it together with the program's
// descriptors (here a pipe). The library has threads of its own, but they run no code of the program, so the program's
// data needs no lock.
#include <naio/naio.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

enum { TICKS = 5 };

static pthread_t main_thread;
static int pipe_ends[2];
static nng_aio* ticker;
static unsigned ticks, bytes;

static void check_system(bool failed, const char* what) {
    if (!failed) return;
    perror(what);
    exit(1);
}

// A callback. Its counter needs no lock, because the callback runs on the program's thread.
static void tick(void* arg) {
    (void)arg;
    expect(pthread_equal(pthread_self(), main_thread), "callbacks run on the main thread");
    check(nng_aio_result(ticker), "nng_sleep_aio");
    ticks++;
    printf("tick %u\n", ticks);
    check_system(write(pipe_ends[1], "x", 1) != 1, "write");  // makes the other descriptor readable
    if (ticks < TICKS) nng_sleep_aio(20, ticker);
}

static void read_pipe(void) {
    char byte;
    check_system(read(pipe_ends[0], &byte, 1) != 1, "read");
    bytes++;
    printf("pipe: byte %u\n", bytes);
}

int main(int argc, char** argv) {
    naio_queue* queue;

    usage(argc, argv, 0, 0, "", "Runs callbacks on the program's one thread, in a poll() loop.");
    main_thread = pthread_self();
    check_system(pipe(pipe_ends) != 0, "pipe");
    check(nng_init(NULL), "nng_init");
    check(naio_queue_alloc(&queue), "naio_queue_alloc");
    check(nng_aio_alloc(&ticker, tick, NULL), "nng_aio_alloc");
    naio_aio_set_queue(ticker, queue);

    struct pollfd fds[2] = {{naio_queue_fd(queue), POLLIN, 0}, {pipe_ends[0], POLLIN, 0}};
    expect(fds[0].fd >= 0, "the queue has a descriptor");

    nng_sleep_aio(20, ticker);
    while (bytes < TICKS) {
        check_system(poll(fds, 2, 10000) <= 0, "poll");
        if (fds[0].revents != 0) naio_queue_run(queue, NNG_DURATION_ZERO);
        if (fds[1].revents != 0) read_pipe();
    }
    expect(ticks == TICKS, "all ticks have come");

    // nng_aio_wait on this thread runs the queue, too; if it did not, the callback would never run, and the wait would
    // never end.
    nng_sleep_aio(20, ticker);
    nng_aio_wait(ticker);
    expect(ticks == TICKS + 1, "the callback has run in the wait");

    nng_aio_free(ticker);
    naio_queue_free(queue);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    nng_fini();
    return 0;
}
