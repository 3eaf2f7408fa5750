// The loggers that the library offers: one that drops all messages, one for stderr, and one for the system's log. Any
// thread may call them.
#pragma once

#include <nng/nng.h>

#include <chrono>
#include <cstdio>

namespace naio {

void null_logger(nng_log_level, nng_log_facility, const char* id, const char* text) noexcept;

// Prints each message as one line. Lines have the color of their level if, at the first message, stderr is a terminal,
// the variable TERM is not empty, and neither NO_COLOR nor NNG_LOG_NO_COLOR is set.
void stderr_logger(nng_log_level, nng_log_facility, const char* id, const char* text) noexcept;

// Passes each message to syslog.
void system_logger(nng_log_level, nng_log_facility, const char* id, const char* text) noexcept;

// The parts of these loggers, for tests.
void print_log_line(std::FILE* out, bool colors, std::chrono::system_clock::time_point when, nng_log_level level,
                    const char* id, const char* text) noexcept;
[[nodiscard]] bool takes_colors(int fd) noexcept;
[[nodiscard]] int syslog_priority(nng_log_level level, nng_log_facility facility) noexcept;

}  // namespace naio
