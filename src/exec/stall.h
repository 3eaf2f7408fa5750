// Stall reports, for programs that hang (naio_set_stall_report): each wait of the library that takes longer than a
// given time is reported.
//
// The Runtime sets that time and the report function. While reports are on, operations note when they start. Each wait
// has a StallWatch, which calls the report function at most once, on the waiting thread, with no lock held.
#pragma once

#include <utility>

#include "base/clock.h"
#include "base/probe.h"
#include "base/relaxed.h"

namespace naio {

class StallReports {
  public:
    // `object`: the handle that the thread waits for, which may be gone by now; nullptr: the thread waits for something
    // else.
    using Report = void (*)(const void* object, Nanoseconds waited) noexcept;

    // Switches reports of waits longer than `after` on; kNever: switches reports off.
    static void set(Nanoseconds after, Report report) noexcept {
        report_.set(report);
        if (after != kNever && !on()) on_since_.set(now());
        after_.set(after);
        StartNotes::want(StartNotes::kForReports, on());
    }
    [[nodiscard]] static bool on() noexcept { return after_.get() != kNever; }
    // Returns the time when reports were switched on. A start that an operation noted before this time is out of date.
    [[nodiscard]] static Nanoseconds on_since() noexcept { return on_since_.get(); }

  private:
    friend class StallWatch;
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

    [[nodiscard]] const void* object() const noexcept { return object_; }
    // Returns the time at which the wait has to be reported; kNever if it need not be.
    [[nodiscard]] Nanoseconds due() const noexcept { return after_ == kNever ? kNever : begin_ + after_; }

    // Calls sleep_until(deadline) and returns its result, which is false if the deadline has passed. If the wait
    // becomes too long before that, interrupts the sleep to report the wait.
    template <class SleepUntil>
    [[nodiscard]] bool sleep(Nanoseconds deadline, SleepUntil sleep_until) noexcept {
        if (due() < deadline) {
            if (sleep_until(due())) return true;
            report_if_long();
        }
        return sleep_until(deadline);
    }

    // Reports the wait if it has taken too long and has not been reported.
    void report_if_long() noexcept {
        if (after_ == kNever || now() < due()) return;
        const Nanoseconds waited = std::exchange(after_, kNever);
        if (const StallReports::Report report = StallReports::report_.get()) report(object_, waited);
    }

  private:
    const void* const object_;
    Nanoseconds after_;  // kNever: reports are off, or the wait has been reported
    Nanoseconds begin_ = 0;
};

}  // namespace naio
