// One operation of the tour: how each kind is started, and what its callback checks.
//
// An operation is a place that one submitting thread uses again and again, usually with the same
// handle. From operation_take until all its holds have been given up, it belongs to the operation in
// flight.
#ifndef TOUR_OPERATION_H
#define TOUR_OPERATION_H

#include <nng/nng.h>
#include <pthread.h>

#include "../bounded_queue.h"
#include "io.h"
#include "statistics.h"

struct item {
    struct submitter* submitter;  // whose lock guards the rest
    bool put;                     // the put ended with NNG_OK
    unsigned got;                 // how often a get returned it
};

struct operation {
    nng_aio* aio;  // NULL: the operation before gave its handle away
    struct submitter* submitter;
    struct operation* next_free;

    // The plan, written by the submitting thread before the start.
    enum kind kind;
    nng_duration duration;     // of the sleep
    nng_duration timeout;      // of the handle
    bool sleeps;               // by nng_sleep_aio; otherwise it gets from `queue`, or puts
    bounded_queue* queue;      // where to
    struct item* item;         // what to put
    nng_err code;              // of the abort
    char data[PIECE];          // what input and output moves
    nng_sockaddr address;      // where a datagram goes, or what a look-up finds
    unsigned repeats;          // how often the callback is to start it again
    struct operation* victim;  // what the callback is to cancel

    // Under the lock of the submitter.
    int holds;  // one of the callback, and one of the thread that is to cancel
    bool in_flight;
    int64_t started;  // clock before the start, in ns
};

// A thread that submits operations, and what its operations share.
struct submitter {
    pthread_t thread;
    struct workload* workload;
    uint64_t random;
    size_t quota;  // operations still to be submitted
    struct operation* operations;
    struct item* items;
    size_t items_used;
    struct io io;

    pthread_mutex_t lock;  // guards all below, and what is said to be above
    pthread_cond_t idle;   // an operation became free
    struct operation* free;
    size_t free_count;
    bool finished;
    struct statistics statistics;
};

int64_t clock_ns(void);

// Waits for a free operation, and gives it a handle if it has none. Prints a message and ends the
// program if there is no memory for one.
struct operation* operation_take(struct submitter* submitter, enum kind kind);

// Starts what the plan says. The caller must not look at `operation` afterwards unless it holds it.
void operation_start(struct operation* operation);

// Cancels it, or aborts it if that is its kind, and lets go. The caller must hold it.
void operation_cancel(struct operation* operation);

// Lets go: the last one makes the operation free.
void operation_release(struct operation* operation);

#endif
