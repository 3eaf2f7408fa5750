// An event that happens once or several times, and for which a test waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace support {

// A test waits this long for an event that must happen. The time passes only if the library is broken.
inline constexpr std::chrono::seconds kPatience{30};

// A test watches this long that an event does not happen.
inline constexpr std::chrono::milliseconds kWatch{30};

class Event {
  public:
    // Any thread. The waiter may destroy the event as soon as wait() has returned.
    void set() {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++count_;
        changed_.notify_all();
    }

    // Waits until the event has happened `times` times. False if that has not come within kPatience.
    [[nodiscard]] bool wait(int times = 1) { return wait_for(kPatience, times); }

    // Like wait, but waits for `patience` at most.
    [[nodiscard]] bool wait_within(std::chrono::milliseconds patience, int times = 1) {
        return wait_for(patience, times);
    }

    // True if the event has not happened `times` times within kWatch.
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
