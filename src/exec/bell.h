// A bell wakes one thread, the owner, which waits for several objects at once. The bell is on the owner's stack. Each
// object that may ring the bell has a pointer to the bell, and a lock that guards the pointer. The owner takes this
// lock to remove the pointer before it destroys the bell.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"

namespace naio {

class Bell {
  public:
    Bell() noexcept = default;
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    // Wakes the owner. Any thread.
    void ring() noexcept {
        Lock lock(mutex_);
        ++rings_;
        rung_.notify_one();
    }

    // Returns the number of rings so far. The owner calls this before it checks the condition that it waits for, so
    // that a ring after the check ends sleep_until.
    [[nodiscard]] std::uint64_t rings() noexcept {
        Lock lock(mutex_);
        return rings_;
    }

    // Sleeps until the bell has been rung more than `seen` times, or until `deadline`, in nanoseconds of the monotonic
    // clock. False if the deadline ended the sleep.
    [[nodiscard]] bool sleep_until(std::uint64_t seen, Nanoseconds deadline) noexcept {
        Lock lock(mutex_);
        while (rings_ == seen)
            if (!rung_.wait_until(mutex_, deadline)) return false;
        return true;
    }

    [[nodiscard]] static bool passed(Nanoseconds deadline) noexcept { return deadline != kNever && now() >= deadline; }

  private:
    Mutex mutex_;
    Condition rung_;
    std::uint64_t rings_ NAIO_GUARDED_BY(mutex_) = 0;
};

}  // namespace naio
