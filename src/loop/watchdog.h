// A watchdog wakes the thread that sleeps in wait, at a time that other threads set. They usually set a later time
// before the first one has come, so set must be cheap. On Linux the watchdog is a timerfd, so that set wakes no thread
// to change the time, in an epoll, so that the thread can wait for the alarms of a loop, too. On other systems it is a
// condition variable.
#pragma once

#include "base/mutex.h"
#include "loop/loop.h"

namespace naio {

class Watchdog {
  public:
    static constexpr Nanoseconds kNow = 1;

    // Opens the watchdog. If open fails, with NNG_ENOFILES or another error of the system, nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept;

    // Makes wait return also when an alarm of the loop is due and no thread sleeps in the loop. Only if the loop can
    // share its alarms; otherwise does nothing. Call this once, after open.
    [[nodiscard]] nng_err watch_alarms(Loop& loop) noexcept;

    // Sets the time; kNever disarms the watchdog. Any thread. REQUIRES: callers order their calls with a lock.
    void set(Nanoseconds deadline) noexcept;

    // Sleeps until the time that was set, but may return early. Each call of set wakes at most one thread, and so does
    // each alarm.
    void wait() noexcept;

  private:
#if NAIO_LOOP_USES_DESCRIPTORS
    int descriptor_ = -1;
    int epoll_ = -1;
#else
    Mutex mutex_;
    Condition earlier_;
    Nanoseconds deadline_ NAIO_GUARDED_BY(mutex_) = kNever;
#endif
};

}  // namespace naio
