#include "loop_thread.h"

#include "measure.h"

static void on_wake(uv_async_t* async) {
    struct loop_thread* thread = async->data;
    if (thread->woken != NULL) thread->woken();
    if (atomic_load(&thread->stop)) uv_stop(async->loop);
}

static void run(void* arg) { uv_run(arg, UV_RUN_DEFAULT); }

void open_loop(struct loop_thread* thread, void (*woken)(void)) {
    thread->woken = woken;
    atomic_init(&thread->stop, false);
    if (uv_loop_init(&thread->loop) != 0 || uv_async_init(&thread->loop, &thread->async, on_wake) != 0) die("no loop");
    thread->async.data = thread;
}

void start_loop(struct loop_thread* thread) {
    if (uv_thread_create(&thread->thread, run, &thread->loop) != 0) die("no thread");
}

void wake_loop(struct loop_thread* thread) { uv_async_send(&thread->async); }

void stop_loop(struct loop_thread* thread) {
    atomic_store(&thread->stop, true);
    uv_async_send(&thread->async);
    uv_thread_join(&thread->thread);
}
