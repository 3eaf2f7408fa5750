// Writes everything that the library does at this moment, as lines of text. Collects the statistics of the library.
#include <naio/version.h>

#include "base/environment.h"
#include "base/loggers.h"
#include "base/string_of.h"
#include "exec/queues_in_wait.h"
#include "exec/stall.h"
#include "runtime/runtime.h"
#include "runtime/trace.h"

namespace naio {

namespace {

const void* handle_of(Dump& dump, const void* task) noexcept { return runtime().registry().handle_of(dump, task); }

// Logs a line about a thing that the user has switched on. If the program has set no logger, the line goes to stderr,
// because the user wants to see it.
void log_to_user(nng_log_level level, const char* id, const char* line) noexcept {
    const Log& log = runtime().log();
    if (log.has_logger())
        log.print(level, id, "%s", line);
    else
        stderr_logger(level, NNG_LOG_USER, id, line);
}

void log_line(void*, const char* line) { log_to_user(NNG_LOG_WARN, "NAIO-STALL", line); }

}  // namespace

void Runtime::log_trace_refusal() noexcept {
    DumpLine line;
    if (trace::take_refusal(line)) log_to_user(NNG_LOG_ERR, "NAIO-TRACE", line.text());
}

// Logs that NNG is in the process, if it is. The exchange lets one thread do so. That thread is the one that has looked
// for NNG, or has taken mutex_ after it, so it sees nng_.
void Runtime::log_foreign_nng() noexcept {
    if (!unlogged_nng_.load(std::memory_order_relaxed) || !unlogged_nng_.exchange(false, std::memory_order_relaxed))
        return;
    DumpLine line;
    nng_.describe(line);
    const bool refuses = nng_.verdict() == ForeignNng::Verdict::kConflict;
    log_to_user(refuses ? NNG_LOG_ERR : NNG_LOG_WARN, "NAIO-FOREIGN-NNG", line.text());
}

// Logs what the library has found in the process, and the environment variables whose values the library cannot use.
// Called when the library has come up, or has refused to, because the program may have set its logger by then.
// REQUIRES: the caller holds no lock, because the logger may call the library.
void Runtime::log_refusals() noexcept {
    log_foreign_nng();
    log_trace_refusal();
    if (!refused_stall_.load(std::memory_order_relaxed) || !refused_stall_.exchange(false, std::memory_order_relaxed))
        return;
    const char* const value = environment("NAIO_STALL");
    DumpLine line;
    line.add(
        "NAIO_STALL: \"%s\" is not a number of seconds from 0 to 1000000000, such as 0.5; long waits are not reported",
        value != nullptr ? value : "");
    log_line(nullptr, line.text());
}

void Runtime::report_stalls(Nanoseconds after) noexcept { StallReports::set(after, report_stall); }

// Logs the line of the handle that the thread waits for. If the thread waits for another object, or the handle is gone,
// logs a whole dump instead. A wait of the logger that this function calls is not reported. Otherwise a logger that
// waits long would make this function call itself without end.
void Runtime::report_stall(const void* object, Nanoseconds waited) noexcept {
    static constinit thread_local bool reporting = false;
    if (reporting) return;
    reporting = true;
    trace::flush();
    Dump dump(log_line, nullptr, true, handle_of);
    DumpLine line;
    line.add("a thread has waited for ");
    line.add_seconds(waited / kMillisecond);
    line.add(" in the library");
    dump.line(line);
    if (object == nullptr || !runtime().registry_.dump(dump, object)) runtime().dump(log_line, nullptr, true);
    reporting = false;
}

void Runtime::dump(Dump::Write write, void* argument, bool names) noexcept {
    trace::flush();
    Dump dump(write, argument, names, handle_of);
    bool known = false, going_down = false;
    unsigned count = 0;
    if (dump.lock(mutex_, "the number of nng_init calls")) {
        known = true;
        going_down = going_down_;
        count = count_;
        mutex_.unlock();
    }
    const char* const state = is_forked_child() ? "this is a forked child, which cannot use the library"
                              : going_down      ? NAIO_STRING_OF(nng_fini) " waits"
                              : count != 0      ? "up"
                              : known           ? "not initialised"
                                                : "unknown";
    dump.line(NAIO_STRING_OF(naio) " %d.%d.%d: %s", NAIO_VERSION_MAJOR, NAIO_VERSION_MINOR, NAIO_VERSION_PATCH, state);
    registry_.dump(dump);
    QueuesInWait::dump(dump);
    if (known && !going_down && count == 0) return;
    tasks_.dump(dump);
    timer_.dump(dump);
    pollers_.dump(dump);
    names_.dump(dump, "look-ups");
    files_.dump(dump, "files");
    openings_.dump(dump, "opens and closes");
}

// Returns zeros in a forked child, because another thread of the parent may have held a lock of the library at the
// fork.
Stats Runtime::stats() noexcept {
    Stats stats{};
    if (is_forked_child()) return stats;
    registry_.count_into(stats);
    QueuesInWait::count_into(stats);
    tasks_.count_into(stats);
    timer_.count_into(stats);
    pollers_.count_into(stats);
    stats.callbacks = stats.succeeded + stats.timed_out + stats.cancelled + stats.stopped + stats.failed;
    return stats;
}

}  // namespace naio
