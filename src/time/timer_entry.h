// A TimerEntry is a place in the timer's wheel. Each object whose deadline the Timer watches contains a TimerEntry.
// Times are counted in ticks of 2^10 ns (1 us): a shift converts a time to ticks, and an expiry that is rounded up to a
// tick is late by less than a thread needs to wake up.
#pragma once

#include <cstdint>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/order.h"

namespace naio {

using Tick = std::uint64_t;

inline constexpr Tick kNoTick = ~Tick{0};
inline constexpr unsigned kTickBits = 10;

constexpr Tick tick_before(Nanoseconds time) noexcept { return static_cast<Tick>(time) >> kTickBits; }
constexpr Tick tick_at_or_after(Nanoseconds time) noexcept {
    if (NAIO_FAULT(timer_rounds_down)) return tick_before(time);
    return (static_cast<Tick>(time) + (Tick{1} << kTickBits) - 1) >> kTickBits;
}

class TimerEntry : public ListNode {
  public:
    // Returns the tick at which the entry is linked, or kNoTick if it is not linked. Only the wheel changes the tick,
    // under the timer's lock; leads_to reads it without the lock. This load and the store in pop are seq_cst, for the
    // store-load pair in timer.h (invariant 1). The other stores can be relaxed. Until the next pop, arm only replaces
    // the tick by an earlier one, so a thread that does not see the store reads a later tick or kNoTick, and at worst
    // calls arm without need. disarm is called when no other thread uses the entry any more.
    [[nodiscard]] Tick tick() const noexcept { return tick_.load(NAIO_ORDER(timer_tick, seq_cst)); }

    // True if the timer will reach the entry's link in time for `deadline`. Otherwise the caller must arm the entry.
    // Takes no lock.
    [[nodiscard]] bool leads_to(Nanoseconds deadline) const noexcept { return tick() <= tick_at_or_after(deadline); }

  private:
    friend class TimerWheel;
    Atomic<Tick> tick_{kNoTick};
    std::uint16_t slot_ = 0;
};

}  // namespace naio
