// A queue of tasks that the program runs itself, on a thread of its choice: naio_queue.
//
// Any thread pushes. One thread at a time runs the tasks: the runner. The creator is the runner until another thread
// calls run. A thread that ends gives up its queues. A thread that waits for a handle of a queue without a runner
// adopts the queue until its wait is over.
//
//     creator --1--> thread that has called run --1--> another thread
//        |                     |  2                       |
//        +----------2----------+------------2-------------+--> no runner --3--> adopter --4--> no runner
//
//  1. A thread calls run. If another thread is inside a task of the queue, run waits until that task returns.
//  2. The runner's thread ends.
//  3. A thread waits for a handle of the queue.
//  4. The adopter's wait is over, and it has not called run during the wait.
//
// A callback on a thread of the library is a guest: a queue that it creates has no runner, and a queue that it has run
// has no runner any more when the guest's outermost run or wait returns.
//
// The runner also runs the queue while it waits (queues_in_wait.h). A runner that has called run runs the queue in each
// wait of the library. A runner that has not called run runs the queue only in a wait for a handle of the queue, and in
// waits inside the tasks that it runs during that wait. A thread that waits inside a task of the queue runs the queue
// even if another thread has become the runner, because the new runner waits for that task to return.
//
// The runner polls for operations itself (runner_polls.h): while it is not in a task, it sleeps in run either on a
// condition variable or, if there are such operations, in poll(2).
//
// Invariants:
//  1. Each task that was pushed is run exactly once, and tasks are taken in the order in which they were pushed.
//  2. No lock is held while a task runs.
//  3. After descriptor() has created the descriptor, the descriptor is readable exactly while the queue has tasks.
//  4. Only the thread inside_ is inside a task of the queue. No other thread takes a task until that task has returned.
//  5. While poller_ is not kNone, it is runner_, the runner has called run, is in no wait, and no descriptor() was
//     created. Only the thread poller_ adds to polls_ and sleeps there. When it becomes kNone, pollers are asked.
//  6. runner_ is kNone or the id of a thread that has not ended. No later thread gets this id (Thread::Id).
#pragma once

#include <naio/naio.h>

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "base/atomic.h"
#include "base/clock.h"
#include "base/dump.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/name_pointer.h"
#include "base/ref.h"
#include "exec/bell.h"
#include "exec/ready_descriptor.h"
#include "exec/runner_polls.h"
#include "exec/task.h"
#include "exec/thread.h"

namespace naio {
class QueuesInWait;
}

// A queue is a node in the list of all queues (queues_in_wait.h).
struct naio_queue : public naio::ListNode {
  public:
    // Creates a queue. Returns nullptr if there is no memory. The caller has the first reference.
    [[nodiscard]] static naio_queue* create(const naio::Allocator& allocator) noexcept;
    void retain(unsigned references = 1) noexcept { references_.retain(references); }
    void release(unsigned references = 1) noexcept;
    // Gives up the reference of the program, and the name. The handles that are set to the queue may keep its memory.
    void free() noexcept;

    // Adds a task and wakes the runner. Any thread may call push, even inside a task.
    void push(naio::Task& task) noexcept;

    // Makes the calling thread the runner. Blocks until the queue has a task and no other thread is inside a task of
    // the queue, or until `deadline`, in nanoseconds of the monotonic clock. Then runs the tasks that the queue has at
    // this moment, and returns the number of tasks that it has run. Tasks that are pushed later stay in the queue.
    std::size_t run(naio::Nanoseconds deadline) noexcept;

    [[nodiscard]] bool empty() noexcept { return size() == 0; }
    [[nodiscard]] std::size_t size() noexcept;

    // True if the calling thread is the runner, and will poll for operations when it calls run again. Without the lock,
    // because the other threads that change poller_ only make the answer false; poll_for checks it again.
    [[nodiscard]] bool polls_here() const noexcept {
        return poller_.load(std::memory_order_relaxed) == ThreadId{naio::Thread::current()};
    }
    // Has the runner poll for an operation. False, without an effect, if the calling thread is not the runner that
    // polls, or polls for too many already.
    [[nodiscard]] bool poll_for(naio::PolledDescriptor& descriptor, naio::ReadinessWaits& waits) noexcept;
    // Ends that; has no effect if the runner does not poll for the descriptor. Any thread.
    void forget(naio::PolledDescriptor& descriptor) noexcept;

    void set_name(const char* name) noexcept { name_.set(name); }
    // A copy of the queue's state for a dump.
    struct Copy {
        const void* queue = nullptr;
        std::size_t tasks = 0;
        bool locked = false;  // another thread holds the lock, so the number of tasks is not known
        bool has_runner = false;
        bool occupied = false;  // a thread is inside a task
        naio::DumpName name;

        void write(naio::Dump& dump) const noexcept;
    };
    // Copies the state. REQUIRES: no thread destroys the queue during the call.
    [[nodiscard]] Copy copy() noexcept;

    // Returns a descriptor that is readable while the queue has tasks, or -1 if the system has none to give.
    [[nodiscard]] int descriptor() noexcept;

  private:
    friend class naio::QueuesInWait;
    using ThreadId = naio::Thread::Id;
    static constexpr ThreadId kNone = 0;

    // A thread that waits for a handle of the queue. If the queue has no runner, the thread adopts it.
    struct Candidate : naio::ListNode {
        Candidate(naio::Bell& own, ThreadId waiter) noexcept : bell(own), thread(waiter) {}
        naio::Bell& bell;
        const ThreadId thread;
        bool adopted = false;
    };

    explicit naio_queue(const naio::Allocator& allocator) noexcept;
    ~naio_queue() = default;
    friend class naio::Allocator;

    void set_runner(ThreadId thread) noexcept NAIO_REQUIRES(mutex_);
    void become_runner(ThreadId thread, naio::Bell* bell) noexcept NAIO_REQUIRES(mutex_);
    void give_up(ThreadId thread) noexcept;
    void give_up_locked() noexcept NAIO_REQUIRES(mutex_);
    void end_as_guest(ThreadId thread, bool had_run) noexcept NAIO_REQUIRES(mutex_);
    void answer_to(ThreadId thread, naio::Bell* bell) noexcept;
    void line_up(Candidate& candidate, ThreadId thread) noexcept;
    void leave(Candidate& candidate, ThreadId thread, naio::Bell* outer) noexcept;
    [[nodiscard]] bool run_one(ThreadId thread, Candidate* candidate) noexcept;
    [[nodiscard]] bool has_task_for(ThreadId thread) noexcept;
    [[nodiscard]] bool is_waited_for_by(ThreadId thread) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool may_run(ThreadId thread, Candidate* candidate) noexcept NAIO_REQUIRES(mutex_);

    [[nodiscard]] bool occupied(ThreadId thread) const noexcept NAIO_REQUIRES(mutex_) {
        const ThreadId inside = inside_.load(std::memory_order_relaxed);
        return inside != kNone && inside != thread;
    }
    void choose_poller() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool sleep_until(ThreadId thread, naio::Nanoseconds deadline) noexcept NAIO_REQUIRES(mutex_);
    void poll_until(ThreadId thread, naio::Nanoseconds deadline) noexcept NAIO_REQUIRES(mutex_);
    void enter(ThreadId thread) noexcept NAIO_REQUIRES(mutex_);
    void leave_tasks() noexcept NAIO_REQUIRES(mutex_);
    void call_runner() noexcept NAIO_REQUIRES(mutex_);
    void call_candidates() noexcept NAIO_REQUIRES(mutex_);
    void push_locked(naio::Task& task) noexcept NAIO_REQUIRES(mutex_);
    naio::Task* pop() noexcept NAIO_REQUIRES(mutex_);
    std::size_t run_at_most(std::size_t max, ThreadId thread) noexcept NAIO_REQUIRES(mutex_);
    void run_popped(naio::Task& task) noexcept NAIO_REQUIRES(mutex_);

    const naio::Allocator& allocator_;
    naio::ReferenceCount references_;

    naio::Mutex mutex_;
    naio::Condition changed_;  // the threads in run wait for it
    naio::TaskList tasks_ NAIO_GUARDED_BY(mutex_);
    std::size_t waiting_ NAIO_GUARDED_BY(mutex_) = 0;
    naio::NamePointer name_;
    naio::Atomic<ThreadId> runner_;                              // written with the lock
    bool has_run_ NAIO_GUARDED_BY(mutex_) = false;               // the runner has called run
    naio::Bell* bell_ NAIO_GUARDED_BY(mutex_) = nullptr;         // the runner's bell, while the runner waits
    naio::Atomic<ThreadId> inside_{kNone};                       // written with the lock
    naio::Bell* inside_bell_ NAIO_GUARDED_BY(mutex_) = nullptr;  // the bell of the thread inside_, while its task waits
    unsigned depth_ NAIO_GUARDED_BY(mutex_) = 0;                 // the number of runs nested on the thread inside_
    naio::List<Candidate> candidates_ NAIO_GUARDED_BY(mutex_);
    naio::ReadyDescriptor ready_ NAIO_GUARDED_BY(mutex_);
    bool has_descriptor_ NAIO_GUARDED_BY(mutex_) = false;
    naio::Atomic<ThreadId> poller_{kNone};  // written with the lock
    naio::RunnerPolls polls_ NAIO_GUARDED_BY(mutex_);
};

namespace naio {
using CompletionQueue = ::naio_queue;
}
