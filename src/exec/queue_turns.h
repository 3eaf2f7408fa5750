// Runs the completion queues of a thread while the thread waits; one object for one wait. Also notices the end of
// threads, so that each gives up its queues.
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

    // True if the calling thread has ever been a queue's runner by a run, or run a task of a queue.
    [[nodiscard]] static bool any_here() noexcept;

    // Add a queue to the list of all queues, or remove it.
    static void enlist(CompletionQueue& queue) noexcept;
    static void strike(CompletionQueue& queue) noexcept;
    // Notes that the calling thread runs a task.
    static void notice_run() noexcept;
    // Called when the calling thread becomes a queue's runner, until it ends. Returns the bell of the wait that the
    // thread is in; nullptr if it is in none.
    [[nodiscard]] static Bell* begin_to_run() noexcept;

  private:
    // The thread looks at its other queues when the wanted one is empty, and in any case after so many of its tasks.
    static constexpr unsigned kTasksOfWanted = 16;

    class ThreadEnds;
    [[nodiscard]] static ThreadEnds& all_thread_ends() noexcept;
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
