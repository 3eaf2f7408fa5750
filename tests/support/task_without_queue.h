// Makes the library believe that the calling thread is in a task of the library.
#pragma once

#include "exec/task_runner.h"

namespace support {

// The runner of a thread that is in a task while the object exists. Takes no tasks.
class TaskWithoutQueue final : public naio::TaskRunner {
  public:
    bool take(naio::TaskQueue&, naio::TaskList&) noexcept override { return false; }

  private:
    void begin_wait() noexcept override {}
    [[nodiscard]] bool is_in_task() const noexcept override { return true; }
};

}  // namespace support
