// Wakes the thread that sleeps in it, at a time that other threads set. Setting it again is cheap, because other
// threads usually do so before that time. On Linux the watchdog is a timerfd, so that setting it wakes no thread; on
// other systems it is a condition variable.
#pragma once

#include "base/mutex.h"
#include "loop/loop.h"

namespace naio {

class Watchdog {
  public:
    static constexpr Nanoseconds kNow = 1;

    // Opens the watchdog. On NNG_ENOFILES or another refusal of the system nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept;

    // Sets the time; kNever disarms the watchdog. Any thread. REQUIRES: callers order their calls with a
    // lock.
    void set(Nanoseconds deadline) noexcept;

    // Sleeps until that time, but may return early. Each setting wakes at most one thread.
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
