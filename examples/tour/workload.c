#include "workload.h"

#include <stdio.h>
#include <stdlib.h>

#include "operation.h"

enum { QUEUES = 4, QUEUE_CAPACITY = 16 };

struct workload {
    size_t operations;
    struct submitter submitters[SUBMITTERS];
    bounded_queue* queues[QUEUES];
    bounded_queue* silent;  // no thread ever puts an item here
};

// The number of decisions in 100 that choose each kind. (SLEEP_AGAIN then starts several operations, and
// WAIT_CANCELLED, WAIT_ABORTED and WAIT_RACED may start one more.)
static const unsigned shares[KINDS] = {
    [SLEEP] = 16,         [SLEEP_CUT] = 6,     [SLEEP_AGAIN] = 3,      [SLEEP_REAPED] = 3, [STREAM_SEND] = 6,
    [STREAM_RECEIVE] = 6, [DATAGRAM_SEND] = 4, [DATAGRAM_RECEIVE] = 4, [LOOK_UP] = 1,      [FILE_WRITE] = 2,
    [FILE_READ] = 2,      [QUEUE_PUT] = 12,    [QUEUE_GET] = 12,       [QUEUE_POLL] = 2,   [WAIT_TIMED_OUT] = 7,
    [WAIT_CANCELLED] = 5, [WAIT_ABORTED] = 3,  [WAIT_RACED] = 3,       [WAIT_STOPPED] = 2, [WAIT_REAPED] = 1,
};

// xorshift64*: a small generator with the same results on every machine.
static uint64_t next_random(struct submitter* submitter) {
    uint64_t x = submitter->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    submitter->random = x;
    return (x * UINT64_C(0x2545F4914F6CDD1D)) >> 32;
}

static int between(struct submitter* submitter, int low, int high) {
    return low + (int)(next_random(submitter) % (uint64_t)(high - low + 1));
}

static enum kind choose_kind(struct submitter* submitter) {
    unsigned ticket = (unsigned)(next_random(submitter) % 100);
    int kind = 0;
    while (ticket >= shares[kind]) ticket -= shares[kind++];
    return (enum kind)kind;
}

static nng_err choose_code(struct submitter* submitter) {
    static const nng_err codes[] = {NNG_ECONNRESET, NNG_EINTR, (nng_err)(NNG_ETRANERR + 42)};
    return codes[next_random(submitter) % 3];
}

// Submits an operation that ends only by a cancel or, for WAIT_RACED, by a timeout. This function cancels the
// operation, or the callback of a second operation does.
static void submit_cancelled(struct submitter* submitter, struct operation* victim) {
    bool race = victim->kind == WAIT_RACED;
    bool from_here = submitter->quota == 1 || (!race && next_random(submitter) % 2 == 0);

    victim->sleeps = next_random(submitter) % 2 == 0;
    victim->duration = NNG_DURATION_INFINITE;
    victim->code = choose_code(submitter);
    if (race) victim->timeout = between(submitter, 0, 100);
    victim->holds = 2;
    if (from_here) {
        operation_start(victim);
        operation_cancel(victim);
        return;
    }
    struct operation* canceller = operation_take(submitter, SLEEP);
    canceller->duration = race ? victim->timeout : between(submitter, 0, 100);
    canceller->victim = victim;
    submitter->quota--;
    // For a close race, both deadlines are equal, and the canceller starts first.
    operation_start(race ? canceller : victim);
    operation_start(race ? victim : canceller);
}

static unsigned choose_repeats(struct submitter* submitter) {
    unsigned repeats = (unsigned)between(submitter, 1, 9);
    if (repeats > submitter->quota - 1) repeats = (unsigned)(submitter->quota - 1);
    submitter->quota -= repeats;
    return repeats;
}

static void plan(struct submitter* submitter, struct operation* operation) {
    struct workload* workload = submitter->workload;

    operation->queue = workload->silent;
    switch (operation->kind) {
        case SLEEP:
        case SLEEP_REAPED:
            operation->duration = between(submitter, 0, 250);
            break;
        case SLEEP_CUT:
            operation->timeout = between(submitter, 0, 200);
            operation->duration = operation->timeout + between(submitter, 1, 100);
            break;
        case SLEEP_AGAIN:
            operation->duration = between(submitter, 0, 30);
            operation->repeats = choose_repeats(submitter);
            break;
        case STREAM_SEND:
        case STREAM_RECEIVE:
        case DATAGRAM_RECEIVE:
        case LOOK_UP:
            operation->timeout = between(submitter, 10, 200);
            break;
        case QUEUE_PUT:
            operation->item = &submitter->items[submitter->items_used++];
            operation->queue = workload->queues[next_random(submitter) % QUEUES];
            operation->timeout = between(submitter, 10, 200);
            break;
        case QUEUE_GET:
            operation->queue = workload->queues[next_random(submitter) % QUEUES];
            operation->timeout = between(submitter, 10, 200);
            break;
        case QUEUE_POLL:
            operation->timeout = NNG_DURATION_ZERO;
            break;
        case WAIT_TIMED_OUT:
            operation->timeout = between(submitter, 1, 250);
            break;
        default:
            break;
    }
}

static void submit(struct submitter* submitter) {
    struct operation* operation = operation_take(submitter, choose_kind(submitter));
    nng_aio* aio = operation->aio;

    // The handle is idle, or its last callback is returning, so this cancel must have no effect.
    if (next_random(submitter) % 16 == 0) nng_aio_cancel(aio);

    plan(submitter, operation);
    switch (operation->kind) {
        case WAIT_CANCELLED:
        case WAIT_ABORTED:
        case WAIT_RACED:
            submit_cancelled(submitter, operation);
            break;
        case WAIT_STOPPED:
            operation_start(operation);
            nng_aio_stop(aio);  // the callback does not free the handle
            nng_aio_free(aio);
            break;
        case WAIT_REAPED:
            operation_start(operation);
            nng_aio_reap(aio);
            break;
        default:
            operation_start(operation);
            break;
    }
    submitter->quota--;
}

static void* submit_all(void* arg) {
    struct submitter* submitter = arg;

    while (submitter->quota > 0) submit(submitter);

    pthread_mutex_lock(&submitter->lock);
    while (submitter->free_count < IN_FLIGHT) pthread_cond_wait(&submitter->idle, &submitter->lock);
    submitter->finished = true;
    pthread_mutex_unlock(&submitter->lock);
    return NULL;
}

static bool init_submitter(struct submitter* submitter, struct workload* workload, size_t quota, uint64_t seed) {
    submitter->workload = workload;
    submitter->quota = quota;
    submitter->random = seed * UINT64_C(0x9E3779B97F4A7C15);
    submitter->operations = calloc(IN_FLIGHT, sizeof(*submitter->operations));
    submitter->items = calloc(quota > 0 ? quota : 1, sizeof(*submitter->items));
    if (submitter->operations == NULL || submitter->items == NULL) return false;
    if (!statistics_init(&submitter->statistics, quota)) return false;
    if (pthread_mutex_init(&submitter->lock, NULL) != 0) return false;
    if (pthread_cond_init(&submitter->idle, NULL) != 0) return false;

    io_open(&submitter->io);
    for (size_t i = 0; i < quota; i++) submitter->items[i].submitter = submitter;
    for (size_t i = 0; i < IN_FLIGHT; i++) {
        submitter->operations[i].submitter = submitter;
        submitter->operations[i].holds = 1;
        operation_release(&submitter->operations[i]);
    }
    return true;
}

struct workload* workload_start(size_t operations) {
    struct workload* workload = calloc(1, sizeof(*workload));
    bool ready = workload != NULL;

    if (ready) {
        workload->operations = operations;
        ready = bounded_queue_alloc(&workload->silent, 1) == NNG_OK;
    }
    for (size_t i = 0; ready && i < QUEUES; i++)
        ready = bounded_queue_alloc(&workload->queues[i], QUEUE_CAPACITY) == NNG_OK;
    for (size_t i = 0; ready && i < SUBMITTERS; i++) {
        size_t quota = operations / SUBMITTERS + (i < operations % SUBMITTERS ? 1 : 0);
        ready = init_submitter(&workload->submitters[i], workload, quota, i + 1);
    }
    for (size_t i = 0; ready && i < SUBMITTERS; i++) {
        struct submitter* submitter = &workload->submitters[i];
        ready = pthread_create(&submitter->thread, NULL, submit_all, submitter) == 0;
    }
    if (ready) return workload;
    fprintf(stderr, "not enough memory, or threads, for %zu operations\n", operations);
    return NULL;
}

struct progress workload_progress(struct workload* workload) {
    struct progress progress = {0, 0, true};

    for (size_t i = 0; i < SUBMITTERS; i++) {
        struct submitter* submitter = &workload->submitters[i];
        pthread_mutex_lock(&submitter->lock);
        progress.submitted += statistics_submitted(&submitter->statistics);
        progress.callbacks += statistics_callbacks(&submitter->statistics);
        if (!submitter->finished) progress.finished = false;
        pthread_mutex_unlock(&submitter->lock);
    }
    return progress;
}

// Takes all items out of a closed queue.
static void empty(bounded_queue* queue) {
    nng_aio* aio;
    bounded_queue_close(queue);
    if (nng_aio_alloc(&aio, NULL, NULL) != NNG_OK) return;
    for (;;) {
        bounded_queue_get(queue, aio);
        nng_aio_wait(aio);
        if (nng_aio_result(aio) != NNG_OK) break;
        struct item* item = nng_aio_get_output(aio, 0);
        item->got++;
    }
    nng_aio_free(aio);
}

void workload_join(struct workload* workload) {
    for (size_t i = 0; i < SUBMITTERS; i++) pthread_join(workload->submitters[i].thread, NULL);
    for (size_t i = 0; i < QUEUES; i++) empty(workload->queues[i]);
    for (size_t i = 0; i < SUBMITTERS; i++)
        for (size_t j = 0; j < IN_FLIGHT; j++) nng_aio_stop(workload->submitters[i].operations[j].aio);
    for (size_t i = 0; i < SUBMITTERS; i++)
        for (size_t j = 0; j < IN_FLIGHT; j++) nng_aio_free(workload->submitters[i].operations[j].aio);
    for (size_t i = 0; i < SUBMITTERS; i++) io_close(&workload->submitters[i].io);
}

// Checks that an item that was put was got once, and that an item that was not put was not got.
static void check_items(const struct submitter* submitter, struct statistics* total) {
    for (size_t i = 0; i < submitter->items_used; i++) {
        const struct item* item = &submitter->items[i];
        if (item->put && item->got == 0) total->broken[ITEM_LOST]++;
        if (item->got > 1) total->broken[ITEM_DUPLICATED]++;
        if (!item->put && item->got > 0) total->broken[ITEM_FROM_NOWHERE]++;
    }
}

bool workload_add_up(struct workload* workload, struct statistics* total) {
    if (!statistics_init(total, workload->operations)) return false;

    bool all_finished = true;
    for (size_t i = 0; i < SUBMITTERS; i++) {
        struct submitter* submitter = &workload->submitters[i];
        pthread_mutex_lock(&submitter->lock);
        statistics_add(total, &submitter->statistics);
        if (!submitter->finished) all_finished = false;
        pthread_mutex_unlock(&submitter->lock);
    }
    for (size_t i = 0; all_finished && i < SUBMITTERS; i++) check_items(&workload->submitters[i], total);
    if (total->bytes_received > total->bytes_sent)
        total->broken[BYTES_WRONG] += total->bytes_received - total->bytes_sent;
    uint64_t submitted = statistics_submitted(total);
    uint64_t callbacks = statistics_callbacks(total);
    if (callbacks < submitted) total->broken[CALLBACK_MISSING] = submitted - callbacks;
    return true;
}

void workload_free(struct workload* workload) {
    for (size_t i = 0; i < SUBMITTERS; i++) {
        struct submitter* submitter = &workload->submitters[i];
        pthread_mutex_destroy(&submitter->lock);
        pthread_cond_destroy(&submitter->idle);
        statistics_free(&submitter->statistics);
        free(submitter->items);
        free(submitter->operations);
    }
    for (size_t i = 0; i < QUEUES; i++) bounded_queue_free(workload->queues[i]);
    bounded_queue_free(workload->silent);
    free(workload);
}
