// Scenarios of the threads that may run a completion queue at certain times: workers, the timer's thread, and threads
// that poll the queue, take it over, or wait inside its callbacks.
#include <poll.h>

#include "scenario.h"

using schedules::Count;
using schedules::Gate;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;
using schedules::yield;

namespace {

class Queue {
  public:
    Queue() = default;
    ~Queue() { naio_queue_free(queue); }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    naio_queue* const queue = schedules::make_queue();
};

bool is_readable(int descriptor) {
    pollfd entry{descriptor, POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

}  // namespace

// The worker lives on, but it is not the queue's runner, so any thread that waits may run the queue.
SCENARIO(queue_guest, "a callback on a worker runs a queue once, and other threads wait for its handles later") {
    const Library library(1, 1);
    const Queue queue;
    Count count, in_queue;
    Operation later(in_queue);
    Handle runs(count);
    naio_aio_set_queue(later.aio, queue.queue);
    count.also = [&] { naio_queue_run(queue.queue, 0); };
    nng_aio_finish(runs.aio, NNG_OK);
    nng_aio_wait(runs.aio);
    later.start();
    const Thread finisher([&] { later.finish(); });
    nng_aio_wait(later.aio);
    require(in_queue.calls == 1, "there was not one callback");
}

SCENARIO(queue_worker, "callbacks on workers wait for handles of a queue whose runner has ended") {
    const Library library;
    Count counts[2], in_queue[2];
    Handle waits[2] = {Handle(counts[0]), Handle(counts[1])};
    Operation queued[2] = {Operation(in_queue[0]), Operation(in_queue[1])};
    naio_queue* queue = nullptr;
    {
        const Thread creator([&] {
            require(naio_queue_alloc(&queue) == NNG_OK, "naio_queue_alloc fails");
            naio_queue_run(queue, 0);
        });
    }
    for (int i = 0; i < 2; ++i) {
        naio_aio_set_queue(queued[i].aio, queue);
        queued[i].start();
        counts[i].also = [&, i] { nng_aio_wait(queued[i].aio); };
    }
    {
        const Thread finisher([&] {
            queued[0].finish();
            queued[1].finish();
        });
        for (Handle& each : waits) nng_aio_finish(each.aio, NNG_OK);
    }
    for (Handle& each : waits) nng_aio_wait(each.aio);
    require(in_queue[0].calls == 1 && in_queue[1].calls == 1, "there was not one callback");
    for (Operation& each : queued) naio_aio_set_queue(each.aio, nullptr);
    naio_queue_free(queue);
}

SCENARIO(queue_expires, "operations of a queue expire, and only its runner calls back") {
    const Library library;
    const Queue queue;
    Count counts[2];
    Operation one(counts[0]), two(counts[1]);
    const int runner = schedules::this_thread();
    for (Count& each : counts)
        each.also = [&] { require(schedules::this_thread() == runner, "another thread than the runner calls back"); };
    for (Operation* each : {&one, &two}) {
        naio_aio_set_queue(each->aio, queue.queue);
        nng_aio_set_timeout(each->aio, 1);
        each->start();
    }
    const Thread finisher([&] { one.finish(); });
    while (counts[0].calls + counts[1].calls != 2) naio_queue_run(queue.queue, 1);
    require(counts[1].result == NNG_ETIMEDOUT, "an operation has not timed out");
}

SCENARIO(queue_polled, "a thread polls the descriptor of a queue, and runs the queue when the descriptor is readable") {
    const Library library;
    const Queue queue;
    Count counts[2];
    Handle one(counts[0]), two(counts[1]);
    for (Handle* each : {&one, &two}) naio_aio_set_queue(each->aio, queue.queue);
    const int descriptor = naio_queue_fd(queue.queue);
    {
        const Thread finisher([&] {
            nng_aio_finish(one.aio, NNG_OK);
            nng_aio_finish(two.aio, NNG_OK);
        });
        while (counts[0].calls + counts[1].calls != 2) {
            while (!is_readable(descriptor)) yield();  // loops forever if the descriptor stays unreadable
            naio_queue_run(queue.queue, 0);
        }
    }
    require(!is_readable(descriptor), "no callback is ready, and the descriptor is readable");
}

SCENARIO(queue_adopted_twice, "a thread adopts a queue while the earlier adopter, whose wait is over, goes on") {
    const Library library;
    Count counts[2];
    Operation one(counts[0]), two(counts[1]);
    Gate first_is_over, end;
    naio_queue* queue = nullptr;
    {
        const Thread creator([&] { require(naio_queue_alloc(&queue) == NNG_OK, "naio_queue_alloc fails"); });
    }
    for (Operation* each : {&one, &two}) {
        naio_aio_set_queue(each->aio, queue);
        each->start();
    }
    {
        const Thread adopter([&] {
            nng_aio_wait(one.aio);
            first_is_over.open();
            end.pass();
        });
        const Thread finisher([&] { one.finish(); });
        first_is_over.pass();
        two.finish();
        nng_aio_wait(two.aio);
        end.open();
    }
    require(counts[0].calls == 1 && counts[1].calls == 1, "there was not one callback");
    for (Operation* each : {&one, &two}) naio_aio_set_queue(each->aio, nullptr);
    naio_queue_free(queue);
}

// The second thread becomes the runner while the first one is inside a callback, and has to wait until the callback
// returns.
SCENARIO(queue_taken_over, "a thread takes over the queue of another one that is inside a callback") {
    const Library library;
    const Queue queue;
    Count counts[2];
    Operation one(counts[0]), two(counts[1]);
    Gate inside, leave;
    for (Operation* each : {&one, &two}) {
        naio_aio_set_queue(each->aio, queue.queue);
        each->start();
    }
    counts[0].also = [&] {
        inside.open();
        leave.pass();
    };
    one.finish();
    {
        const Thread runner([&] { naio_queue_run(queue.queue, 0); });
        inside.pass();
        two.finish();
        const Thread other([&] { leave.open(); });
        while (counts[1].calls == 0) naio_queue_run(queue.queue, NNG_DURATION_INFINITE);
    }
    require(counts[0].calls == 1, "there was not one callback");
}

SCENARIO(queue_nested, "a callback of one queue waits for a callback of another queue that the same thread runs") {
    const Library library;
    const Queue outer, inner;
    Count counts[3];
    Operation waits(counts[0]), other(counts[1]), plain(counts[2]);
    naio_aio_set_queue(waits.aio, outer.queue);
    naio_aio_set_queue(other.aio, inner.queue);
    counts[0].also = [&] { nng_aio_wait(plain.aio); };
    counts[1].also = [&] { plain.finish(); };
    for (Operation* each : {&waits, &other, &plain}) each->start();
    naio_queue_run(inner.queue, 0);
    {
        const Thread one([&] { waits.finish(); });
        const Thread two([&] { other.finish(); });
        while (counts[0].calls == 0) naio_queue_run(outer.queue, 1);
        nng_aio_wait(other.aio);
    }
    require(counts[1].calls == 1 && counts[2].calls == 1, "there was not one callback");
}

SCENARIO(queue_stopped, "a thread stops a handle while the runner runs the handle's queue") {
    const Library library;
    const Queue queue;
    Count count;
    Operation operation(count);
    Gate end;
    const int runner = schedules::this_thread();
    count.also = [&] { require(schedules::this_thread() == runner, "another thread than the runner calls back"); };
    naio_aio_set_queue(operation.aio, queue.queue);
    operation.start();
    const Thread stopper([&] { nng_aio_stop(operation.aio); });
    const Thread finisher([&] { operation.finish(); });
    while (count.calls == 0) naio_queue_run(queue.queue, 1);
}

SCENARIO(queue_wait_ends, "a wait for a handle of a queue ends at a deadline, while the handle is finished") {
    const Library library;
    const Queue queue;
    Count count;
    Operation operation(count);
    naio_aio_set_queue(operation.aio, queue.queue);
    naio_queue_run(queue.queue, 0);
    operation.start();
    const Thread finisher([&] {
        Gate().pass_within(1'000'000);
        operation.finish();
    });
    naio_aio_wait_until(operation.aio, nng_clock() + 1);
    while (count.calls == 0) naio_queue_run(queue.queue, 1);
}

namespace {

// Overwrites the part of the stack that earlier calls have used.
[[gnu::noinline]] void overwrite_stack() {
    volatile unsigned char left[4096];
    for (volatile unsigned char& each : left) each = 0xa5;
}

}  // namespace

SCENARIO(queue_wait_only, "the thread that has created a queue waits until a deadline, and has never run the queue") {
    const Library library;
    const Queue queue;
    Count count;
    Operation operation(count);
    naio_aio_set_queue(operation.aio, queue.queue);
    operation.start();
    naio_aio_wait_until(operation.aio, nng_clock() + 1);
    overwrite_stack();
    const Thread finisher([&] { operation.finish(); });
    while (count.calls == 0) naio_queue_run(queue.queue, 1);
}

SCENARIO(queue_polled_late, "a thread asks for the descriptor of a queue while a callback becomes ready") {
    const Library library;
    const Queue queue;
    Count count;
    Handle one(count);
    naio_aio_set_queue(one.aio, queue.queue);
    const Thread finisher([&] { nng_aio_finish(one.aio, NNG_OK); });
    const int descriptor = naio_queue_fd(queue.queue);
    while (count.calls == 0) {
        while (!is_readable(descriptor)) yield();
        naio_queue_run(queue.queue, 0);
    }
}

SCENARIO(queue_finished_here, "another thread than the runner finishes an operation with naio_aio_finish_sync") {
    const Library library;
    const Queue queue;
    Count count;
    Operation operation(count);
    naio_aio_set_queue(operation.aio, queue.queue);
    const int runner = schedules::this_thread();
    count.also = [&] { require(schedules::this_thread() == runner, "another thread than the runner calls back"); };
    operation.start();
    const Thread finisher([&] { naio_aio_finish_sync(operation.aio, NNG_OK, 0); });
    while (count.calls == 0) naio_queue_run(queue.queue, 1);
}

SCENARIO(queue_left, "a worker takes a queue over for a moment, while a thread waits for a handle of the queue") {
    const Library library;
    const Queue queue;
    Count in_queue[2], in_worker;
    Operation one(in_queue[0]), two(in_queue[1]);
    const Handle guest(in_worker);
    Gate inside, left;
    in_queue[0].also = [&] {
        two.finish();
        inside.open();
        left.pass();
    };
    in_worker.also = [&] {
        inside.pass();
        naio_queue_run(queue.queue, 1);
        left.open();
    };
    for (Operation* each : {&one, &two}) {
        naio_aio_set_queue(each->aio, queue.queue);
        each->start();
    }
    one.finish();
    nng_aio_finish(guest.aio, NNG_OK);
    const Thread waiter([&] { nng_aio_wait(two.aio); });
    naio_queue_run(queue.queue, NNG_DURATION_INFINITE);
}
