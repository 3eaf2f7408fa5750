// The operations of the tour: starts an operation of any kind, and checks its result in its callback.
//
// One submitting thread uses a struct operation again and again, usually with the same handle. From operation_take
// until all holds are released, the struct belongs to the operation in flight.
#ifndef TOUR_OPERATION_H
#define TOUR_OPERATION_H

#include <nng/nng.h>
#include <pthread.h>

#include "../bounded_queue.h"
#include "io.h"
#include "statistics.h"

struct item {
    struct submitter* submitter;  // the submitter's lock guards the members below
    bool put;                     // the put ended with NNG_OK
    unsigned got;                 // the number of gets that returned this item
};

struct operation {
    nng_aio* aio;  // NULL: the last operation has given the handle away
    struct submitter* submitter;
    struct operation* next_free;

    // The plan, written by the submitting thread before the start.
    enum kind kind;
    nng_duration duration;     // the duration of the sleep
    nng_duration timeout;      // the timeout of the handle
    bool sleeps;               // true: nng_sleep_aio; false: a put, a get, or input or output, as `kind` says
    bounded_queue* queue;      // the queue for a put or a get
    struct item* item;         // the item to put
    nng_err code;              // the error code of the abort
    char data[PIECE];          // the buffer for input and output
    nng_sockaddr address;      // the target of a datagram, or the result of a look-up
    unsigned repeats;          // the number of times that the callback is to start the operation again
    struct operation* victim;  // the operation that the callback cancels

    // Guarded by the lock of the submitter.
    int holds;  // one for the callback, and one for the thread that will cancel, if any
    bool in_flight;
    int64_t started;  // clock before the start, in ns
};

// A thread that submits operations, and the objects that its operations share.
struct submitter {
    pthread_t thread;
    struct workload* workload;
    uint64_t random;
    size_t quota;  // number of operations that have yet to be submitted
    struct operation* operations;
    struct item* items;
    size_t items_used;
    struct io io;

    pthread_mutex_t lock;  // guards the members below, and those of operation and item that say so
    pthread_cond_t idle;   // signalled when an operation becomes free
    struct operation* free;
    size_t free_count;
    bool finished;
    struct statistics statistics;
};

int64_t clock_ns(void);

// Waits for a free operation, and allocates a handle if the operation has none. Prints a message and ends the program
// if there is no memory for a handle.
struct operation* operation_take(struct submitter* submitter, enum kind kind);

// Starts the operation as planned. After that, the caller must not use `operation` unless it has a hold.
void operation_start(struct operation* operation);

// Cancels the operation, or aborts it if its kind is WAIT_ABORTED, and releases a hold.
// REQUIRES: the caller has a hold.
void operation_cancel(struct operation* operation);

// Releases a hold. The last release makes the operation free.
void operation_release(struct operation* operation);

#endif
