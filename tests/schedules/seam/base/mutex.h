// Takes the place of src/base/mutex.h: the scheduler blocks and wakes the threads. ThreadSanitizer does not see the
// scheduler, so an atomic object in each mutex tells it what the mutex orders.
#pragma once

#include <atomic>
#include <chrono>

#include "base/annotations.h"
#include "base/clock.h"
#include "scheduler.h"

namespace naio {

class Mutex {
  public:
    void lock() noexcept {
        schedules::lock(state_);
        static_cast<void>(order_.load(std::memory_order_acquire));
    }
    [[nodiscard]] bool try_lock() noexcept {
        lock();
        return true;
    }
    void unlock() noexcept {
        order_.store(0, std::memory_order_release);
        schedules::unlock(state_);
    }

  private:
    friend class Condition;
    schedules::Mutex state_;
    std::atomic<int> order_{0};
};

class Lock {
  public:
    explicit Lock(Mutex& mutex) noexcept : mutex_(mutex) { mutex_.lock(); }
    ~Lock() { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    Mutex& mutex_;
};

class Condition {
  public:
    void wait(Mutex& mutex) noexcept { static_cast<void>(wait_until(mutex, kNever)); }
    bool wait_until(Mutex& mutex, Nanoseconds deadline) noexcept {
        mutex.order_.store(0, std::memory_order_release);
        const bool in_time = schedules::wait(state_, mutex.state_, deadline);
        static_cast<void>(mutex.order_.load(std::memory_order_acquire));
        return in_time;
    }
    void wait_for(Mutex& mutex, std::chrono::nanoseconds max) noexcept {
        static_cast<void>(wait_until(mutex, now() + max.count()));
    }
    void notify_one() noexcept { schedules::notify_one(state_); }
    void notify_all() noexcept { schedules::notify_all(state_); }

  private:
    schedules::Condition state_;
};

}  // namespace naio
