// Runs the completion queues of a thread during one wait of that thread. Also notices when a thread ends, and gives up
// its queues.
//
// There is one list of all queues in the process, because a thread that ends must find all of its queues. Lock order:
// the list's lock, then a queue's lock, then a bell's.
#pragma once

#include "base/stats.h"
#include "exec/bell.h"
#include "exec/completion_queue.h"

namespace naio {

class QueuesInWait {
  public:
    // Begins a wait of the calling thread. `wanted` is the queue of the awaited handle, or nullptr. The bell is rung
    // when a thread pushes a task that the waiting thread may run, and when `wanted` has lost its runner.
    QueuesInWait(Bell& bell, CompletionQueue* wanted) noexcept;
    ~QueuesInWait();
    QueuesInWait(const QueuesInWait&) = delete;
    QueuesInWait& operator=(const QueuesInWait&) = delete;

    // Runs one task. False if the thread has found no task that it may run.
    [[nodiscard]] bool run_one() noexcept;

    // True if the calling thread has ever called naio_queue::run, or run a task of a queue.
    [[nodiscard]] static bool any_here() noexcept;

    // Writes a line for each queue of the process, up to 64, and the number of the queues that it leaves out.
    static void dump(Dump& dump) noexcept;
    // Adds the number of queues, and the number of tasks that wait in them.
    static void count_into(Stats& stats) noexcept;

    // Add a queue to the list of all queues, and remove it.
    static void enlist(CompletionQueue& queue) noexcept;
    static void strike(CompletionQueue& queue) noexcept;
    // Removes the queue's name. When this returns, no dump reads the text of the name.
    static void forget_name(CompletionQueue& queue) noexcept;
    // Notes that the calling thread runs a task of a queue.
    static void notice_run() noexcept;
    // Called by naio_queue::run: from now on the calling thread runs its queues in each wait, and gives them up when
    // it ends. Returns the bell of the thread's innermost wait, or nullptr if the thread is in no wait.
    [[nodiscard]] static Bell* begin_to_run() noexcept;

  private:
    // The thread tries its other queues when it finds no task in the wanted queue, and at the latest after this many
    // tasks of the wanted queue.
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
    Bell* const outer_;  // the bell of the wait around this one, or nullptr
    CompletionQueue* const wanted_;
    CompletionQueue::Candidate candidate_;
    unsigned of_wanted_ = 0;  // the number of tasks of wanted_ that were run after the latest try of other queues
};

}  // namespace naio
