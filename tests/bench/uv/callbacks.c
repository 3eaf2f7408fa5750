// Measures the callbacks that libuv runs.
#include <stdlib.h>

#include "loop_thread.h"
#include "measure.h"
#include "scenarios.h"

static uv_sem_t answered;

static void answer(void) { uv_sem_post(&answered); }

// Wakes the loop's thread and waits until that thread has run a callback.
void round_trip(long size) {
    static struct loop_thread thread;
    int64_t begin;
    int64_t end;
    double cpu;
    double n = 0;

    (void)size;
    uv_sem_init(&answered, 0);
    open_loop(&thread, answer);
    start_loop(&thread);
    cpu = cpu_ns();
    begin = now_ns();
    do {
        for (int i = 0; i < 100; i++) {
            wake_loop(&thread);
            uv_sem_wait(&answered);
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n, "ns");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
    stop_loop(&thread);
}

static int64_t end_of_run;
static double jobs;

static void work(uv_work_t* job) { (void)job; }

static void worked(uv_work_t* job, int status) {
    (void)status;
    jobs++;
    if (now_ns() < end_of_run) uv_queue_work(job->loop, job, work, worked);
}

// Keeps `size` jobs in libuv's thread pool. The callback of each job queues it again.
void resubmit(long size) {
    uv_loop_t loop;
    uv_work_t* all = allocate((size_t)size, sizeof(*all));
    int64_t begin = now_ns();
    double cpu = cpu_ns();
    double ns;

    uv_loop_init(&loop);
    end_of_run = begin + time_to_run();
    for (long i = 0; i < size; i++) uv_queue_work(&loop, &all[i], work, worked);
    uv_run(&loop, UV_RUN_DEFAULT);
    ns = (double)(now_ns() - begin);
    report("rate", jobs / ns * 1e3, "M/s");
    report("cpu", (cpu_ns() - cpu) / jobs, "ns");
    free(all);
}
