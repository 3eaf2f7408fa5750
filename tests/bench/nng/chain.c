// Measures a thread that takes messages from a chain of callbacks, as a program does that receives from a socket of
// NNG: it submits an operation and waits for it, again and again.
//
// The chain is a small protocol. Each message takes OPERATIONS operations on one handle, because a transport reads a
// header and a body, and a protocol receives the message. Each operation ends at once, and its callback starts the next
// one. The last callback passes the message to the thread if the thread waits for one; otherwise it puts the message
// into the queue. If the queue is full, the chain stops until the thread has taken a message.
#include <pthread.h>

#include "busy.h"
#include "library.h"
#include "random.h"
#include "scenarios.h"

enum { OPERATIONS = 3, CAPACITY = 128, WORK = 100 };

struct chain {
    nng_aio* source;
    uint64_t random;
    int operations;  // the number of operations of the current message that have ended
    pthread_mutex_t mutex;
    // Guarded by the mutex:
    nng_aio* waiting;  // the operation of the thread if it waits for a message; otherwise NULL
    int queued;
    bool full;  // the chain has stopped with a message for which the queue has no room
    bool stop;
};

static void next_operation(struct chain* chain) {
    start(chain->source);
    nng_aio_finish(chain->source, NNG_OK);
}

// Takes about as long as the system call with which a transport receives.
static void work(uint64_t* random) {
    for (int i = 0; i < WORK; i++) random_next(random);
}

static void on_operation(void* arg) {
    struct chain* chain = arg;
    nng_aio* receiver;
    work(&chain->random);
    if (++chain->operations < OPERATIONS) {
        next_operation(chain);
        return;
    }
    chain->operations = 0;
    pthread_mutex_lock(&chain->mutex);
    receiver = chain->waiting;
    chain->waiting = NULL;
    chain->full = receiver == NULL && chain->queued == CAPACITY;
    if (receiver == NULL && !chain->full) chain->queued++;
    if (!chain->full && !chain->stop) next_operation(chain);
    pthread_mutex_unlock(&chain->mutex);
    if (receiver != NULL) nng_aio_finish(receiver, NNG_OK);
}

static void receive(struct chain* chain, nng_aio* aio) {
    pthread_mutex_lock(&chain->mutex);
    if (chain->queued == 0) {
        start(aio);
        chain->waiting = aio;
    } else {
        nng_aio_reset(aio);
        nng_aio_finish(aio, NNG_OK);
        if (chain->full)
            next_operation(chain);  // the message that has had no room takes the place of the one that is taken
        else
            chain->queued--;
        chain->full = false;
    }
    pthread_mutex_unlock(&chain->mutex);
}

// `size` busy processes run beside the program.
void chain(long size) {
    struct chain chain = {.source = NULL, .random = BENCH_SEED, .mutex = PTHREAD_MUTEX_INITIALIZER};
    nng_aio* aio = new_aio(NULL, NULL);
    struct busy busy = start_busy(size);
    uint64_t random = BENCH_SEED;
    double cpu = cpu_ns();
    double switches = context_switches();
    double n = 0;
    int64_t begin = now_ns();
    int64_t end;

    chain.source = new_aio(on_operation, &chain);
    next_operation(&chain);
    do {
        for (int i = 0; i < 100; i++) {
            receive(&chain, aio);
            nng_aio_wait(aio);
            work(&random);
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("rate", n / (double)(end - begin) * 1e6, "k/s");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
    report("switches", (context_switches() - switches) / n * 1e3, "per 1,000");
    end_busy(&busy);
    pthread_mutex_lock(&chain.mutex);
    chain.stop = true;
    pthread_mutex_unlock(&chain.mutex);
    nng_aio_wait(chain.source);
    nng_aio_free(chain.source);
    nng_aio_free(aio);
}
