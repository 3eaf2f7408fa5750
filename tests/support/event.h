// An event that happens once or several times, and for which a test waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace support {

// A test waits at most this long for an event that must happen. It waits the whole time only if the library is broken.
inline constexpr std::chrono::seconds kPatience{30};

// A test that expects that an event does not happen waits this long for the event.
inline constexpr std::chrono::milliseconds kWatch{30};

class Event {
  public:
    // Says that the event has happened once more. Any thread may call this function. A waiter may destroy the event as
    // soon as its wait() has returned.
    void set() {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++count_;
        changed_.notify_all();
    }

    // Waits until the event has happened `times` times. False if it has happened fewer times within kPatience.
    [[nodiscard]] bool wait(int times = 1) { return wait_for(kPatience, times); }

    // Like wait, but waits for `patience` at most.
    [[nodiscard]] bool wait_within(std::chrono::milliseconds patience, int times = 1) {
        return wait_for(patience, times);
    }

    // True if the event has happened fewer than `times` times kWatch after the call.
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
