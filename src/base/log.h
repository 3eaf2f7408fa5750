// The library's log: its level, and the function that gets the messages.
//
// One Log lives in the Runtime. Any thread logs, and any thread changes the settings at any time; a
// message that is being logged meanwhile may still go to the former logger.
//
// Invariants:
//  1. A message below the set level, or without a logger, is not even formatted.
//  2. The logger runs on the thread that logs, without a lock: it may block, and log.
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

    // True if a logger is set and gets messages of this level.
    [[nodiscard]] bool takes(nng_log_level level) const noexcept {
        return level <= this->level() && logger_.load(std::memory_order_relaxed) != nullptr;
    }

    // Sets the function that gets the messages; nullptr: none.
    void set_logger(nng_logger logger) noexcept {
        // Pairs with the load in vprint: the logger sees what its owner prepared before setting it.
        logger_.store(logger, NAIO_ORDER(log_set, release));
    }

    // The id may be NULL. Texts are cut after 511 bytes. print takes the set facility.
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
