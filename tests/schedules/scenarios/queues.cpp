// Scenarios of completion queues: each role that a thread can have, and the ends of queues and threads.
#include "scenario.h"

using schedules::Count;
using schedules::Gate;
using schedules::Handle;
using schedules::Library;
using schedules::make_queue;
using schedules::Operation;
using schedules::require;
using schedules::Thread;
using schedules::yield;

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
         "the runner runs a callback and frees the queue, while the thread that pushed the handle is inside the push") {
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

// The runner waits for a handle that is in no queue. A callback of the runner's queue finishes the operation of
// that handle.
SCENARIO(queue_runner_waits, "the runner waits for an operation that a callback of its queue finishes") {
    const Library library;
    Count count;
    Operation waited_for;
    Handle queued(count);
    naio_queue* const queue = make_queue();
    naio_aio_set_queue(queued.aio, queue);
    count.also = [&] { waited_for.finish(); };
    waited_for.start();
    {
        const Thread runner([&] {
            naio_queue_run(queue, 0);
            nng_aio_wait(waited_for.aio);
        });
        const Thread finisher([&] { nng_aio_finish(queued.aio, NNG_OK); });
    }
    nng_aio_wait(queued.aio);
    naio_queue_free(queue);
}

SCENARIO(queue_runner_woken, "the runner waits for an operation that another thread finishes") {
    const Library library;
    Operation waited_for;
    naio_queue* const queue = make_queue();
    waited_for.start();
    {
        const Thread runner([&] {
            naio_queue_run(queue, 0);
            nng_aio_wait(waited_for.aio);
        });
        const Thread finisher([&] { waited_for.finish(); });
    }
    naio_queue_free(queue);
}

SCENARIO(queue_adopted, "the runner ends, and threads that wait for handles adopt the queue") {
    const Library library;
    Count counts[2];
    Operation one(counts[0]), two(counts[1]);
    Gate started;
    naio_queue* queue = nullptr;
    {
        const Thread creator([&] {
            queue = make_queue();
            naio_aio_set_queue(one.aio, queue);
            naio_aio_set_queue(two.aio, queue);
            one.start();
            two.start();
            started.open();
        });
        const Thread finisher([&] {
            started.pass();
            one.finish();
            two.finish();
        });
        const Thread waiter([&] {
            started.pass();
            nng_aio_wait(one.aio);
        });
        started.pass();
        nng_aio_wait(two.aio);
    }
    require(counts[0].calls == 1 && counts[1].calls == 1, "there was not one callback");
    naio_queue_free(queue);
}

static int inside = 0;
static void one_at_a_time() {
    require(++inside == 1, "two threads are inside callbacks of a queue");
    yield();
    --inside;
}

SCENARIO(queue_runners, "three threads run a queue, and a fourth one waits for a handle of the queue") {
    const Library library;
    Count counts[2];
    inside = 0;
    Handle one(counts[0]), two(counts[1]);
    naio_queue* const queue = make_queue();
    for (Count& each : counts) {
        each.also = one_at_a_time;
        naio_aio_set_queue(each.aio, queue);
        nng_aio_finish(each.aio, NNG_OK);
    }
    {
        const Thread runner([&] { naio_queue_run(queue, 0); });
        const Thread other([&] { naio_queue_run(queue, 0); });
        const Thread waiter([&] { nng_aio_wait(two.aio); });
        while (nng_aio_busy(two.aio)) naio_queue_run(queue, 1);
    }
    naio_aio_set_queue(one.aio, nullptr);
    naio_aio_set_queue(two.aio, nullptr);
    naio_queue_free(queue);
}

SCENARIO(queue_fini, "the library goes down while a thread runs a queue") {
    Library library;
    Count counts[2];
    inside = 0;
    Operation one(counts[0]), two(counts[1]);
    Gate started;
    naio_queue* queue = nullptr;
    {
        const Thread runner([&] {
            queue = make_queue();
            naio_aio_set_queue(one.aio, queue);
            naio_aio_set_queue(two.aio, queue);
            counts[0].also = counts[1].also = one_at_a_time;
            one.start();
            two.start();
            started.open();
            while (counts[0].calls + counts[1].calls != 2) naio_queue_run(queue, 1);
        });
        started.pass();
        library.go_down();
    }
    require(counts[0].calls == 1 && counts[1].calls == 1, "there was not one callback");
    naio_queue_free(queue);
}
