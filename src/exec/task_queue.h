// Worker threads that run tasks, and the queue that they share.
//
// A wake-up of a thread on another core is the most expensive step in the library. The queue avoids it where it can:
//  - a worker that has run out of tasks spins for a few microseconds before it sleeps. A worker that wakes and finds
//    no task does not spin again, so that an idle library uses no CPU;
//  - while other workers run and take tasks, a worker without tasks only naps: it looks again after a short time, so
//    that no other worker has to wake it;
//  - submit wakes a worker only if no worker looks for tasks and none naps while another worker runs. A looking worker
//    that finds a task wakes the next worker if more tasks wait. The worker that went to sleep last is woken first;
//  - a task that asks to run again goes behind the tasks that wait already: in the batch of its worker, or in the queue
//    if tasks wait there. So usually the worker runs the task again itself, and no other worker has to wake for it.
//
// Workers are started when they are needed. A submitter never starts a worker, because it may hold locks; it asks the
// monitor to check the workers, unless the monitor has been asked already. The monitor checks them after the check
// delay of 2 ms. It starts workers if tasks that waited when it was asked still wait, and if fewer workers than
// processors were busy in the meantime: they have taken a task, and needed a processor. It marks the tasks of workers
// that have taken none as over budget. If no worker has taken a task in the meantime, and the monitor can start none,
// because the limit is reached or the system refuses a thread, then the monitor's thread runs tasks itself. While tasks
// wait, the monitor checks the workers again after each check delay. While there are more workers than the
// minimum, a worker that has slept for `idle` leaves. Otherwise workers sleep without a deadline. A worker that waits
// inside the library (LibraryWait) gives its batch back, and does not count against the limit.
//
//     (free slot) --(1) start--> looks <--(2)--> runs <--(4)--> waits
//         ^                       |  ^            |
//         |                   (3) v  | (3')       |
//         |                  naps, sleeps         |
//         |                          |            |
//         +--(6) joined-- gone <-----+-----(5)----+
//
//     1. The monitor or start() starts a thread for the slot.
//     2. To the right: the worker has found a task. To the left: the worker has run out of tasks.
//     3. The worker has found no task while it looked. 3': The worker was woken, or its deadline has passed.
//     4. To the right: the worker's task waits in the library. To the left: this wait is over.
//     5. The worker has slept for `idle`, or there are more workers than the limit.
//     6. One of these joins the thread: a worker that stays, which is woken for it and counts as waiting meanwhile; the
//        worker that leaves next; or stop().
//
// The queue's lock is the second most expensive step. So submit pushes tasks to an inbox without the lock, and takes
// the lock only if unattended_ is set. A worker moves the tasks of the inbox to its batch, up to Batch::kSize at once.
// Only the worker uses its batch, except that another worker without tasks steals half of it. After Batch::kSize runs a
// worker looks beyond its batch. The worker puts tasks that run again behind those in the queue, and steals the whole
// batch of another worker that has taken no task from it since the last look.
//
// Invariants:
//  1. No task waits while a worker is free, except during a nap. If the inbox, the queue or a batch is not empty, then
//     at least one of these holds:
//      - a worker looks, or was woken to look;
//      - a worker naps while another worker runs;
//      - no worker rests, and the monitor, if there is one, has been asked to check.
//     Store-load pair: one side stores unattended_ and then rechecks inbox, queue and batches. That side is a worker
//     that begins to rest or to wait in the library, a worker that finds a task while no other worker looks, or the
//     monitor after a check. The other side, a submitter, pushes and then loads unattended_. All are seq_cst, so at
//     least one side sees the other's store and no wake-up is lost.
//  2. A task that was submitted is run exactly once, even if the queue is stopped afterwards.
//  3. A worker does not touch a task after the task's run has returned nullptr.
//  4. No task waits forever behind a blocked task while any worker takes tasks, however many tasks are submitted or
//     run again.
//  5. After start(), the monitor alone starts threads, and holds no lock while it does. stop() alone frees slots, so
//     that other threads can read a batch without the lock.
//  6. While no task waits, the monitor is not asked again, and only workers beyond the minimum number sleep with a
//     deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "base/atomic.h"
#include "base/dump.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/notice.h"
#include "exec/batch.h"
#include "exec/inbox.h"
#include "exec/task.h"
#include "exec/task_monitor.h"
#include "exec/task_runner.h"
#include "exec/thread.h"

namespace naio {

class TaskQueue {
  public:
    TaskQueue() noexcept = default;
    TaskQueue(const TaskQueue&) = delete;
    TaskQueue& operator=(const TaskQueue&) = delete;

    struct Limits {
        unsigned min;                                              // workers that start at once, and stay
        unsigned max;                                              // limit of workers that do not wait in the library
        std::chrono::nanoseconds idle = std::chrono::seconds(10);  // the sleep after which a worker beyond `min` leaves
    };

    // Starts `min` workers. False if there is no memory or no thread for one of them; in this case no worker is left
    // behind.
    [[nodiscard]] bool start(const Allocator& allocator, Limits limits, const char* name) noexcept;

    // Runs all queued tasks and ends the workers. Blocks. REQUIRES: there is no monitor any more.
    void stop() noexcept;

    // Sets the monitor, which outlives the threads that submit. Without a monitor (nullptr) only start() starts
    // workers.
    void set_monitor(TaskMonitor* monitor) noexcept;

    // Called by the monitor after it was asked to check. Starts workers if tasks that waited when the monitor was asked
    // still wait. If no worker has taken a task in the meantime, and no worker can be started, moves tasks to `help`,
    // for the monitor's thread to run. `help` is nullptr if that thread cannot run tasks now.
    void check_workers(TaskList* help) noexcept;

    // Hands tasks to the TaskRunner of the calling thread if that takes them, otherwise to the workers. Any thread,
    // even inside a task. When the workers are gone, this call runs the tasks itself.
    void submit(Task& task) noexcept;
    void submit(TaskList& tasks) noexcept;

    // Hands tasks to the workers, even if the calling thread has a TaskRunner.
    void enqueue(Task& task) noexcept;
    void enqueue(TaskList& tasks) noexcept;

    // Writes the number of workers, the tasks that they run, and the number of tasks that wait.
    void dump(Dump& dump) noexcept;
    // Adds the counts of the workers, and the number of workers.
    void count_into(Stats& stats) noexcept;

  private:
    // kNaps: the worker looks again by itself after kNap. kGone: the slot has no thread, or a thread that is about to
    // end.
    enum class State : unsigned char { kGone, kRuns, kLooks, kNaps, kSleeps, kWaits };
    static constexpr unsigned kStates = 6;

    struct Worker;
    class Post;

    // Logs that all workers are blocked. It is a task, because the program's logger may block, and the monitor must not
    // block.
    struct BlockedNotice final : Task {
        explicit BlockedNotice(TaskQueue& owner) noexcept : Task(post), queue(owner) {}
        static Task* post(Task& task) noexcept;
        TaskQueue& queue;
        OncePerSecond gate;
    };

    // The result of a check by the monitor.
    struct Finding {
        unsigned wanted = 0;   // the number of workers to be started
        bool stalled = false;  // tasks still wait, and no worker has taken one after the monitor was asked
    };

    static void work(void* self) noexcept;
    Task* next(Worker& self) noexcept;
    Task* next_after(Worker& self, Task& again) noexcept;
    Task* exchange(Worker& self, Task& again, Batch* stalled) noexcept;
    Task* take(Worker& self, Batch* stalled) noexcept NAIO_REQUIRES(mutex_);
    Batch* stalled_one(Worker& self) noexcept;
    [[nodiscard]] Worker* after(const Worker& worker) const noexcept;
    [[nodiscard]] Worker* next_to_watch(const Worker& self) const noexcept;
    Task* wait(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool rest(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    bool others_proceed(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void become(Worker& worker, State state) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool attended() noexcept NAIO_REQUIRES(mutex_);
    void publish() noexcept NAIO_REQUIRES(mutex_);
    unsigned& count(State state) noexcept NAIO_REQUIRES(mutex_) { return counts_[static_cast<unsigned>(state)]; }
    Worker* owe_wake_up() noexcept NAIO_REQUIRES(mutex_);
    Worker& rouse(Worker& worker) noexcept NAIO_REQUIRES(mutex_);
    void notify(Worker* worker) noexcept;
    bool anything_waits() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool backlog() const noexcept { return backlog_.load(std::memory_order_relaxed) || !inbox_.empty(); }
    static void run_all(TaskList& tasks) noexcept;

    // Starting and leaving:
    [[nodiscard]] bool start_worker() noexcept;
    [[nodiscard]] Worker* claim_slot() noexcept;
    void arrive(Worker& self, CallOut& call) noexcept;
    void leave(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void show_no_more(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void join_former(Worker& self) noexcept;
    void join_last_gone(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void begin_wait(Worker& self) noexcept;
    void end_wait(Worker& self) noexcept;
    // Returns the number of workers that count against the limits.
    [[nodiscard]] unsigned staff() noexcept NAIO_REQUIRES(mutex_);
    void ask_monitor() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Finding find() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] std::size_t count_waiting() noexcept NAIO_REQUIRES(mutex_);
    void lend(TaskList& help) noexcept NAIO_REQUIRES(mutex_);

    Inbox inbox_;
    // True if no worker looks for tasks, none naps while another worker runs, and either a worker rests or the monitor
    // can be asked. A submitter that sees true has to wake a worker or ask the monitor.
    Atomic<bool> unattended_{false};
    Atomic<bool> backlog_{false};  // the queue is not empty; may be wrong only while the lock is held

    Mutex mutex_;
    TaskList queue_ NAIO_GUARDED_BY(mutex_);
    List<Worker> resting_ NAIO_GUARDED_BY(mutex_);           // the worker that began to rest last is first
    unsigned counts_[kStates] NAIO_GUARDED_BY(mutex_) = {};  // the number of workers in each state
    ThreadCounts ended_ NAIO_GUARDED_BY(mutex_);             // the counts of workers that have ended
    std::uint64_t workers_started_ NAIO_GUARDED_BY(mutex_) = 0;
    std::uint64_t batches_stolen_ NAIO_GUARDED_BY(mutex_) = 0;
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;
    List<Worker> free_ NAIO_GUARDED_BY(mutex_);            // slots without a thread
    Worker* last_gone_ NAIO_GUARDED_BY(mutex_) = nullptr;  // the worker that left last; no thread joins it yet
    bool joins_ NAIO_GUARDED_BY(mutex_) = false;           // a worker that stays joins one that has left

    TaskMonitor* monitor_ NAIO_GUARDED_BY(mutex_) = nullptr;
    bool asked_ NAIO_GUARDED_BY(mutex_) = false;            // the monitor is going to check the workers
    std::size_t waiting_then_ NAIO_GUARDED_BY(mutex_) = 0;  // number of tasks that waited when the monitor was asked
    bool notice_due_ NAIO_GUARDED_BY(mutex_) = false;       // the monitor has submitted notice_, which has not ended
    // No lock guards the task: only the thread that sets notice_due_, and then the thread that runs the task, uses it.
    BlockedNotice notice_{*this};
    unsigned next_burst_ NAIO_GUARDED_BY(mutex_) = 1;  // max workers that the monitor's next check starts
    Batch lent_ NAIO_GUARDED_BY(mutex_);               // empty, except while tasks go to the monitor
    Atomic<unsigned> notifiers_{0};                    // the number of threads between rouse and the end of notify

    const Allocator* allocator_ = nullptr;
    const char* name_ = nullptr;
    Limits limits_{0, 0};
    unsigned processors_ = 1;
    Worker* first_ = nullptr;  // the first slot; each slot has a pointer to the next one
    Worker* last_ NAIO_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace naio
