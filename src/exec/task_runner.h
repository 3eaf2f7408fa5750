// An interface to a thread that runs tasks. The TaskQueue offers the TaskRunner the tasks that its thread submits, so
// that the leader of a loop runs them itself and they need not go to a worker. LibraryWait tells the TaskRunner when
// its thread waits.
//
// A TaskRunner is created, and its functions are called, on its own thread only.
#pragma once

#include "exec/task.h"

namespace naio {

class TaskQueue;

class TaskRunner {
  public:
    // Returns the TaskRunner of the calling thread, or nullptr. Only threads of the library have one.
    [[nodiscard]] static TaskRunner* current() noexcept;

    // Takes the tasks, to run them soon. False if the runner does not take them: the queue hands them to its workers.
    [[nodiscard]] virtual bool take(TaskQueue& queue, TaskList& tasks) noexcept = 0;

  protected:
    TaskRunner() noexcept;
    ~TaskRunner();
    TaskRunner(const TaskRunner&) = delete;
    TaskRunner& operator=(const TaskRunner&) = delete;

  private:
    friend class LibraryWait;

    void enter_wait() noexcept {
        if (waits_++ == 0) begin_wait();
    }
    void leave_wait() noexcept {
        if (--waits_ == 0) end_wait();
    }

    // Called when the thread begins to wait for something that may depend on a task. Hands on the tasks that the
    // runner has taken, so that they do not wait for this thread.
    virtual void begin_wait() noexcept = 0;
    virtual void end_wait() noexcept {}

    unsigned waits_ = 0;  // the number of LibraryWaits on the thread's stack
};

}  // namespace naio
