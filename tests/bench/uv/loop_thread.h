// A thread that runs a loop, and a function that the loop calls each time a thread wakes it.
#ifndef BENCH_LOOP_THREAD_H
#define BENCH_LOOP_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

struct loop_thread {
    uv_loop_t loop;
    uv_async_t async;
    uv_thread_t thread;
    void (*woken)(void);  // the function that the loop calls, or NULL
    atomic_bool stop;
};

void open_loop(struct loop_thread* thread, void (*woken)(void));
void start_loop(struct loop_thread* thread);
void wake_loop(struct loop_thread* thread);
void stop_loop(struct loop_thread* thread);  // joins the thread; does not close the loop

#endif
