// The library's log: its level, and the logger, a function of the program that receives the messages.
//
// The Runtime has one Log. Any thread may log and change the settings at any time. A thread that is logging a message
// while another thread sets a logger may still call the former logger.
//
// Invariants:
//  1. A message is not formatted if the level excludes it or no logger is set.
//  2. The logger runs on the thread that logs, without a lock. So the logger may block, and may log messages of its
//     own.
#pragma once

#include <nng/nng.h>

#include <cstdarg>

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class Log {
  public:
    void set_level(nng_log_level level) noexcept { level_.store(level, std::memory_order_relaxed); }
    [[nodiscard]] nng_log_level level() const noexcept { return level_.load(std::memory_order_relaxed); }
    void set_facility(nng_log_facility facility) noexcept { facility_.store(facility, std::memory_order_relaxed); }
    [[nodiscard]] nng_log_facility facility() const noexcept { return facility_.load(std::memory_order_relaxed); }

    // True if a logger is set and the log's level admits messages of `level`, which is not NNG_LOG_NONE.
    [[nodiscard]] bool takes(nng_log_level level) const noexcept { return level <= this->level() && has_logger(); }

    [[nodiscard]] bool has_logger() const noexcept { return logger_.load(std::memory_order_relaxed) != nullptr; }

    // Sets the logger; nullptr removes it.
    void set_logger(nng_logger logger) noexcept {
        // Pairs with the acquire load in vprint. Otherwise a logger could run on a thread that does not see the writes
        // that the caller of set_logger made before.
        logger_.store(logger, NAIO_ORDER(log_set, release));
    }

    // Calls the logger with a message, unless the message is excluded (invariant 1) or its facility is 0, which is the
    // kernel's. Cuts a text that is longer than 511 bytes, and ends it with "...". The id may be NULL. print uses the
    // facility of set_facility.
    void print(nng_log_level level, const char* id, const char* format, ...) const noexcept
        __attribute__((format(printf, 4, 5)));
    void vprint(nng_log_level level, nng_log_facility facility, const char* id, const char* format,
                std::va_list args) const noexcept __attribute__((format(printf, 5, 0)));

  private:
    Atomic<nng_log_level> level_{NNG_LOG_NOTICE};
    Atomic<nng_log_facility> facility_{NNG_LOG_USER};
    Atomic<nng_logger> logger_{nullptr};
};

}  // namespace naio
