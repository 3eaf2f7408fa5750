// Reports of waits that take long, for programs that hang: naio_set_stall_report.
//
// The Runtime sets the time and the function that reports, and starts to note when operations begin. Each wait of the
// library has a StallWatch, which calls the function once, on the waiting thread, with no lock held.
#pragma once

#include <utility>

#include "base/clock.h"
#include "base/relaxed.h"

namespace naio {

class StallReports {
  public:
    // `object`: the handle that the thread waits for, which may be gone, or nullptr.
    using Report = void (*)(const void* object, Nanoseconds waited) noexcept;

    // kNever: no wait is reported.
    static void set(Nanoseconds after, Report report) noexcept {
        report_.set(report);
        if (after != kNever && !on()) on_since_.set(now());
        after_.set(after);
        on_.set(after != kNever);
    }
    [[nodiscard]] static bool on() noexcept { return on_.get(); }
    // Returns when the reports were switched on. The times that operations noted before are not valid.
    [[nodiscard]] static Nanoseconds on_since() noexcept { return on_since_.get(); }

  private:
    friend class StallWatch;
    static inline constinit Relaxed<bool> on_{false};
    static inline constinit Relaxed<Nanoseconds> after_{kNever};
    static inline constinit Relaxed<Nanoseconds> on_since_{kNever};
    static inline constinit Relaxed<Report> report_;
};

// One wait of one thread.
class StallWatch {
  public:
    explicit StallWatch(const void* object) noexcept : object_(object), after_(StallReports::after_.get()) {
        if (after_ != kNever) begin_ = now();
    }

    // Calls sleep_until(deadline), which returns false if the deadline has passed, and returns its result. Interrupts
    // the sleep to report the wait.
    template <class SleepUntil>
    [[nodiscard]] bool sleep(Nanoseconds deadline, SleepUntil sleep_until) noexcept {
        if (after_ != kNever && begin_ + after_ < deadline) {
            if (sleep_until(begin_ + after_)) return true;
            report_if_long();
        }
        return sleep_until(deadline);
    }

    // Reports the wait if it takes too long by now, and was not reported.
    void report_if_long() noexcept {
        if (after_ == kNever || now() < begin_ + after_) return;
        const Nanoseconds waited = std::exchange(after_, kNever);
        if (const StallReports::Report report = StallReports::report_.get()) report(object_, waited);
    }

  private:
    const void* const object_;
    Nanoseconds after_;  // kNever: not to be reported, or reported already
    Nanoseconds begin_ = 0;
};

}  // namespace naio
