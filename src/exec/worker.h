// A slot of a TaskQueue: it has a worker, or is free because its worker has left. Post is a worker's TaskRunner.
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

    [[nodiscard]] bool has_been_busy() noexcept;

    Thread thread;  // large, and not written while it runs, so that two batches share no cache line
    TaskQueue& queue;
    Atomic<Worker*> next{nullptr};  // the slot that was made after this one
    Batch batch;
    std::size_t runs = 0;       // the number of tasks that were run after the last look for a stalled batch
    Worker* watched = nullptr;  // the worker whose batch this worker looks at next
    std::size_t had_taken = 0;  // watched->batch.taken() at the last look
    // Guarded by the queue's lock:
    State state = State::kGone;
    CallOut* call = nullptr;               // the thread's CallOut; nullptr when the thread ends
    const ThreadCounts* counts = nullptr;  // the thread's counts, for statistics; nullptr when the thread ends
    std::size_t had_taken_all = 0;         // the sum of all batches' taken() when this worker last went to rest
    std::size_t taken_then = 0;            // batch.taken() when the monitor was last asked
    Thread::Clock clock;                   // of the worker's thread
    Nanoseconds used_then = 0;             // the clock's time when the monitor last looked at it
    Worker* former = nullptr;              // the worker that left before this one; this one joins it
    bool woken = false;
    Condition wake;
};

// Tells the queue when the worker waits inside the library. Takes no tasks, because any worker may run those that a
// callback submits.
class TaskQueue::Post final : public TaskRunner {
  public:
    explicit Post(Worker& worker) noexcept : worker_(worker) {}
    bool take(TaskQueue&, TaskList&) noexcept override { return false; }

  private:
    void begin_wait() noexcept override { worker_.queue.begin_wait(worker_); }
    void end_wait() noexcept override { worker_.queue.end_wait(worker_); }
    [[nodiscard]] bool is_in_task() const noexcept override { return true; }

    Worker& worker_;
};

}  // namespace naio
