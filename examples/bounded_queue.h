// A bounded queue of pointers whose put and get are asynchronous operations: a program can wait for them, cancel them,
// stop them, and set a timeout for them, as for any other operation on an nng_aio.
//
// The code is meant to be copied: bounded_queue.c shows how a provider of operations keeps the contract of
// nng_aio_start and nng_aio_finish.
//
// Any function may be called from any thread, and from callbacks. None of them blocks.
#ifndef BOUNDED_QUEUE_H
#define BOUNDED_QUEUE_H

#include <nng/nng.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bounded_queue bounded_queue;

// Creates an empty queue for up to `capacity` items. Returns NNG_EINVAL if capacity is 0, NNG_ENOMEM if there is no
// memory.
nng_err bounded_queue_alloc(bounded_queue** queue, size_t capacity);

// Ends every waiting operation, and every later put, with NNG_ECLOSED. Items that are in the queue can be got
// afterwards; when the queue is empty, a get ends with NNG_ECLOSED, too. The queue may be closed twice.
void bounded_queue_close(bounded_queue* queue);

// Frees the queue, but not the items that are in the queue. NULL is allowed.
// REQUIRES: no operation on the queue is in flight. Stop the handles (nng_aio_stop), or close the queue and wait for
// the handles.
void bounded_queue_free(bounded_queue* queue);

// bounded_queue_put appends input 0 of `aio` to the queue, and waits while the queue is full. If the operation ends
// with NNG_OK, the item belongs to the queue; otherwise the item belongs to the caller.
//
// bounded_queue_get removes the first item and stores it in output 0 of `aio`, and waits while the queue is empty.
// Waiting operations are served in the order of their calls.
//
// An operation that need not wait ends with NNG_OK, whatever the timeout of `aio` is, so with a timeout of zero a put
// or a get is a poll. Such an operation does not call nng_aio_start, so it succeeds even on a stopped handle: a
// callback that puts or gets again and again needs a reason of its own to end, such as NNG_ECLOSED.
void bounded_queue_put(bounded_queue* queue, nng_aio* aio);
void bounded_queue_get(bounded_queue* queue, nng_aio* aio);

#ifdef __cplusplus
}
#endif

#endif
