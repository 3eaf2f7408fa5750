// Marks a wait in which the library blocks the calling thread, perhaps until a task has run, as nng_aio_wait,
// nng_aio_stop and nng_aio_free do. If the thread has a task runner, the runner hands its tasks on at the beginning of
// the wait. A worker does not count against the limit of workers during the wait.
//
// Waits nest, because a thread may run a completion queue while it waits. Invariant: the task runner learns only of the
// outermost wait.
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
