// Shows how a provider keeps the contract of nng_aio_start and nng_aio_finish. Each operation is finished exactly once,
// although a get, a put, a timeout, a cancel and a close may all want to end it at the same moment:
//
//  1. If an operation can complete at once, the queue does not call nng_aio_start for it: such an operation never
//     waits, so there is nothing to cancel or to time out.
//  2. If an operation has to wait, the queue starts it and appends it to a waiting list, both under one hold of the
//     lock. A cancel right after nng_aio_start waits for the lock, and then finds the operation on the list.
//  3. If nng_aio_start returns false, the library gives the handle its result, and the queue must not touch the handle.
//  4. The thread that removes an operation from its list, under the lock, finishes it. A thread that does not
//     find the operation on the list does nothing.
//  5. nng_aio_finish needs no lock. It may be called with the lock held. The queue calls it after the unlock, so
//     that the callback does not wait for the lock.
//  6. A cancel function finishes with the error that it was given.
//
// The lists are linked through the two words that each handle has for its provider (naio_aio_set_data). They are the
// queue's from the start to the finish. So waiting allocates no memory, and the time that a cancel takes does not
// depend on the length of the list.
#include "bounded_queue.h"

#include <naio/naio.h>
#include <pthread.h>
#include <stdlib.h>

enum { ITEM = 0 };                // the input and the output that the queue uses
enum { PREVIOUS = 0, NEXT = 1 };  // the words

struct waiting {
    nng_aio* first;
    nng_aio* last;
};

// Invariant: if a getter waits, the queue is empty; if a putter waits, the queue is full.
struct bounded_queue {
    pthread_mutex_t lock;  // guards all members below, and the links in the waiting handles
    struct waiting getters;
    struct waiting putters;
    bool closed;
    size_t capacity;
    size_t count;
    size_t first;   // index of the next item to get
    void* items[];  // a ring of `capacity` items
};

static nng_aio* neighbour(nng_aio* aio, unsigned word) { return naio_aio_get_data(aio, word); }

// Makes `next` the operation after `previous`. NULL stands for the two ends of the list.
static void link_both(struct waiting* list, nng_aio* previous, nng_aio* next) {
    if (previous == NULL)
        list->first = next;
    else
        naio_aio_set_data(previous, NEXT, next);
    if (next == NULL)
        list->last = previous;
    else
        naio_aio_set_data(next, PREVIOUS, previous);
}

static void join(struct waiting* list, nng_aio* aio) {
    link_both(list, list->last, aio);
    link_both(list, aio, NULL);
}

static bool is_waiting(const struct waiting* list, nng_aio* aio) {
    return list->first == aio || neighbour(aio, PREVIOUS) != NULL;
}

static void leave(struct waiting* list, nng_aio* aio) {
    link_both(list, neighbour(aio, PREVIOUS), neighbour(aio, NEXT));
    naio_aio_set_data(aio, PREVIOUS, NULL);
    naio_aio_set_data(aio, NEXT, NULL);
}

// Removes and returns the operation that has waited longest, or NULL if none waits. The caller must finish it.
static nng_aio* take_first(struct waiting* list) {
    nng_aio* aio = list->first;
    if (aio != NULL) leave(list, aio);
    return aio;
}

static void push_item(bounded_queue* queue, void* item) {
    queue->items[(queue->first + queue->count) % queue->capacity] = item;
    queue->count++;
}

static void* pop_item(bounded_queue* queue) {
    void* item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    return item;
}

// Called for a cancel, an abort, a stop or a timeout, on the thread that makes the request or on a thread of the
// library. The thread that is in nng_aio_start never calls this. Another thread may call this before nng_aio_start has
// returned, and then waits for the lock. Does nothing if another thread has removed the operation from the list (rule
// 4).
static void cancel(bounded_queue* queue, struct waiting* list, nng_aio* aio, nng_err reason) {
    pthread_mutex_lock(&queue->lock);
    bool ours = is_waiting(list, aio);
    if (ours) leave(list, aio);
    pthread_mutex_unlock(&queue->lock);

    if (ours) nng_aio_finish(aio, reason);
}

static void cancel_get(nng_aio* aio, void* arg, nng_err reason) {
    bounded_queue* queue = arg;
    cancel(queue, &queue->getters, aio, reason);
}

static void cancel_put(nng_aio* aio, void* arg, nng_err reason) {
    bounded_queue* queue = arg;
    cancel(queue, &queue->putters, aio, reason);
}

// Ends an operation that was never started (rule 1).
static void complete_at_once(nng_aio* aio, nng_err result, void* item) {
    nng_aio_reset(aio);  // clears the result, the count and the outputs, as nng_aio_start would have done
    nng_aio_set_output(aio, ITEM, item);
    nng_aio_finish(aio, result);
}

void bounded_queue_put(bounded_queue* queue, nng_aio* aio) {
    void* item = nng_aio_get_input(aio, ITEM);

    pthread_mutex_lock(&queue->lock);
    bool full = queue->count == queue->capacity;
    if (full && !queue->closed) {
        if (nng_aio_start(aio, cancel_put, queue)) join(&queue->putters, aio);  // rules 2 and 3
        pthread_mutex_unlock(&queue->lock);
        return;
    }
    nng_err result = queue->closed ? NNG_ECLOSED : NNG_OK;
    nng_aio* getter = NULL;
    if (result == NNG_OK) {
        getter = take_first(&queue->getters);
        if (getter == NULL) push_item(queue, item);
    }
    pthread_mutex_unlock(&queue->lock);

    if (getter != NULL) {
        nng_aio_set_output(getter, ITEM, item);
        nng_aio_finish(getter, NNG_OK);
    }
    complete_at_once(aio, result, NULL);
}

void bounded_queue_get(bounded_queue* queue, nng_aio* aio) {
    pthread_mutex_lock(&queue->lock);
    bool empty = queue->count == 0;
    if (empty && !queue->closed) {
        if (nng_aio_start(aio, cancel_get, queue)) join(&queue->getters, aio);  // rules 2 and 3
        pthread_mutex_unlock(&queue->lock);
        return;
    }
    void* item = empty ? NULL : pop_item(queue);
    nng_aio* putter = take_first(&queue->putters);  // the get has made room for this putter's item
    if (putter != NULL) push_item(queue, nng_aio_get_input(putter, ITEM));
    pthread_mutex_unlock(&queue->lock);

    if (putter != NULL) nng_aio_finish(putter, NNG_OK);
    complete_at_once(aio, empty ? NNG_ECLOSED : NNG_OK, item);
}

nng_err bounded_queue_alloc(bounded_queue** result, size_t capacity) {
    if (capacity == 0) return NNG_EINVAL;
    if (capacity > (SIZE_MAX - sizeof(bounded_queue)) / sizeof(void*)) return NNG_ENOMEM;

    bounded_queue* queue = calloc(1, sizeof(*queue) + capacity * sizeof(queue->items[0]));
    if (queue == NULL) return NNG_ENOMEM;
    if (pthread_mutex_init(&queue->lock, NULL) != 0) {
        free(queue);
        return NNG_ENOMEM;
    }
    queue->capacity = capacity;
    *result = queue;
    return NNG_OK;
}

void bounded_queue_close(bounded_queue* queue) {
    nng_aio* aio;

    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    // Exception to rule 5: this function finishes the operations with the lock held, so that it need not copy the
    // lists. The callbacks run on other threads, and may have to wait a little for the lock.
    while ((aio = take_first(&queue->getters)) != NULL) nng_aio_finish(aio, NNG_ECLOSED);
    while ((aio = take_first(&queue->putters)) != NULL) nng_aio_finish(aio, NNG_ECLOSED);
    pthread_mutex_unlock(&queue->lock);
}

void bounded_queue_free(bounded_queue* queue) {
    if (queue == NULL) return;
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}
