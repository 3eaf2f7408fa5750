// Wakes one thread that waits for several things at once. It lives on that thread's stack: each thing that may ring it
// holds it in a list, under a lock that the owner takes to leave the list.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/mutex.h"

namespace naio {

class Bell {
  public:
    Bell() noexcept = default;
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    // Any thread.
    void ring() noexcept {
        Lock lock(mutex_);
        ++rings_;
        rung_.notify_one();
    }

    // How often it has been rung. The owner asks before it looks at what it waits for, so that sleep_until misses no
    // ring that comes after the look.
    [[nodiscard]] std::uint64_t rings() noexcept {
        Lock lock(mutex_);
        return rings_;
    }

    // Sleeps until it has been rung more often than `seen` times, or until `deadline`, in nanoseconds of the monotonic
    // clock; false if that has passed.
    [[nodiscard]] bool sleep_until(std::uint64_t seen, std::int64_t deadline) noexcept {
        Lock lock(mutex_);
        while (rings_ == seen)
            if (!rung_.wait_until(mutex_, deadline)) return false;
        return true;
    }

    [[nodiscard]] static bool passed(std::int64_t deadline) noexcept {
        if (deadline == Condition::kNever) return false;
        const auto time = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count() >= deadline;
    }

  private:
    Mutex mutex_;
    Condition rung_;
    std::uint64_t rings_ NAIO_GUARDED_BY(mutex_) = 0;
};

}  // namespace naio
