// An interface to a thread that runs tasks. The TaskQueue offers the TaskRunner the tasks that its thread submits, so
// that the leader of a loop runs them itself and they need not go to a worker. LibraryWait tells the TaskRunner when
// its thread waits. The ParkingLot lets the TaskRunner notify waiters after the thread's tasks.
//
// A TaskRunner is created, and its functions are called, on its own thread only.
#pragma once

#include <algorithm>
#include <array>

#include "base/mutex.h"
#include "exec/task.h"

namespace naio {

class TaskQueue;

class TaskRunner {
  public:
    // Returns the TaskRunner of the calling thread, or nullptr. Only threads of the library have one.
    [[nodiscard]] static TaskRunner* current() noexcept { return installed; }

    // Returns the TaskRunner of the calling thread if the thread is in a task, and nullptr otherwise. The thread may
    // run more tasks after this one.
    [[nodiscard]] static TaskRunner* in_task() noexcept {
        TaskRunner* const runner = current();
        return runner != nullptr && runner->is_in_task() ? runner : nullptr;
    }

    // Takes the tasks, to run them soon. False if the runner does not take them: the queue hands them to its workers.
    [[nodiscard]] virtual bool take(TaskQueue& queue, TaskList& tasks) noexcept = 0;

    // Notifies the condition later: when the thread has no more tasks to run, or begins a LibraryWait, or if it has to
    // notify more than kMaxDue conditions. Until then the thread may run further tasks, which may block. So the
    // condition's waiters must not depend on this notification. REQUIRES: the condition outlives the runner.
    void notify_later(Condition& condition) noexcept {
        const auto end = due_.begin() + due_count_;
        if (std::find(due_.begin(), end, &condition) != end) return;
        if (due_count_ == kMaxDue) notify_due();
        due_[due_count_++] = &condition;
    }

    // Makes the notifications that notify_later has put off. The thread calls this when it has no more tasks to run.
    void notify_due() noexcept {
        while (due_count_ != 0) due_[--due_count_]->notify_all();
    }

  protected:
    TaskRunner() noexcept;
    ~TaskRunner();
    TaskRunner(const TaskRunner&) = delete;
    TaskRunner& operator=(const TaskRunner&) = delete;

  private:
    friend class LibraryWait;

    static constinit thread_local TaskRunner* installed;

    void enter_wait() noexcept {
        if (waits_++ != 0) return;
        notify_due();
        begin_wait();
    }
    void leave_wait() noexcept {
        if (--waits_ == 0) end_wait();
    }

    // Called when the thread begins to wait for something that may depend on a task. Hands on the tasks that the
    // runner has taken, so that they do not wait for this thread.
    virtual void begin_wait() noexcept = 0;
    virtual void end_wait() noexcept {}
    [[nodiscard]] virtual bool is_in_task() const noexcept = 0;

    static constexpr unsigned kMaxDue = 4;
    std::array<Condition*, kMaxDue> due_{};  // the first due_count_ are to be notified later
    unsigned due_count_ = 0;
    unsigned waits_ = 0;  // the number of LibraryWaits on the thread's stack
};

}  // namespace naio
