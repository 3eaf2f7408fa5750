// Worker threads that run tasks, and the queue they share.
//
// A wake-up across cores is the most expensive thing in the library, so it is paid only when it must be:
//  - a worker that runs out of tasks looks around for a few microseconds before it rests, but only after having worked,
//    so that an idle library uses no CPU;
//  - while others run and take tasks it naps, and looks again by itself, so that none of them has to wake it;
//  - submit wakes somebody only if no worker looks or naps; a looking worker that finds a task wakes the next one if
//    there is more to do. Who rests last is woken first;
//  - a task that is to run once more is run by the same worker, behind whatever waits already.
//
// The lock that all share comes next. So submit takes none, but leaves tasks in an inbox. A worker takes a batch of
// them at once, which it then has to itself, but for workers who run out and steal half of it. Every now and then it
// looks beyond its batch: tasks that run again give way to those in the queue, and what has got stuck in another
// worker's batch is stolen.
//
// Invariants:
//  1. No task waits while a worker is free, but for the moment of a nap: if the inbox, the queue or a batch is not
//     empty, then a worker looks, or has been told to, or naps while another one runs, or none rests. A worker
//     publishes that it goes to rest, or finds a task while no other one looks, and then looks whether anything waits;
//     who submits does so, and then looks whether that was published. One of them sees the other.
//  2. A task that was submitted is run exactly once, also when the queue is stopped afterwards.
//  3. A worker does not touch a task after its run has returned nullptr.
//  4. No task waits for ever behind a blocked one while any worker takes tasks, however many come or run again.
#pragma once

#include <atomic>

#include "base/allocator.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/batch.h"
#include "exec/inbox.h"
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
    // Those who nap look again by themselves, soon.
    enum class State : unsigned char { kRuns, kLooks, kNaps, kSleeps };

    struct Worker : ListNode {
        Thread thread;  // untouched meanwhile, it keeps the batches a cache line apart
        TaskQueue* queue = nullptr;
        Batch batch;
        std::size_t runs = 0;       // since it has looked for somebody who has stalled
        unsigned watched = 0;       // the worker that it looks at next,
        std::size_t had_taken = 0;  // and how much that one had taken before
        // With the queue's lock:
        State state = State::kRuns;
        std::size_t had_taken_all = 0;  // how much all of them had when it went to rest
        bool woken = false;
        Condition wake;
    };

    static void work(void* self) noexcept;
    Task* next(Worker& self) noexcept;
    Task* next_after(Worker& self, Task& again) noexcept;
    Task* exchange(Worker& self, Task& again, Batch* stalled) noexcept;
    Task* take(Worker& self, Batch* stalled) noexcept NAIO_REQUIRES(mutex_);
    Batch* stalled_one(Worker& self) noexcept;
    [[nodiscard]] unsigned next_to_watch(const Worker& self) const noexcept;
    Task* wait(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void rest(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    bool others_proceed(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void become(Worker& worker, State state) noexcept NAIO_REQUIRES(mutex_);
    unsigned& count(State state) noexcept NAIO_REQUIRES(mutex_) { return counts_[static_cast<unsigned>(state)]; }
    Worker* owe_wake_up() noexcept NAIO_REQUIRES(mutex_);
    Worker& rouse(Worker& worker) noexcept NAIO_REQUIRES(mutex_);
    void notify(Worker* worker) noexcept;
    bool anything_waits() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool backlog() const noexcept { return backlog_.load(std::memory_order_relaxed) || !inbox_.empty(); }
    static void run_all(TaskList& tasks) noexcept;

    Inbox inbox_;
    std::atomic<bool> unattended_{false};  // somebody rests, and nobody else will look for tasks soon
    std::atomic<bool> backlog_{false};     // the queue is not empty; may be wrong only while the lock is held

    Mutex mutex_;
    TaskList queue_ NAIO_GUARDED_BY(mutex_);
    List<Worker> resting_ NAIO_GUARDED_BY(mutex_);     // the last one first
    unsigned counts_[4] NAIO_GUARDED_BY(mutex_) = {};  // of workers, by state
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;
    std::atomic<unsigned> notifiers_{0};  // threads that have roused a worker, and have yet to end notifying it

    const Allocator* allocator_ = nullptr;
    Worker* workers_ = nullptr;
    unsigned capacity_ = 0;
    unsigned started_ = 0;
};

}  // namespace naio
