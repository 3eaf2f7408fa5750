// A worker of a TaskQueue, or the slot of one that has left.
#pragma once

#include <cstddef>

#include "base/atomic.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/batch.h"
#include "exec/task_queue.h"
#include "exec/task_runner.h"
#include "exec/thread.h"

namespace naio {

struct TaskQueue::Worker : ListNode {
    explicit Worker(TaskQueue& owner) noexcept : queue(owner) {}

    Thread thread;  // untouched while it runs, it keeps the batches a cache line apart
    TaskQueue& queue;
    Atomic<Worker*> next{nullptr};  // the slot that was made after this one
    Batch batch;
    std::size_t runs = 0;       // since it has looked for a worker that has stalled
    Worker* watched = nullptr;  // the worker that it looks at next,
    std::size_t had_taken = 0;  // and how much that one had taken before
    // With the queue's lock:
    State state = State::kGone;
    std::size_t had_taken_all = 0;  // how much all of them had when it went to rest
    std::size_t taken_then = 0;     // by this one, when the monitor was asked
    Worker* former = nullptr;       // has left before this one, which joins it
    bool woken = false;
    Condition wake;
};

// Tells the queue when the worker waits inside the library. What its callbacks submit is for any worker.
class TaskQueue::Post final : public TaskRunner {
  public:
    explicit Post(Worker& worker) noexcept : worker_(worker) {}
    bool take(TaskQueue&, TaskList&) noexcept override { return false; }

  private:
    void begin_wait() noexcept override { worker_.queue.begin_wait(worker_); }
    void end_wait() noexcept override { worker_.queue.end_wait(worker_); }

    Worker& worker_;
};

}  // namespace naio
