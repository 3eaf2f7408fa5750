#include "operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../check.h"

enum { BYTE = 'n' };

int64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum outcome outcome_of(const struct operation* operation, nng_err result) {
    if (operation->kind == WAIT_ABORTED && result == operation->code) return ABORTED;
    switch (result) {
        case NNG_OK:
            return SUCCESS;
        case NNG_ETIMEDOUT:
            return TIMED_OUT;
        case NNG_ECANCELED:
            return CANCELLED;
        case NNG_ESTOPPED:
            return STOPPED;
        default:
            return OTHER;
    }
}

// First promise: an operation ends only with an outcome that is possible for its kind.
static bool is_possible(enum kind kind, enum outcome outcome) {
    switch (kind) {
        case SLEEP:
        case SLEEP_AGAIN:
        case SLEEP_REAPED:
            return outcome == SUCCESS;
        case SLEEP_CUT:
        case QUEUE_POLL:
        case WAIT_TIMED_OUT:
            return outcome == TIMED_OUT;
        case DATAGRAM_SEND:
        case FILE_WRITE:
        case FILE_READ:
            return outcome == SUCCESS;
        case STREAM_SEND:
        case STREAM_RECEIVE:
        case DATAGRAM_RECEIVE:
        case QUEUE_PUT:
        case QUEUE_GET:
            return outcome == SUCCESS || outcome == TIMED_OUT;
        case LOOK_UP:  // the machine may be unable to resolve the name
            return outcome == SUCCESS || outcome == TIMED_OUT || outcome == OTHER;
        case WAIT_CANCELLED:
            return outcome == CANCELLED;
        case WAIT_ABORTED:
            return outcome == ABORTED;
        case WAIT_RACED:
            return outcome == TIMED_OUT || outcome == CANCELLED;
        case WAIT_STOPPED:
        case WAIT_REAPED:
            return outcome == STOPPED;
        default:
            return false;
    }
}

// Second promise: a sleep does not end before its duration has passed, nor does a timeout come early.
static void check_lateness(const struct operation* operation, enum outcome outcome, int64_t now,
                           struct statistics* statistics) {
    bool slept = outcome == SUCCESS && operation->sleeps;
    if (!slept && outcome != TIMED_OUT) return;

    int64_t ms = slept ? operation->duration : operation->timeout;
    int64_t lateness = now - (operation->started + ms * 1000000);
    if (lateness < 0) statistics->broken[TOO_EARLY]++;
    if (ms > 0) samples_add(slept ? &statistics->sleeps : &statistics->timeouts, lateness);
}

// Checks the bytes that were received: all submitters send the value BYTE only.
static void check_bytes(const struct operation* operation, enum outcome outcome, struct statistics* statistics) {
    size_t count = outcome == SUCCESS ? nng_aio_count(operation->aio) : 0;

    if (operation->kind == STREAM_SEND) statistics->bytes_sent += count;
    if (operation->kind == STREAM_RECEIVE) statistics->bytes_received += count;
    if (operation->kind != STREAM_RECEIVE && operation->kind != DATAGRAM_RECEIVE) return;
    for (size_t i = 0; i < count; i++)
        if (operation->data[i] != BYTE) statistics->broken[BYTES_WRONG]++;
}

// Records the outcome. Returns false if no operation was in flight, in which case the callback should not have come.
static bool record(struct operation* operation, int64_t now, enum outcome* outcome) {
    struct statistics* statistics = &operation->submitter->statistics;

    pthread_mutex_lock(&operation->submitter->lock);
    bool expected = operation->in_flight;
    operation->in_flight = false;
    if (expected) {
        *outcome = outcome_of(operation, nng_aio_result(operation->aio));
        statistics->outcomes[operation->kind][*outcome]++;
        if (!is_possible(operation->kind, *outcome)) statistics->broken[WRONG_RESULT]++;
        check_lateness(operation, *outcome, now, statistics);
        check_bytes(operation, *outcome, statistics);
    } else {
        statistics->broken[CALLBACK_DOUBLED]++;
    }
    pthread_mutex_unlock(&operation->submitter->lock);
    return expected;
}

static void record_put(struct item* item) {
    pthread_mutex_lock(&item->submitter->lock);
    item->put = true;
    pthread_mutex_unlock(&item->submitter->lock);
}

static void record_get(struct submitter* getter, struct item* item) {
    struct submitter* owner = item != NULL ? item->submitter : getter;
    pthread_mutex_lock(&owner->lock);
    if (item != NULL)
        item->got++;
    else
        owner->statistics.broken[ITEM_FROM_NOWHERE]++;
    pthread_mutex_unlock(&owner->lock);
}

static void ended(void* arg) {
    int64_t now = clock_ns();
    struct operation* operation = arg;
    enum outcome outcome = OTHER;

    if (!record(operation, now, &outcome)) return;

    if (operation->victim != NULL) operation_cancel(operation->victim);
    switch (operation->kind) {
        case SLEEP_AGAIN:
            if (operation->repeats > 0 && outcome == SUCCESS) {
                operation->repeats--;
                operation_start(operation);  // on the handle whose callback is running
                return;
            }
            break;
        case SLEEP_REAPED:
            nng_aio_reap(operation->aio);
            operation->aio = NULL;
            break;
        case WAIT_STOPPED:
        case WAIT_REAPED:
            operation->aio = NULL;  // the submitting thread frees the handle
            break;
        case QUEUE_PUT:
            if (outcome == SUCCESS) record_put(operation->item);
            break;
        case QUEUE_GET:
            if (outcome == SUCCESS) record_get(operation->submitter, nng_aio_get_output(operation->aio, 0));
            break;
        default:
            break;
    }
    operation_release(operation);
}

struct operation* operation_take(struct submitter* submitter, enum kind kind) {
    pthread_mutex_lock(&submitter->lock);
    while (submitter->free == NULL) pthread_cond_wait(&submitter->idle, &submitter->lock);
    struct operation* operation = submitter->free;
    submitter->free = operation->next_free;
    submitter->free_count--;
    pthread_mutex_unlock(&submitter->lock);

    if (operation->aio == NULL && nng_aio_alloc(&operation->aio, ended, operation) != NNG_OK) {
        fprintf(stderr, "no memory for another handle\n");
        exit(1);
    }
    operation->kind = kind;
    operation->duration = 0;
    operation->timeout = NNG_DURATION_INFINITE;
    operation->sleeps = kind <= SLEEP_REAPED;
    operation->queue = NULL;
    operation->item = NULL;
    operation->code = NNG_OK;
    operation->repeats = 0;
    operation->victim = NULL;
    operation->holds = 1;
    return operation;
}

// Starts an operation on the submitter's objects. Before a receive, the buffer is filled with a value other than BYTE.
static void start_io(struct operation* operation) {
    struct io* io = &operation->submitter->io;
    bool receives = operation->kind == STREAM_RECEIVE || operation->kind == DATAGRAM_RECEIVE;
    nng_iov iov = {operation->data, PIECE};

    memset(operation->data, receives ? 0 : BYTE, PIECE);
    check(nng_aio_set_iov(operation->aio, 1, &iov), "nng_aio_set_iov");
    check(nng_aio_set_input(operation->aio, 0, NULL), "nng_aio_set_input");
    switch (operation->kind) {
        case STREAM_SEND:
            nng_stream_send(io->near, operation->aio);
            break;
        case STREAM_RECEIVE:
            nng_stream_recv(io->far, operation->aio);
            break;
        case DATAGRAM_SEND:
            operation->address = io->receiver_address;
            check(nng_aio_set_input(operation->aio, 0, &operation->address), "nng_aio_set_input");
            nng_udp_send(io->sender, operation->aio);
            break;
        case DATAGRAM_RECEIVE:
            nng_udp_recv(io->receiver, operation->aio);
            break;
        case LOOK_UP:
            naio_resolve("localhost", "80", NNG_AF_UNSPEC, 0, &operation->address, 1, operation->aio);
            break;
        case FILE_WRITE:
            naio_file_pwrite(io->file, 0, operation->aio);
            break;
        default:
            naio_file_pread(io->file, 0, operation->aio);
            break;
    }
}

void operation_start(struct operation* operation) {
    struct submitter* submitter = operation->submitter;

    nng_aio_set_timeout(operation->aio, operation->timeout);
    pthread_mutex_lock(&submitter->lock);
    submitter->statistics.submitted[operation->kind]++;
    operation->in_flight = true;
    operation->started = clock_ns();
    pthread_mutex_unlock(&submitter->lock);

    if (operation->sleeps) {
        nng_sleep_aio(operation->duration, operation->aio);
    } else if (operation->kind == QUEUE_PUT) {
        nng_aio_set_input(operation->aio, 0, operation->item);
        bounded_queue_put(operation->queue, operation->aio);
    } else if (operation->kind >= STREAM_SEND && operation->kind <= FILE_READ) {
        start_io(operation);
    } else {
        bounded_queue_get(operation->queue, operation->aio);
    }
}

void operation_cancel(struct operation* operation) {
    if (operation->kind == WAIT_ABORTED)
        nng_aio_abort(operation->aio, operation->code);
    else
        nng_aio_cancel(operation->aio);
    operation_release(operation);
}

void operation_release(struct operation* operation) {
    struct submitter* submitter = operation->submitter;

    pthread_mutex_lock(&submitter->lock);
    if (--operation->holds == 0) {
        operation->next_free = submitter->free;
        submitter->free = operation;
        submitter->free_count++;
        pthread_cond_signal(&submitter->idle);
    }
    pthread_mutex_unlock(&submitter->lock);
}
