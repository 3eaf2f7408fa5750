// Takes the place of src/base/mutex.h: Relacy's locks and condition variables.
#pragma once

#include "../../execution.h"
#include "base/annotations.h"
#include "base/clock.h"

namespace naio {

class Mutex {
    using At = weak_memory::At;

  public:
    Mutex() noexcept {
        if (!weak_memory::execution.threads_run) return;
        maker_ = static_cast<int>(rl::ctx().threadx_->index_);
        made_ = weak_memory::execution.time();
    }
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    // Asserts that the construction of the mutex, if a thread of the test did it, happens before the lock.
    void lock(At at = At::current()) noexcept {
        const weak_memory::Step step;
        if (maker_ >= 0 && weak_memory::execution.threads_run) RL_ASSERT(weak_memory::execution.knows(maker_, made_));
        lazy_.get().lock(weak_memory::info(at));
    }
    [[nodiscard]] bool try_lock(At at = At::current()) noexcept {
        lock(at);
        return true;
    }
    void unlock(At at = At::current()) noexcept {
        const weak_memory::Step step;
        lazy_.get().unlock(weak_memory::info(at));
    }

  private:
    friend class Condition;
    weak_memory::Lazy<rl::mutex> lazy_;
    int maker_ = -1;            // the thread of the test that has made the mutex
    rl::timestamp_t made_ = 0;  // the time of that thread when it made the mutex
};

class Lock {
    using At = weak_memory::At;

  public:
    explicit Lock(Mutex& mutex, At at = At::current()) noexcept : mutex_(mutex) { mutex_.lock(at); }
    ~Lock() { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    Mutex& mutex_;
};

// Relacy chooses whether a wait with a deadline times out. If the wait times out, the clock advances to the
// deadline.
class Condition {
    using At = weak_memory::At;

  public:
    Condition() noexcept = default;
    // Asserts that each notification happens before the destruction, so that the two do not race.
    ~Condition() {
        if (!lazy_.is_made() || !weak_memory::execution.threads_run) return;
        for (int thread = 0; thread < weak_memory::kMaxThreads; ++thread)
            RL_ASSERT(weak_memory::execution.knows(thread, notified_[thread]));
    }
    Condition(const Condition&) = delete;
    Condition& operator=(const Condition&) = delete;

    void wait(Mutex& mutex, At at = At::current()) noexcept {
        const weak_memory::Step step;
        lazy_.get().wait(mutex.lazy_.get(), weak_memory::info(at));
    }
    bool wait_until(Mutex& mutex, Nanoseconds deadline, At at = At::current()) noexcept {
        if (deadline == kNever) {
            wait(mutex, at);
            return true;
        }
        if (wait_some(mutex, at)) return true;
        weak_memory::execution.clock = std::max(weak_memory::execution.clock, deadline);
        return false;
    }
    void wait_for(Mutex& mutex, std::chrono::nanoseconds, At at = At::current()) noexcept {
        static_cast<void>(wait_some(mutex, at));
    }
    void notify_one(At at = At::current()) noexcept {
        const weak_memory::Step step;
        lazy_.get().notify_one(weak_memory::info(at));
        notified_[rl::ctx().threadx_->index_] = weak_memory::execution.time();
    }
    void notify_all(At at = At::current()) noexcept {
        const weak_memory::Step step;
        lazy_.get().notify_all(weak_memory::info(at));
        notified_[rl::ctx().threadx_->index_] = weak_memory::execution.time();
    }

  private:
    // Returns false if the wait has timed out.
    bool wait_some(Mutex& mutex, const At& at) noexcept {
        const weak_memory::Step step;
        return lazy_.get().wait_for(mutex.lazy_.get(), 1, weak_memory::info(at));
    }

    weak_memory::Lazy<rl::condition_variable> lazy_;
    rl::timestamp_t notified_[weak_memory::kMaxThreads] = {};  // the time of each thread's last notification
};

}  // namespace naio
