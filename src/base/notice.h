// Messages to the user about unusual conditions. Layers below the Runtime post the messages here, because the Log
// belongs to the Runtime.
//
// The program's logger runs in the call of post, and may block. So a thread that posts holds no lock.
#pragma once

#include <nng/nng.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/relaxed.h"

namespace naio {

// Limits the messages about one condition, so that they do not flood the log: pass() returns true at most once a
// second.
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
    // Sets the log that gets the messages. The log must not be destroyed afterwards.
    static void go_to(const Log& log) noexcept { log_.set(&log); }

    // True if a message of this level would reach a logger. Callers check this before they make a text that takes long.
    [[nodiscard]] static bool wanted(nng_log_level level) noexcept {
        const Log* const log = log_.get();
        return log != nullptr && log->takes(level);
    }

    // Logs a message. Does nothing before go_to was called.
    static void post(nng_log_level level, const char* id, const char* format, ...) noexcept
        __attribute__((format(printf, 3, 4)));

  private:
    static inline constinit Relaxed<const Log*> log_;
};

}  // namespace naio
