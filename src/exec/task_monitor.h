// An interface to the thread that starts workers of a TaskQueue when tasks wait and all workers are inside callbacks
// (TaskQueue::check_workers). A submitter starts no workers, because it may hold locks.
#pragma once

#include <cstdint>

namespace naio {

class TaskMonitor {
  public:
    // Arranges that TaskQueue::check_workers is called once, `delay` nanoseconds from now, on a thread that may start
    // threads. Replaces an earlier request. Called with the queue's lock held; does not block.
    virtual void check_in(std::int64_t delay) noexcept = 0;

  protected:
    TaskMonitor() noexcept = default;
    ~TaskMonitor() = default;
    TaskMonitor(const TaskMonitor&) = delete;
    TaskMonitor& operator=(const TaskMonitor&) = delete;
};

}  // namespace naio
