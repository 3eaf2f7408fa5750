// Completion queues: the roles that a thread can have, and the ends of queues.
#include "scenario.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;

static naio_queue* make_queue() {
    naio_queue* queue = nullptr;
    require(naio_queue_alloc(&queue) == NNG_OK, "naio_queue_alloc fails");
    return queue;
}

SCENARIO(queue_unbound, "a thread waits for a handle, whose queue the owner runs, takes away and frees") {
    const Library library;
    Count count;
    Operation operation(count);
    naio_queue* const queue = make_queue();
    naio_aio_set_queue(operation.aio, queue);
    operation.start();
    const Thread waiter([&] { nng_aio_wait(operation.aio); });
    const Thread owner([&] {
        operation.finish();
        while (nng_aio_busy(operation.aio)) naio_queue_run(queue, 1);
        naio_aio_set_queue(operation.aio, nullptr);
        naio_queue_free(queue);
    });
}

SCENARIO(queue_pushed,
         "the runner frees the queue when it has run the callback, while the thread that pushed is there") {
    const Library library;
    Count count;
    Handle handle(count);
    naio_queue* const queue = make_queue();
    naio_aio_set_queue(handle.aio, queue);
    const Thread pusher([&] { nng_aio_finish(handle.aio, NNG_OK); });
    const Thread owner([&] {
        while (count.calls == 0) naio_queue_run(queue, 1);
        naio_aio_set_queue(handle.aio, nullptr);
        naio_queue_free(queue);
    });
}
