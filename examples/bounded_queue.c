// How a provider keeps the contract. Each operation is finished exactly once, although a get, a
// put, a timeout, a cancel and a close may all want to end it at the same moment:
//
//  1. An operation that can complete at once does, without nng_aio_start: nothing waits, so there
//     is nothing to cancel or to time out.
//  2. Otherwise it starts and joins a waiting list, both under one hold of the lock. A cancel that
//     comes right after nng_aio_start waits for the lock, and finds the operation on the list.
//  3. If nng_aio_start returns false, the handle has been told why, and is not ours any more.
//  4. The thread that takes an operation off its list, under the lock, finishes it. A thread that does
//     not find it there leaves it alone. Nothing else decides.
//  5. The finish itself needs no lock. It may be called with the lock held; after the unlock is
//     better, as the callback then never waits for us.
//  6. A cancel function finishes with the error that it was given.
//
// The lists are linked through inputs 2 and 3 of the waiting handles, which are ours from start to
// finish: waiting allocates nothing, and a cancel takes the same time however many wait.
#include "bounded_queue.h"

#include <pthread.h>
#include <stdlib.h>

enum { ITEM = 0, PREVIOUS = 2, NEXT = 3 };  // what we use inputs and outputs for

struct waiting {
    nng_aio* first;
    nng_aio* last;
};

// Always: if a getter waits, the queue is empty; if a putter waits, the queue is full.
struct bounded_queue {
    pthread_mutex_t lock;  // guards all below, and the links in the waiting handles
    struct waiting getters;
    struct waiting putters;
    bool closed;
    size_t capacity;
    size_t count;
    size_t first;   // where the next item to be got is
    void* items[];  // a ring of `capacity`
};

static void join(struct waiting* list, nng_aio* aio) {
    nng_aio_set_input(aio, PREVIOUS, list->last);
    nng_aio_set_input(aio, NEXT, NULL);
    if (list->last == NULL)
        list->first = aio;
    else
        nng_aio_set_input(list->last, NEXT, aio);
    list->last = aio;
}

static bool is_waiting(const struct waiting* list, nng_aio* aio) {
    return list->first == aio || nng_aio_get_input(aio, PREVIOUS) != NULL;
}

static void leave(struct waiting* list, nng_aio* aio) {
    nng_aio* previous = nng_aio_get_input(aio, PREVIOUS);
    nng_aio* next = nng_aio_get_input(aio, NEXT);

    if (previous == NULL)
        list->first = next;
    else
        nng_aio_set_input(previous, NEXT, next);
    if (next == NULL)
        list->last = previous;
    else
        nng_aio_set_input(next, PREVIOUS, previous);
    nng_aio_set_input(aio, PREVIOUS, NULL);
    nng_aio_set_input(aio, NEXT, NULL);
}

// The operation that has waited longest, NULL if none does. The caller must finish it.
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

// Called by the library for a cancel, an abort, a stop, or a timeout, on the thread where that
// happens and never inside nng_aio_start. Does nothing if another thread was faster (rule 4).
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
    nng_aio_reset(aio);  // nng_aio_start would have done this
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
    nng_aio* putter = take_first(&queue->putters);  // there is room for its item now
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
    // Finishing under the lock, for once: the lists need no copy, and the callbacks, which run on
    // other threads, wait for us a little.
    while ((aio = take_first(&queue->getters)) != NULL) nng_aio_finish(aio, NNG_ECLOSED);
    while ((aio = take_first(&queue->putters)) != NULL) nng_aio_finish(aio, NNG_ECLOSED);
    pthread_mutex_unlock(&queue->lock);
}

void bounded_queue_free(bounded_queue* queue) {
    if (queue == NULL) return;
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}
