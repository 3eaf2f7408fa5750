// Task is the base of the objects that a TaskQueue or a CompletionQueue runs. TaskList is a list of tasks. CallOut
// marks a call of the library into the program.
#pragma once

#include <cstddef>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/relaxed.h"
#include "exec/thread_counts.h"

namespace naio {

class CallOut;

class Task {
  public:
    // Runs with no lock held: on a worker, a leader of a loop, the monitor's thread or the runner of a CompletionQueue,
    // or in submit if the workers are gone. Returns the task itself if it is to run again. Otherwise returns nullptr:
    // the task may be freed already, and the thread does not touch it again.
    using Run = Task* (*)(Task&) noexcept;

    explicit Task(Run function) noexcept : run_(function) {}
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    [[nodiscard]] Task* run() noexcept;

    // True if the task's run is on the calling thread's stack.
    [[nodiscard]] bool on_this_stack() const noexcept { return call_here() != nullptr; }
    // True if, in addition, the run has marked itself as an extra one (CallOut::mark_extra).
    [[nodiscard]] bool runs_extra_here() const noexcept;

  protected:
    // Sets the function of the next run. REQUIRES: the task waits nowhere, and no other thread uses it.
    void set_run(Run function) noexcept { run_ = function; }

  private:
    friend class CallOut;
    friend class Inbox;
    friend class TaskList;
    // Returns the innermost call on the calling thread's stack that runs the task; nullptr if there is none.
    [[nodiscard]] const CallOut* call_here() const noexcept;

    Task* next_ = nullptr;
    Run run_;
};

// Marks a call of the library into the program, such as the run of a task, while the object is on the stack. A worker
// has one CallOut for all its tasks.
class CallOut {
  public:
    CallOut() noexcept : outer_(here.innermost) { here.innermost = this; }
    ~CallOut() { here.innermost = outer_; }
    CallOut(const CallOut&) = delete;
    CallOut& operator=(const CallOut&) = delete;

    [[nodiscard]] Task* run(Task& task) noexcept {
        task_.set(&task);
        return task.run_(task);
    }
    // Returns the task that was run last, which may have ended. Any thread, while the CallOut exists.
    [[nodiscard]] const Task* task() const noexcept { return task_.get(); }

    // True if a CallOut is on the calling thread's stack.
    [[nodiscard]] static bool any() noexcept { return here.innermost != nullptr; }

    // Marks the call as over budget: the call has run longer than other tasks should wait for the thread. The next
    // callback that returns takes the mark back. If the thread takes another task at the same time, this is the
    // callback of that task, and workers run it for a while. Any thread, while the CallOut exists.
    void mark_over_budget() noexcept { budget_.store(Budget::kUsed, std::memory_order_relaxed); }
    // Makes the call over budget from `time` on, so that no thread needs to mark it then. Only the thread of the call,
    // before it runs a task.
    void set_budget_end(Nanoseconds time) noexcept {
        budget_end_ = time;
        budget_.store(Budget::kEnds, std::memory_order_relaxed);
    }
    // True if the innermost call on the calling thread's stack is over budget.
    [[nodiscard]] static bool is_over_budget() noexcept {
        return here.innermost != nullptr && here.innermost->has_used_its_budget();
    }

    // Forgets the task of the innermost call, because the task is gone. REQUIRES: as mark_extra.
    static void forget_task() noexcept { here.innermost->task_.set(nullptr); }

    // Marks the run of the task of the innermost call as an extra one, or takes the mark back. REQUIRES: a CallOut is
    // on the calling thread's stack, and runs a task.
    static void mark_extra(bool extra) noexcept { here.innermost->extra_ = extra; }

    // Counts that a callback has returned; `outcome` says how its operation had ended. Returns what is_over_budget
    // would return, and takes the mark back. REQUIRES: a CallOut is on the calling thread's stack.
    [[nodiscard]] static bool count_callback(ThreadCounts::Event outcome) noexcept {
        Here& thread = here;
        thread.counts.add(outcome);
        if (!thread.innermost->has_used_its_budget()) [[likely]]
            return false;
        // A worker uses its CallOut for all its tasks, so a mark must not stay for the next one.
        thread.innermost->budget_.store(Budget::kUnknown, std::memory_order_relaxed);
        return true;
    }
    // Returns the counts of the calling thread.
    [[nodiscard]] static ThreadCounts& counts() noexcept { return here.counts; }

  private:
    friend class Task;
    struct Here {
        CallOut* innermost = nullptr;  // the first member, because packaging/gdb.py reads it without its type
        ThreadCounts counts;
    };
    static constinit thread_local Here here;
    enum class Budget : unsigned char { kUnknown, kEnds, kUsed };  // kEnds: at budget_end_

    [[nodiscard]] bool has_used_its_budget() const noexcept {
        const Budget budget = budget_.load(std::memory_order_relaxed);
        if (budget == Budget::kUnknown) [[likely]]
            return false;
        return budget == Budget::kUsed || now() >= budget_end_;
    }

    Relaxed<const Task*> task_;
    Atomic<Budget> budget_{Budget::kUnknown};
    bool extra_ = false;      // only the thread of the call uses it
    Nanoseconds budget_end_;  // as extra_; set with Budget::kEnds
    CallOut* const outer_;
};

// A queue of tasks, first in, first out. Not thread-safe.
class TaskList {
  public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }

    void push(Task& task) noexcept {
        task.next_ = nullptr;
        (first_ == nullptr ? first_ : last_->next_) = &task;
        last_ = &task;
    }

    // Moves all tasks of `other` to the end of this list.
    void take(TaskList& other) noexcept {
        if (other.empty()) return;
        (first_ == nullptr ? first_ : last_->next_) = other.first_;
        last_ = other.last_;
        other.first_ = other.last_ = nullptr;
    }

    // Returns the number of tasks, or `enough` if there are more.
    [[nodiscard]] std::size_t count(std::size_t enough) const noexcept {
        std::size_t tasks = 0;
        for (const Task* task = first_; task != nullptr && tasks < enough; task = task->next_) ++tasks;
        return tasks;
    }

    Task* pop() noexcept {
        Task* task = first_;
        if (task != nullptr) first_ = task->next_;
        return task;
    }

  private:
    friend class Inbox;
    Task* first_ = nullptr;
    Task* last_ = nullptr;
};

}  // namespace naio
