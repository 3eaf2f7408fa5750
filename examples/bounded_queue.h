// A bounded queue of pointers whose put and get are asynchronous operations: they can be waited
// for, cancelled, timed out and stopped like any other operation on an nng_aio.
//
// It is written to be copied: bounded_queue.c shows how a provider of operations keeps the
// contract of nng_aio_start and nng_aio_finish.
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

// Makes an empty queue for up to `capacity` items. NNG_EINVAL if that is 0, NNG_ENOMEM.
nng_err bounded_queue_alloc(bounded_queue** queue, size_t capacity);

// Ends every waiting operation, and every later put, with NNG_ECLOSED. What is in the queue can
// still be got; after the last item a get ends with NNG_ECLOSED too. Closing twice is fine.
void bounded_queue_close(bounded_queue* queue);

// Frees the queue, not the items left in it. No operation on it may be in flight: stop the handles
// first (nng_aio_stop), or close the queue and wait for the handles. NULL is fine.
void bounded_queue_free(bounded_queue* queue);

// Puts input 0 of `aio` at the end of the queue; waits while the queue is full. The item belongs to
// the queue if the operation ends with NNG_OK, and to the caller otherwise.
//
// Get takes the first item out of the queue, into output 0 of `aio`; waits while the queue is
// empty. Waiting operations are served in the order in which they came.
//
// An operation that need not wait ends with NNG_OK whatever the timeout of `aio` says, so a timeout
// of zero is a poll. It does not call nng_aio_start, so it succeeds even on a stopped handle: a
// callback that puts or gets again and again needs a reason of its own to end, such as NNG_ECLOSED.
//
// While an operation waits, the queue uses inputs 2 and 3 of its handle.
void bounded_queue_put(bounded_queue* queue, nng_aio* aio);
void bounded_queue_get(bounded_queue* queue, nng_aio* aio);

#ifdef __cplusplus
}
#endif

#endif
