// Stands in for the workers of a TaskQueue on the thread that it is installed on: what a callback there submits need
// not cross to another thread.
//
// It is installed and asked on its own thread only.
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

    // To be called before the calling thread waits for what a task may have to do: the tasks that it has taken must not
    // wait for it.
    static void before_waiting() noexcept {
        TaskRunner* const runner = current();
        if (runner != nullptr) runner->step_aside();
    }

  protected:
    TaskRunner() noexcept;
    ~TaskRunner();
    TaskRunner(const TaskRunner&) = delete;
    TaskRunner& operator=(const TaskRunner&) = delete;

  private:
    virtual void step_aside() noexcept = 0;
};

}  // namespace naio
