// Sections of the workload: operations that consist of other operations (composed operations and groups), and queues
// that the program runs.
#include <sys/select.h>

#include <climits>

#include "workload.h"

namespace failures {

namespace {

struct Steps {
    int left;
    std::atomic<int> released{0};
};

void step(naio_op* op, void* argument, nng_err result, std::size_t count) {
    auto& steps = *static_cast<Steps*>(argument);
    MUST(naio_op_aio(op) != nullptr);
    if (result != NNG_OK || steps.left-- == 0) return naio_op_finish(op, result, count);
    nng_sleep_aio(0, naio_op_child(op));
}

void release(void* argument) { ++static_cast<Steps*>(argument)->released; }

}  // namespace

void composing() {
    Operation operation;
    if (!operation) return;
    Steps steps{3};
    // If naio_compose fails, it calls the release function, but no callback runs.
    if (OK(naio_compose(operation.get(), NAIO_CANCEL_TOTAL, step, release, &steps))) {
        static_cast<void>(operation.submit());
        static_cast<void>(WAIT_OK(operation));
    }
    MUST(steps.released == 1);
}

void groups() {
    Operation operation;
    if (!operation) return;
    naio_group* group = nullptr;
    MUST(naio_group_alloc(&group, 0) == NNG_EINVAL);
    if (!OK(naio_group_alloc(&group, 3))) return;
    naio_group_set_name(group, "group");
    for (int round = 0; round < 2; ++round) {
        if (naio_group_start(group, operation.submit(), 1, NAIO_GROUP_SUCCESS, NAIO_CANCEL_ALL)) {
            nng_sleep_aio(1, naio_group_aio(group, 0));
            for (const unsigned member : {1U, 2U}) nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, member));
            naio_group_seal(group);
        }
        if (WAIT_OK(operation)) MUST(naio_group_order(group, 0) == 0 && naio_group_order(group, 3) == UINT_MAX);
    }
    naio_group_free(group);
}

void queues() {
    naio_queue* queue = nullptr;
    if (!OK(naio_queue_alloc(&queue))) return;
    naio_queue_set_name(queue, "queue");
    {
        Operation operation;
        if (operation) {
            naio_aio_set_queue(operation.get(), queue);
            nng_sleep_aio(0, operation.submit());
            MUST(naio_queue_run(queue, NNG_DURATION_INFINITE) == 1);
            MUST(operation.wait() == NNG_OK);

            const int descriptor = naio_queue_fd(queue);
            nng_sleep_aio(1, operation.submit());
            if (HOLDS(descriptor >= 0)) {
                fd_set readable;
                FD_ZERO(&readable);
                FD_SET(descriptor, &readable);
                MUST(select(descriptor + 1, &readable, nullptr, nullptr, nullptr) == 1);
                MUST(naio_queue_run(queue, NNG_DURATION_ZERO) == 1);
            }
            MUST(operation.wait() == NNG_OK);
            naio_aio_set_queue(operation.get(), nullptr);
        }
    }
    naio_queue_free(queue);
}

}  // namespace failures
