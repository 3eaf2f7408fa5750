// The completion queues that a thread runs while it waits, for the time of one wait; and what a thread has to do with
// queues in general: it is noticed when it ends, and then gives up those that it runs.
//
// There is one list of all queues in the process, because the end of a thread concerns all of them. Its lock is taken
// before a queue's lock, and a bell's comes last.
#pragma once

#include "exec/bell.h"
#include "exec/completion_queue.h"

namespace naio {

class QueueTurns {
  public:
    // The calling thread waits for a handle of `wanted`, unless that is nullptr. The bell is rung when a task is
    // pushed that the thread may run, and when `wanted` has lost its runner.
    QueueTurns(Bell& bell, CompletionQueue* wanted) noexcept;
    ~QueueTurns();
    QueueTurns(const QueueTurns&) = delete;
    QueueTurns& operator=(const QueueTurns&) = delete;

    // Runs one task; false if there is none that the thread may run.
    [[nodiscard]] bool run_one() noexcept;

    // True if the calling thread has ever run a task of a queue.
    [[nodiscard]] static bool any_here() noexcept;

    // For queues: one exists from now on, or no longer.
    static void enlist(CompletionQueue& queue) noexcept;
    static void strike(CompletionQueue& queue) noexcept;
    // The calling thread is about to run a task.
    static void notice_run() noexcept;
    // The calling thread is about to become a queue's runner, until it ends. Returns the bell of the wait that it is in, nullptr if it is in none.
    [[nodiscard]] static Bell* begin_to_run() noexcept;

  private:
    // Others than the wanted queue are looked at only when that is empty, but now and then in any case.
    static constexpr unsigned kTasksOfWanted = 16;

    class ThreadEnd;
    [[nodiscard]] static ThreadEnd& thread_end() noexcept;
    static void thread_ends(void* id) noexcept;
    template <class Visit>
    static void for_each_of(Thread::Id thread, Visit visit) noexcept;

    [[nodiscard]] bool run_wanted() noexcept;
    [[nodiscard]] bool run_other() noexcept;
    void answer_to(Bell* bell) noexcept;

    const Thread::Id thread_;
    Bell* const outer_;  // of the wait that this one is inside of
    CompletionQueue* const wanted_;
    CompletionQueue::Candidate candidate_;
    unsigned of_wanted_ = 0;  // tasks that were run since others were looked at
};

}  // namespace naio
