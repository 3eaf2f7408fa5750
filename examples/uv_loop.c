// Runs callbacks of naio in a libuv loop of the program.
//
// The program watches the descriptor of a completion queue with a uv_poll_t. The descriptor is readable while callbacks
// are ready. The loop then runs them on its own thread, where they may use the loop; no other thread may use the loop.
//
// The libuv and the loop in this file are the program's own. The library uses another loop internally, on its own
// thread, and perhaps another copy of libuv. The two loops are independent.
#include <naio/naio.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "check.h"

enum { TICKS = 5 };

struct program {
    pthread_t thread;
    naio_queue* queue;
    nng_aio* aio;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned ticks;
    unsigned timeouts;
};

static void check_uv(int status, const char* what) {
    if (status == 0) return;
    fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
    exit(1);
}

static void queue_ready(uv_poll_t* poll, int status, int events) {
    struct program* program = poll->data;
    (void)events;
    check_uv(status, "uv_poll");
    naio_queue_run(program->queue, NNG_DURATION_ZERO);
}

// A timer of the loop itself, which runs between naio's callbacks.
static void timer_fired(uv_timer_t* timer) {
    struct program* program = timer->data;
    program->timeouts++;
    printf("libuv: timer\n");
}

// A callback of naio. It starts a timer of the loop, which is allowed only on the loop's thread.
static void tick(void* arg) {
    struct program* program = arg;
    expect(pthread_equal(pthread_self(), program->thread), "callbacks run on the loop's thread");
    check(nng_aio_result(program->aio), "nng_sleep_aio");
    program->ticks++;
    printf("naio: tick %u\n", program->ticks);

    check_uv(uv_timer_start(&program->timer, timer_fired, 5, 0), "uv_timer_start");
    if (program->ticks < TICKS)
        nng_sleep_aio(50, program->aio);
    else
        check_uv(uv_poll_stop(&program->poll), "uv_poll_stop");  // no active handle is left: uv_run returns
}

int main(int argc, char** argv) {
    static struct program program;
    uv_loop_t loop;

    usage(argc, argv, 0, 0, "", "Runs callbacks in a libuv loop of the program's own.");
    program.thread = pthread_self();
    check(nng_init(NULL), "nng_init");
    check(naio_queue_alloc(&program.queue), "naio_queue_alloc");
    check(nng_aio_alloc(&program.aio, tick, &program), "nng_aio_alloc");
    naio_aio_set_queue(program.aio, program.queue);

    check_uv(uv_loop_init(&loop), "uv_loop_init");
    check_uv(uv_timer_init(&loop, &program.timer), "uv_timer_init");
    check_uv(uv_poll_init(&loop, &program.poll, naio_queue_fd(program.queue)), "uv_poll_init");
    program.timer.data = &program;
    program.poll.data = &program;
    check_uv(uv_poll_start(&program.poll, UV_READABLE, queue_ready), "uv_poll_start");

    nng_sleep_aio(50, program.aio);
    uv_run(&loop, UV_RUN_DEFAULT);
    expect(program.ticks == TICKS, "all ticks have come");
    expect(program.timeouts >= 1, "the loop's own timer has fired");

    // The loop must stop watching the descriptor before the queue, which owns the descriptor, is freed.
    uv_close((uv_handle_t*)&program.poll, NULL);
    uv_close((uv_handle_t*)&program.timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    check_uv(uv_loop_close(&loop), "uv_loop_close");
    nng_aio_free(program.aio);
    naio_queue_free(program.queue);
    nng_fini();
    return 0;
}
