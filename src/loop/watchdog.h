// Wakes the thread that sleeps in it at a time that others set, and set anew: cheaply, as they mostly do so for
// nothing. On Linux it is a timerfd, so that only the kernel hears of it; elsewhere a condition variable.
#pragma once

#include <cstdint>
#include <limits>

#include "base/mutex.h"
#include "loop/loop.h"

namespace naio {

class Watchdog {
  public:
    static constexpr std::int64_t kNow = 1;
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

    // NNG_ENOFILES or another refusal of the system: nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept;

    // To nanoseconds of the monotonic clock, in place of what was set before. Any thread; callers order their calls
    // with a lock.
    void set(std::int64_t deadline) noexcept;

    // Until that time, but it may return early. One thread is woken for one time.
    void wait() noexcept;

  private:
#if NAIO_LOOP_USES_DESCRIPTORS
    int descriptor_ = -1;
#else
    Mutex mutex_;
    Condition earlier_;
    std::int64_t deadline_ NAIO_GUARDED_BY(mutex_) = kNever;
#endif
};

}  // namespace naio
