// An event that happens once or several times, and that a test waits for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace support {

// How long a test waits for an event that must happen. A test waits that long only if the library is broken.
inline constexpr std::chrono::seconds kPatience{30};

// How long a test watches that something does not happen.
inline constexpr std::chrono::milliseconds kWatch{30};

class Event {
  public:
    // Any thread. The waiter may destroy the event as soon as wait() has returned.
    void set() {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++count_;
        changed_.notify_all();
    }

    // Waits until it has happened `times` times; false when that never came.
    [[nodiscard]] bool wait(int times = 1) { return wait_for(kPatience, times); }

    // Waits no longer than this.
    [[nodiscard]] bool wait_within(std::chrono::milliseconds patience, int times = 1) {
        return wait_for(patience, times);
    }

    // Watches for a short while that it has not happened `times` times.
    [[nodiscard]] bool stays_away(int times = 1) { return !wait_for(kWatch, times); }

    [[nodiscard]] int count() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return count_;
    }

  private:
    template <class Duration>
    bool wait_for(Duration duration, int times) {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, duration, [&] { return count_ >= times; });
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

}  // namespace support
