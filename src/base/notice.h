// Messages about conditions that a user would want to know: the program's log gets them. Layers below the Runtime post
// them here, because only the Runtime has the Log.
//
// A thread that posts holds no lock, because the program's logger runs in the call, and may block.
#pragma once

#include <nng/nng.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/relaxed.h"

namespace naio {

// Lets a thread pass at most once a second, so that a condition that comes again and again does not flood the log.
class OncePerSecond {
  public:
    [[nodiscard]] bool pass() noexcept {
        const Nanoseconds at = now();
        Nanoseconds next = next_.load(std::memory_order_relaxed);
        return at >= next && next_.compare_exchange_strong(next, at + kSecond, std::memory_order_relaxed);
    }

  private:
    Atomic<Nanoseconds> next_{0};
};

class Notices {
  public:
    // Sets the log, which exists from now on.
    static void go_to(const Log& log) noexcept { log_.set(&log); }

    static void post(nng_log_level level, const char* id, const char* format, ...) noexcept
        __attribute__((format(printf, 3, 4)));

  private:
    static inline constinit Relaxed<const Log*> log_;
};

}  // namespace naio
