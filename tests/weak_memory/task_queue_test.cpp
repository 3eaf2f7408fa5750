// Tests the memory orders of TaskQueue: no wake-up is lost when a worker goes to sleep, stop waits for notifications,
// and other threads may read a new worker.
#include "exec/task_queue.h"

#include "exec/worker.h"
#include "suite.h"

namespace {

using naio::Allocator;
using naio::Lock;
using naio::Task;
using naio::TaskQueue;

// A task that ends the worker that runs it.
struct Last : Task {
    explicit Last(TaskQueue& ended) : Task(go), queue(ended) {}
    TaskQueue& queue;
    rl::var<int> data{0};

    static Task* go(Task& task) noexcept {
        auto& self = static_cast<Last&>(task);
        RL_ASSERT(self.data($) == 1);
        Lock lock(self.queue.mutex_);
        self.queue.stopping_ = true;
        return nullptr;
    }
};

struct WakeUp final : weak_memory::Suite<WakeUp, 2> {
    Allocator allocator;
    TaskQueue queue;
    Last task{queue};

    void prepare() { RL_ASSERT(queue.start(allocator, {1, 1}, "worker")); }
    void run(unsigned thread) {
        if (thread == 1) return queue.first_->thread.run();
        task.data($) = 1;
        queue.enqueue(task);
    }
    void finish() { queue.stop(); }
};
const weak_memory::Registration<WakeUp> wake_up("task_queue_wake_up", 3);

struct Ordinary : Task {
    Ordinary()
        : Task([](Task& task) noexcept -> Task* {
              auto& self = static_cast<Ordinary&>(task);
              RL_ASSERT(self.data($) == 1);
              self.runs($) = self.runs($) + 1;
              return nullptr;
          }) {}
    rl::var<int> data{0};
    rl::var<int> runs{0};
};

// The queue is stopped while a thread submits. The worker that this thread notifies exists until the notification is
// over.
struct Stop final : weak_memory::Suite<Stop, 3> {
    Allocator allocator;
    TaskQueue queue;
    Ordinary task;
    naio::TaskQueue::Worker* worker = nullptr;

    void prepare() {
        RL_ASSERT(queue.start(allocator, {1, 1}, "worker"));
        worker = queue.first_;
    }
    void run(unsigned thread) {
        if (thread == 0) {
            task.data($) = 1;
            queue.enqueue(task);
        } else if (thread == 1) {
            worker->thread.run();
        } else {
            queue.stop();
        }
    }
    void finish() { RL_ASSERT(task.runs($) == 1); }
};
const weak_memory::Registration<Stop> stop("task_queue_stop", 2);

// A worker reads, without the lock, the batch of a worker that has just been made.
struct NewWorker final : weak_memory::Suite<NewWorker, 2> {
    Allocator allocator;
    TaskQueue queue;

    void prepare() { RL_ASSERT(queue.start(allocator, {1, 1}, "worker")); }
    void run(unsigned thread) {
        if (thread == 0)
            RL_ASSERT(queue.claim_slot() != nullptr);
        else
            RL_ASSERT(queue.after(*queue.first_)->batch.empty());
    }
    void finish() {
        for (auto* worker = queue.first_; worker != nullptr; worker = worker->next.load()) {
            worker->state = TaskQueue::State::kGone;
            worker->thread.function_ = nullptr;
        }
        queue.stop();
    }
};
const weak_memory::Registration<NewWorker> new_worker("task_queue_new_worker", 3);

}  // namespace
