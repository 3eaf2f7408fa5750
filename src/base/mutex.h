// The library's lock and condition variable, annotated for Clang's thread-safety analysis. Some tests replace this
// header with one of their own. Therefore no other file of src uses std::mutex or std::condition_variable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/annotations.h"
#include "base/clock.h"

namespace naio {

class NAIO_CAPABILITY("mutex") Mutex {
  public:
    void lock() noexcept NAIO_ACQUIRE() { mutex_.lock(); }
    void unlock() noexcept NAIO_RELEASE() { mutex_.unlock(); }
    [[nodiscard]] bool try_lock() noexcept NAIO_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

  private:
    friend class Condition;
    std::mutex mutex_;
};

class NAIO_SCOPED_CAPABILITY Lock {
  public:
    explicit Lock(Mutex& mutex) noexcept NAIO_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~Lock() NAIO_RELEASE() { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    Mutex& mutex_;
};

// A wait may end without a notification, as with std::condition_variable, so callers check their condition in a loop.
class Condition {
  public:
    void wait(Mutex& mutex) noexcept NAIO_REQUIRES(mutex) {
        std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
        condition_.wait(held);
        held.release();
    }

    // Blocks until a notification, a spurious wake-up or `deadline`; kNever: there is no deadline. Returns false if the
    // deadline has passed.
    bool wait_until(Mutex& mutex, Nanoseconds deadline) noexcept NAIO_REQUIRES(mutex) {
        if (deadline == kNever) {
            wait(mutex);
            return true;
        }
        using Clock = std::chrono::steady_clock;
        const Clock::time_point when{std::chrono::nanoseconds(deadline)};
        std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
        const bool in_time = condition_.wait_until(held, when) == std::cv_status::no_timeout;
        held.release();
        return in_time;
    }

    void wait_for(Mutex& mutex, std::chrono::nanoseconds max) noexcept NAIO_REQUIRES(mutex) {
        std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
        condition_.wait_for(held, max);
        held.release();
    }

    void notify_one() noexcept { condition_.notify_one(); }
    void notify_all() noexcept { condition_.notify_all(); }

  private:
    std::condition_variable condition_;
};

}  // namespace naio
