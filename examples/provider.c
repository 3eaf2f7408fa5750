// A program that uses a provider: its own operations on the library's handles.
//
// The bounded queue (bounded_queue.h) offers a get and a put that wait when the queue is empty or full. Because they
// are operations on an nng_aio, they can be timed out, polled, cancelled and stopped. bounded_queue.c shows what a
// provider has to do for that; this program shows what the users of a provider get.
#include <nng/nng.h>
#include <stdio.h>
#include <stdlib.h>

#include "bounded_queue.h"
#include "check.h"

// Waits for the operation, prints how it ended, and checks the result.
static void end(nng_aio* aio, const char* what, nng_err wanted) {
    nng_aio_wait(aio);
    nng_err result = nng_aio_result(aio);
    const char* item = nng_aio_get_output(aio, 0);
    printf("%s: %s%s%s\n", what, nng_strerror(result), item == NULL ? "" : ": ", item == NULL ? "" : item);
    if (result == wanted) return;
    fprintf(stderr, "this should have been: %s\n", nng_strerror(wanted));
    exit(1);
}

static void put(bounded_queue* queue, nng_aio* aio, const char* item) {
    check(nng_aio_set_input(aio, 0, (void*)item), "nng_aio_set_input");
    bounded_queue_put(queue, aio);
}

int main(int argc, char** argv) {
    bounded_queue* queue;
    nng_aio* putter;
    nng_aio* getter;

    usage(argc, argv, 0, 0, "",
          "Shows operations of a program's own: a bounded queue with timeouts, polls and cancellation.");
    check(nng_init(NULL), "nng_init");
    check(bounded_queue_alloc(&queue, 1), "bounded_queue_alloc");
    check(nng_aio_alloc(&putter, NULL, NULL), "nng_aio_alloc");  // no callbacks: the program waits instead
    check(nng_aio_alloc(&getter, NULL, NULL), "nng_aio_alloc");

    printf("-- a queue with room for one\n");
    put(queue, putter, "tea");
    end(putter, "put tea", NNG_OK);
    put(queue, putter, "coffee");
    printf("put coffee: %s\n", nng_aio_busy(putter) ? "waits" : "does not wait?");
    bounded_queue_get(queue, getter);
    end(getter, "get", NNG_OK);
    end(putter, "put coffee, at last", NNG_OK);

    printf("-- a timeout of zero is a poll\n");
    nng_aio_set_timeout(getter, NNG_DURATION_ZERO);
    bounded_queue_get(queue, getter);
    end(getter, "poll", NNG_OK);
    bounded_queue_get(queue, getter);
    end(getter, "poll", NNG_ETIMEDOUT);

    printf("-- a get that waits can time out, or be cancelled\n");
    nng_aio_set_timeout(getter, 100);
    bounded_queue_get(queue, getter);
    end(getter, "get within 100 ms", NNG_ETIMEDOUT);
    nng_aio_set_timeout(getter, NNG_DURATION_INFINITE);
    bounded_queue_get(queue, getter);
    nng_aio_cancel(getter);
    end(getter, "get, cancelled", NNG_ECANCELED);

    printf("-- the queue remembers neither: the next item goes to the next get\n");
    put(queue, putter, "cake");
    end(putter, "put cake", NNG_OK);
    bounded_queue_get(queue, getter);
    end(getter, "get", NNG_OK);

    printf("-- a get that waits ends when its handle stops, or when the queue closes\n");
    bounded_queue_get(queue, getter);
    nng_aio_stop(getter);
    end(getter, "get, stopped", NNG_ESTOPPED);
    nng_aio_free(getter);
    check(nng_aio_alloc(&getter, NULL, NULL), "nng_aio_alloc");
    bounded_queue_get(queue, getter);
    bounded_queue_close(queue);
    end(getter, "get, closed", NNG_ECLOSED);

    nng_aio_free(getter);
    nng_aio_free(putter);
    bounded_queue_free(queue);
    nng_fini();
    return 0;
}
