// Measures two threads that wake each other, and two threads that share a queue.
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "measure.h"
#include "scenarios.h"

static sem_t there;
static sem_t back;

static void* answer(void* arg) {
    for (;;) {
        while (sem_wait(&there) != 0) continue;
        sem_post(&back);
    }
    return arg;
}

// Wakes another thread and is woken by that thread, with two semaphores. Both threads sleep in between. If no thread
// spins, a callback on another thread costs at least as much as this round trip.
void round_trip(long size) {
    pthread_t thread;
    int64_t begin;
    int64_t end;
    double cpu;
    double n = 0;

    (void)size;
    sem_init(&there, 0, 0);
    sem_init(&back, 0, 0);
    if (pthread_create(&thread, NULL, answer, NULL) != 0) die("no thread");
    cpu = cpu_ns();
    begin = now_ns();
    do {
        for (int i = 0; i < 100; i++) {
            sem_post(&there);
            while (sem_wait(&back) != 0) continue;
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", (double)(end - begin) / n, "ns");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
}

// ---- A queue of `size` places, from one thread to another

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_cond_t emptied;
    long size;
    long n;
};

static void* consume(void* arg) {
    struct queue* queue = arg;
    pthread_mutex_lock(&queue->mutex);
    for (;;) {
        while (queue->n == 0) pthread_cond_wait(&queue->filled, &queue->mutex);
        if (queue->n-- == queue->size) pthread_cond_signal(&queue->emptied);
        pthread_mutex_unlock(&queue->mutex);
        pthread_mutex_lock(&queue->mutex);
    }
    return NULL;
}

static void put(struct queue* queue) {
    pthread_mutex_lock(&queue->mutex);
    while (queue->n == queue->size) pthread_cond_wait(&queue->emptied, &queue->mutex);
    if (queue->n++ == 0) pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

void produce(long size) {
    static struct queue queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    pthread_t consumer;
    int64_t begin;
    double cpu;
    double n = 0;
    double ns;

    queue.size = size;
    if (pthread_create(&consumer, NULL, consume, &queue) != 0) die("no thread");
    cpu = cpu_ns();
    begin = now_ns();
    do {
        for (int i = 0; i < 256; i++) put(&queue);
        n += 256;
    } while (now_ns() - begin < time_to_run());
    ns = (double)(now_ns() - begin);
    report("rate", n / ns * 1e3, "M/s");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
}
