// Takes the place of src/exec/thread_end.h: the scheduler calls the function when one of its threads ends.
#pragma once

#include "scheduler.h"

namespace naio {

class ThreadEnd {
  public:
    explicit ThreadEnd(void (*ends)(void* value)) noexcept : ends_(ends) {}
    ThreadEnd(const ThreadEnd&) = delete;
    ThreadEnd& operator=(const ThreadEnd&) = delete;

    [[nodiscard]] bool notice_this_thread(void* value) const noexcept { return schedules::at_thread_end(ends_, value); }
    void ignore() noexcept {}

  private:
    void (*ends_)(void* value);
};

}  // namespace naio
