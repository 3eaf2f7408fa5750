// Entered wherever the library blocks the calling thread for something that a task may have to do: in nng_aio_wait,
// stop, free and whatever else waits. The task runner of the thread, if it has one, hands on the tasks that it keeps,
// and a worker does not count against the limit of workers until the wait is over.
//
// Invariant: waits nest, because a thread may run a completion queue while it waits. Only the outermost one is told to
// the task runner.
#pragma once

#include "exec/task_runner.h"

namespace naio {

class LibraryWait {
  public:
    LibraryWait() noexcept : runner_(TaskRunner::current()) {
        if (runner_ != nullptr) runner_->enter_wait();
    }
    ~LibraryWait() {
        if (runner_ != nullptr) runner_->leave_wait();
    }
    LibraryWait(const LibraryWait&) = delete;
    LibraryWait& operator=(const LibraryWait&) = delete;

  private:
    TaskRunner* const runner_;
};

}  // namespace naio
