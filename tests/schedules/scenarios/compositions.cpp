// Scenarios of operations that are composed of other operations.
#include "scenario.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;

// Runs two operations of the provider, one after the other. The composed operation ends with the second one.
struct TwoSteps {
    Operation provider;
    int step = 0;
};

static void two_steps(naio_op* op, void* self, nng_err result, size_t) {
    auto& steps = *static_cast<TwoSteps*>(self);
    if (result != NNG_OK || steps.step++ == 2) return naio_op_finish(op, result, 0);
    steps.provider.start_on(naio_op_child(op));
}

SCENARIO(composed, "an operation of two steps is asked to end, while its steps are finished") {
    const Library library;
    Count count;
    Handle outer(count);
    TwoSteps steps;
    require(naio_compose(outer.aio, 0, two_steps, nullptr, &steps) == NNG_OK, "naio_compose fails");
    {
        const Thread finisher([&] {
            steps.provider.finish();
            steps.provider.finish();
        });
        const Thread canceler([&] { nng_aio_cancel(outer.aio); });
    }
    nng_aio_wait(outer.aio);
    require(count.calls == 1 && (count.result == NNG_OK || count.result == NNG_ECANCELED), "the result is wrong");
}

SCENARIO(composed_asked, "an operation of two steps is asked to end at any time before its second step is over") {
    const Library library;
    Count count;
    Handle outer(count);
    TwoSteps steps;
    require(naio_compose(outer.aio, 0, two_steps, nullptr, &steps) == NNG_OK, "naio_compose fails");
    {
        const Thread finisher([&] { steps.provider.finish(); });
        const Thread canceler([&] { nng_aio_cancel(outer.aio); });
    }
    nng_aio_wait(outer.aio);  // waits forever if the request is lost
    require(count.calls == 1 && count.result == NNG_ECANCELED, "the request has not ended the operation");
}

// Runs another step after the first error, as an operation that cleans up does, and ends at the second error.
static void endless_steps(naio_op* op, void* errors, nng_err result, size_t) {
    if (result != NNG_OK && ++*static_cast<int*>(errors) == 2) return naio_op_finish(op, result, 0);
    nng_sleep_aio(1, naio_op_child(op));
}

SCENARIO(composed_fini, "the library goes down while an operation of endless steps runs") {
    Library library;
    Count count;
    Handle outer(count);
    int errors = 0;
    require(naio_compose(outer.aio, 0, endless_steps, nullptr, &errors) == NNG_OK, "naio_compose fails");
    library.go_down();
    require(count.calls == 1 && count.result == NNG_ESTOPPED, "the operation was not stopped");
}

struct OnOneThread {
    int thread, left;
};

static void step_on_one_thread(naio_op* op, void* self, nng_err result, size_t) {
    auto& steps = *static_cast<OnOneThread*>(self);
    require(schedules::this_thread() == steps.thread, "a step runs on another thread");
    if (steps.left-- == 0) return naio_op_finish(op, result, 0);
    nng_sleep_aio(steps.left == 1 ? 1 : 0, naio_op_child(op));
}

// A handle in a completion queue that the calling thread runs.
struct OnQueue {
    OnQueue() {
        require(naio_queue_alloc(&queue) == NNG_OK, "naio_queue_alloc fails");
        naio_aio_set_queue(outer.aio, queue);
    }
    ~OnQueue() {
        naio_aio_set_queue(outer.aio, nullptr);
        naio_queue_free(queue);
    }
    OnQueue(const OnQueue&) = delete;
    OnQueue& operator=(const OnQueue&) = delete;
    void run() {
        while (count.calls == 0) naio_queue_run(queue, 1);
        require(count.result == NNG_OK, "the result is wrong");
    }

    naio_queue* queue = nullptr;
    Count count;
    Handle outer{count};
    OnOneThread steps{schedules::this_thread(), 3};
};

SCENARIO(composed_on_queue, "the steps of an operation on a queue run on the thread that runs the queue") {
    const Library library;
    OnQueue on;
    require(naio_compose(on.outer.aio, 0, step_on_one_thread, nullptr, &on.steps) == NNG_OK, "naio_compose fails");
    on.run();
}

SCENARIO(group_on_queue, "the steps of a member of a group on a queue run on the thread that runs the queue") {
    const Library library;
    OnQueue on;
    naio_group* group = nullptr;
    require(naio_group_alloc(&group, 1) == NNG_OK, "naio_group_alloc fails");
    require(naio_group_start(group, on.outer.aio, 1, 0, 0), "naio_group_start fails");
    require(naio_compose(naio_group_aio(group, 0), 0, step_on_one_thread, nullptr, &on.steps) == NNG_OK,
            "naio_compose fails");
    naio_group_seal(group);
    on.run();
    naio_group_free(group);
}
