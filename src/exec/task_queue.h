// Worker threads that run tasks, and the queue they share.
//
// A wake-up across cores is the most expensive thing in the library, so it is paid only when it must be:
//  - a worker that runs out of tasks looks around for a few microseconds before it sleeps, but only after having
//    worked, so that an idle library uses no CPU;
//  - submit wakes a sleeper only if no other worker is looking already; a looking worker that finds a task wakes the
//    next one if there is more to do;
//  - a task that is to run once more is run by the same worker, behind whatever waits already.
//
// The lock that all share comes next. So a worker takes a batch of tasks at once, which it then has to itself, but for
// workers who run out and steal half of it. Every now and then it looks beyond its batch: tasks that run again give way
// to those in the queue, and what has got stuck in another worker's batch is stolen.
//
// Invariants:
//  1. No task waits while a worker is free: if the queue or a batch is not empty, then a worker is awake and looking,
//     or none sleeps. A worker goes to sleep, with the lock held, only when it has found nothing in all of these;
//     whoever has taken or stolen tasks owes a wake-up if more are left, wherever.
//  2. A task that was submitted is run exactly once, also when the queue is stopped afterwards.
//  3. A worker does not touch a task after its run has returned nullptr.
//  4. No task waits for ever behind a blocked one while any worker takes tasks, however many come or run again.
#pragma once

#include <atomic>

#include "base/allocator.h"
#include "base/mutex.h"
#include "exec/batch.h"
#include "exec/task.h"
#include "exec/thread.h"

namespace naio {

class TaskQueue {
  public:
    TaskQueue() noexcept = default;
    TaskQueue(const TaskQueue&) = delete;
    TaskQueue& operator=(const TaskQueue&) = delete;

    // Starts the workers; false, with nothing left behind, when there is no memory or no thread to be had.
    [[nodiscard]] bool start(const Allocator& allocator, unsigned workers, const char* name) noexcept;

    // Runs all that is queued and ends the workers. Blocks.
    void stop() noexcept;

    // Any thread, also from a task. When the workers are gone, tasks run in this call.
    void submit(Task& task) noexcept;
    void submit(TaskList& tasks) noexcept;

    // The same for the workers alone, also if the calling thread has a TaskRunner.
    void enqueue(Task& task) noexcept;
    void enqueue(TaskList& tasks) noexcept;

  private:
    struct Worker {
        Thread thread;  // untouched meanwhile, it keeps the batches a cache line apart
        TaskQueue* queue = nullptr;
        Batch batch;
        std::size_t runs = 0;       // since it has looked for somebody who has stalled
        unsigned watched = 0;       // the worker that it looks at next,
        std::size_t had_taken = 0;  // and how much that one had taken before
    };

    static void work(void* self) noexcept;
    Task* next(Worker& self) noexcept;
    Task* next_after(Worker& self, Task& again) noexcept;
    Task* exchange(Worker& self, Task& again, Batch* stalled) noexcept;
    Task* take(Worker& self, Batch* stalled) noexcept NAIO_REQUIRES(mutex_);
    Batch* stalled_one(Worker& self) noexcept;
    void look_around() noexcept;
    bool owe_wake_up() noexcept NAIO_REQUIRES(mutex_);
    bool anything_waits() noexcept NAIO_REQUIRES(mutex_);
    static void run_all(TaskList& tasks) noexcept;

    Mutex mutex_;
    Condition woken_;
    TaskList queue_ NAIO_GUARDED_BY(mutex_);
    unsigned asleep_ NAIO_GUARDED_BY(mutex_) = 0;    // workers nobody has woken yet
    unsigned wake_ups_ NAIO_GUARDED_BY(mutex_) = 0;  // given, not yet taken by a sleeper
    unsigned looking_ NAIO_GUARDED_BY(mutex_) = 0;   // workers awake without a task
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;
    bool down_ NAIO_GUARDED_BY(mutex_) = true;  // no worker will take what is queued
    std::atomic<bool> backlog_{false};          // a hint for those who look around: the queue is not empty

    const Allocator* allocator_ = nullptr;
    Worker* workers_ = nullptr;
    unsigned capacity_ = 0;
    unsigned started_ = 0;
};

}  // namespace naio
