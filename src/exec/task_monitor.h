// Looks after a TaskQueue all of whose workers are inside callbacks while tasks wait. It is the one that starts workers,
// because a thread that submits may hold locks, and the thread to do so sleeps only when asked to (TaskQueue::look).
#pragma once

#include <cstdint>

namespace naio {

class TaskMonitor {
  public:
    // Has TaskQueue::look called once, `delay` nanoseconds from now, on a thread that may start others. Takes the place
    // of an earlier request. Called with the queue's lock held; does not block.
    virtual void look_in(std::int64_t delay) noexcept = 0;

  protected:
    TaskMonitor() noexcept = default;
    ~TaskMonitor() = default;
    TaskMonitor(const TaskMonitor&) = delete;
    TaskMonitor& operator=(const TaskMonitor&) = delete;
};

}  // namespace naio
