// What a thread that runs tasks is asked and told: a leader of a loop stands in for the workers of a TaskQueue, so that
// what a callback there submits need not cross to another thread; a worker is told when it waits.
//
// It is installed, asked and told on its own thread only.
#pragma once

#include "exec/task.h"

namespace naio {

class TaskQueue;

class TaskRunner {
  public:
    // The calling thread's; nullptr if it has none, as most.
    [[nodiscard]] static TaskRunner* current() noexcept;

    // Takes the tasks, to run them soon, or false: they are for the queue.
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

    // The thread is about to wait for what a task may have to do: the tasks that it has taken must not wait for it.
    virtual void begin_wait() noexcept = 0;
    virtual void end_wait() noexcept {}

    unsigned waits_ = 0;  // how many are on the thread's stack
};

}  // namespace naio
