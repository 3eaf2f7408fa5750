// Worker threads that run tasks, and the queue they share.
//
// A wake-up across cores is the most expensive thing in the library, so it is paid only when it must be:
//  - a worker that runs out of tasks looks around for a few microseconds before it rests, but only after having worked,
//    so that an idle library uses no CPU;
//  - while others run and take tasks it naps, and looks again by itself, so that none of them has to wake it;
//  - submit wakes a worker only if none looks or naps; a looking worker that finds a task wakes the next one if there
//    is more to do. The worker that went to rest last is woken first;
//  - a task that is to run once more is run by the same worker, behind whatever waits already.
//
// Workers start on need. A submitter never starts one, because it may hold locks; so it asks the monitor to look,
// unless the monitor has been asked already. After a tick the monitor starts workers if tasks still wait that waited a
// tick ago and the workers that get on are fewer than the processors. When the limit is reached, or the system refuses
// a thread, it runs the tasks itself, and it looks again a tick later, for as long as tasks wait. A worker that has
// rested for long leaves; the least number of them stay, and rest without a deadline. A worker that waits inside the
// library (LibraryWait) gives its batch back and does not count against the limit.
//
//     (free slot) --(1) start--> looks <--(2)--> runs <--(4)--> waits
//         ^                       |  ^            |
//         |                   (3) v  | (3')       |
//         |                  naps, sleeps         |
//         |                          |            |
//         +--(6) joined-- gone <-----+-----(5)----+
//
//     1. The monitor, or start(). 2. It has a task, or none. 3. Nothing to do; 3': woken, or time is over.
//     4. The callback waits in the library, and returns from there. 5. Rested for long, or beyond the limit.
//     6. By the worker that leaves next, or by stop().
//
// The shared lock is the next most expensive thing. So submit takes no lock, but leaves tasks in an inbox. A worker
// takes a batch of them at once. No other thread uses the batch, except workers that have no tasks and steal half of
// it. Every now and then a worker looks beyond its batch: tasks that run again give way to those in the queue, and the
// worker steals tasks that are stuck in another worker's batch.
//
// Invariants:
//  1. No task waits while a worker is free, except during a nap: if the inbox, the queue or a batch is not
//     empty, then a worker looks, or has been told to, or naps while another one runs, or none rests and the monitor
//     has been asked to look. Store-load pair: a worker that goes to rest, that waits, or that finds a task while no
//     other one looks, and a monitor that has looked, set unattended_ and then recheck inbox, queue and batches; a
//     submitter pushes and then checks unattended_. Both are seq_cst, so at least one sees the other.
//  2. A task that was submitted is run exactly once, also when the queue is stopped afterwards.
//  3. A worker does not touch a task after its run has returned nullptr.
//  4. No task waits forever behind a blocked one while any worker takes tasks, however many come or run again.
//  5. The monitor alone starts threads, with no lock held. A slot is never freed before stop, so that a batch can be
//     looked at without the lock.
//  6. When nothing waits, the monitor is not asked again, and only workers beyond the least number rest with a
//     deadline.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/allocator.h"
#include "base/atomic.h"
#include "base/list.h"
#include "base/mutex.h"
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
        unsigned least;  // workers that start at once, and stay
        unsigned most;   // workers, without those that wait inside the library
        std::chrono::nanoseconds idle = std::chrono::seconds(10);  // after which a worker beyond the least leaves
    };

    // Starts the least number of workers; false, with nothing left behind, when no memory or no thread is available.
    [[nodiscard]] bool start(const Allocator& allocator, Limits limits, const char* name) noexcept;
    [[nodiscard]] bool start(const Allocator& allocator, unsigned workers, const char* name) noexcept {
        return start(allocator, Limits{workers, workers}, name);
    }

    // Runs all that is queued and ends the workers. Blocks. REQUIRES: there is no monitor any more.
    void stop() noexcept;

    // Sets the monitor, which outlives the threads that submit. Without one (nullptr) no worker is started on need.
    void set_monitor(TaskMonitor* monitor) noexcept;

    // Called by the monitor when it has been asked to look. Starts workers if tasks have waited for a tick. If no
    // worker gets on and none can be started, moves tasks to `help`, which the monitor's thread runs; nullptr: it
    // cannot.
    void look(TaskList* help) noexcept;

    // Any thread, also from a task. When the workers are gone, tasks run in this call.
    void submit(Task& task) noexcept;
    void submit(TaskList& tasks) noexcept;

    // Submit tasks to the workers alone, also if the calling thread has a TaskRunner.
    void enqueue(Task& task) noexcept;
    void enqueue(TaskList& tasks) noexcept;

  private:
    // A worker that naps looks again by itself, soon. One that is gone has no thread, or one that is about to end.
    enum class State : unsigned char { kGone, kRuns, kLooks, kNaps, kSleeps, kWaits };
    static constexpr unsigned kStates = 6;

    struct Worker;
    class Post;

    // The result of a look of the monitor.
    struct Finding {
        unsigned wanted = 0;   // workers to be started
        bool stalled = false;  // tasks have waited for a tick, and no worker has taken any
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
    void leave(Worker& self) noexcept NAIO_REQUIRES(mutex_);
    void join_former(Worker& self) noexcept;
    void begin_wait(Worker& self) noexcept;
    void end_wait(Worker& self) noexcept;
    // The number of workers that count against the limits.
    [[nodiscard]] unsigned staff() noexcept NAIO_REQUIRES(mutex_);
    void ask_monitor() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Finding find() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] std::size_t count_waiting() noexcept NAIO_REQUIRES(mutex_);
    void lend(TaskList& help) noexcept NAIO_REQUIRES(mutex_);

    Inbox inbox_;
    // A worker rests or the monitor can be asked, and no worker will look for tasks soon.
    Atomic<bool> unattended_{false};
    Atomic<bool> backlog_{false};  // the queue is not empty; may be wrong only while the lock is held

    Mutex mutex_;
    TaskList queue_ NAIO_GUARDED_BY(mutex_);
    List<Worker> resting_ NAIO_GUARDED_BY(mutex_);           // the last one first
    unsigned counts_[kStates] NAIO_GUARDED_BY(mutex_) = {};  // of workers, by state
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;
    List<Worker> free_ NAIO_GUARDED_BY(mutex_);            // slots without a thread
    Worker* last_gone_ NAIO_GUARDED_BY(mutex_) = nullptr;  // has left, and is not joined

    TaskMonitor* monitor_ NAIO_GUARDED_BY(mutex_) = nullptr;
    bool asked_ NAIO_GUARDED_BY(mutex_) = false;            // the monitor is going to look
    std::size_t waiting_then_ NAIO_GUARDED_BY(mutex_) = 0;  // tasks, when it was asked
    unsigned next_burst_ NAIO_GUARDED_BY(mutex_) = 1;       // how many workers it starts next
    Batch lent_ NAIO_GUARDED_BY(mutex_);                    // empty, but while tasks go to the monitor
    Atomic<unsigned> notifiers_{0};  // threads that have roused a worker, and have yet to end notifying it

    const Allocator* allocator_ = nullptr;
    const char* name_ = nullptr;
    Limits limits_{0, 0};
    unsigned processors_ = 1;
    Worker* first_ = nullptr;  // slot; each knows the next one
    Worker* last_ NAIO_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace naio
