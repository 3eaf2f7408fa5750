// Wakes the thread that sleeps in it, at a time that other threads set. Other threads usually set it again before that
// time, so setting it must be cheap. On Linux the watchdog is a timerfd, so that setting it wakes no thread; on other
// systems it is a condition variable.
#pragma once

#include "base/mutex.h"
#include "loop/loop.h"

namespace naio {

class Watchdog {
  public:
    static constexpr Nanoseconds kNow = 1;

    // Opens the watchdog. If it fails, with NNG_ENOFILES or another error of the system, nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept;

    // Sets the time; kNever disarms the watchdog. Any thread. REQUIRES: callers order their calls with a lock.
    void set(Nanoseconds deadline) noexcept;

    // Sleeps until the time that was set, but may return early. Each call of set wakes at most one thread.
    void wait() noexcept;

  private:
#if NAIO_LOOP_USES_DESCRIPTORS
    int descriptor_ = -1;
#else
    Mutex mutex_;
    Condition earlier_;
    Nanoseconds deadline_ NAIO_GUARDED_BY(mutex_) = kNever;
#endif
};

}  // namespace naio
