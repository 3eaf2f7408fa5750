// Tasks that the program runs itself, on a thread of its choice: naio_queue.
//
// Any thread pushes. One thread at a time runs the tasks: the runner. The creator is the runner until another thread
// calls run. A thread that ends gives up its queues. A thread that waits for a handle of a queue without a runner
// adopts the queue until its wait is over.
//
//     creator --1--> thread that has called run --1--> another one
//        |                     |  2                       |
//        +----------2----------+------------2-------------+--> no runner --3--> adopter --4--> no runner
//
//  1. A thread calls run. A task that another thread is inside returns first.
//  2. The thread that is the runner ends.
//  3. A thread waits for a handle of the queue.
//  4. Its wait is over, and it has not called run meanwhile.
//
// A callback on a thread of the library is a guest: a queue that it creates has no runner, and it gives up a queue that
// it has run.
//
// While the runner waits, it runs the queue (queue_turns.h): in each wait of the library if it has called run,
// otherwise only in a wait for a handle of the queue, and in the waits of the tasks that it runs meanwhile. A thread
// that waits inside a task of the queue runs the queue even if another thread has become the runner, because that one
// waits for the task.
//
// Invariants:
//  1. A task that was pushed is run exactly once, in the order of pushes.
//  2. No lock is held while a task runs.
//  3. Once there is a descriptor, it is readable exactly while tasks are waiting.
//  4. inside_ is the one thread that is inside a task of the queue. No other thread takes a task meanwhile.
//  5. runner_ is kNone or a thread that has not ended: Thread::Id is never used again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "base/atomic.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/references.h"
#include "exec/bell.h"
#include "exec/ready_descriptor.h"
#include "exec/task.h"
#include "exec/thread.h"

namespace naio {
class QueueTurns;
}

// A queue is a node in the list of all queues (queue_turns.h).
struct naio_queue : public naio::ListNode {
  public:
    // nullptr when there is no memory. The caller has the first reference.
    [[nodiscard]] static naio_queue* create(const naio::Allocator& allocator) noexcept;
    void refer() noexcept { references_.add(); }
    void release() noexcept;

    // Any thread, also from a task.
    void push(naio::Task& task) noexcept;

    // Runs the tasks that are ready, at least one if one is pushed before `deadline`, in nanoseconds of the monotonic
    // clock; returns how many. Tasks that are pushed meanwhile stay. Blocks.
    std::size_t run(std::int64_t deadline) noexcept;

    [[nodiscard]] bool empty() noexcept;

    // -1 if the system has none.
    [[nodiscard]] int descriptor() noexcept;

  private:
    friend class naio::QueueTurns;
    using ThreadId = naio::Thread::Id;
    static constexpr ThreadId kNone = 0;

    // A thread that waits for a handle of the queue, and would run the queue if it had no runner.
    struct Candidate : naio::ListNode {
        Candidate(naio::Bell& own, ThreadId waiter) noexcept : bell(own), thread(waiter) {}
        naio::Bell& bell;
        const ThreadId thread;
        bool adopted = false;
    };

    explicit naio_queue(const naio::Allocator& allocator) noexcept;
    ~naio_queue() = default;
    friend class naio::Allocator;

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
    void enter(ThreadId thread) noexcept NAIO_REQUIRES(mutex_);
    void leave_tasks() noexcept NAIO_REQUIRES(mutex_);
    void call_runner() noexcept NAIO_REQUIRES(mutex_);
    void call_candidates() noexcept NAIO_REQUIRES(mutex_);
    void push_locked(naio::Task& task) noexcept NAIO_REQUIRES(mutex_);
    naio::Task* pop() noexcept NAIO_REQUIRES(mutex_);
    std::size_t run_at_most(std::size_t max, ThreadId thread) noexcept NAIO_REQUIRES(mutex_);
    void run_popped(naio::Task& task) noexcept NAIO_REQUIRES(mutex_);

    const naio::Allocator& allocator_;
    naio::References references_;

    naio::Mutex mutex_;
    naio::Condition changed_;  // for threads in run
    naio::TaskList tasks_ NAIO_GUARDED_BY(mutex_);
    std::size_t waiting_ NAIO_GUARDED_BY(mutex_) = 0;
    naio::Atomic<ThreadId> runner_;                               // written with the lock
    bool has_run_ NAIO_GUARDED_BY(mutex_) = false;               // the runner has called run
    naio::Bell* bell_ NAIO_GUARDED_BY(mutex_) = nullptr;         // of the runner, while it waits
    naio::Atomic<ThreadId> inside_{kNone};                        // written with the lock
    naio::Bell* inside_bell_ NAIO_GUARDED_BY(mutex_) = nullptr;  // of inside_, while its task waits
    unsigned depth_ NAIO_GUARDED_BY(mutex_) = 0;                 // of inside_: a task may run the queue again
    naio::List<Candidate> candidates_ NAIO_GUARDED_BY(mutex_);
    naio::ReadyDescriptor ready_ NAIO_GUARDED_BY(mutex_);
};

namespace naio {
using CompletionQueue = ::naio_queue;
}
