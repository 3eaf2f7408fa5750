// The transitions of State for NNG 1's begin and defer (operation_nng1.cpp). state.h declares and describes them.
#pragma once

#include "aio/state.h"
#include "base/assert.h"
#include "base/fault.h"

namespace naio {

constexpr State::Deferral State::defer(Types guarantee, bool first, bool arms) const noexcept {
    NAIO_ASSERT(pending() && (!first || has(kCanceling)));
    State next = first ? without(kCanceling) : without(kRequests);
    if (guarantee == 0) next = next.without(kRequests);
    next = next.with_guarantee(guarantee);
    const bool call = next.undelivered() != 0 && !NAIO_FAULT(defer_loses_a_request);
    // A thread that is still inside an earlier defer has the hold, and arms the timer for this one, too (armed).
    if (has(kStarting)) return {arms ? next.without(kTimerArmed) : next};
    if (call || arms) next = next.with(kStarting | (arms ? kTimerArmed : Bits{0}));
    return {next, call, arms};
}

constexpr State::Armed State::armed() const noexcept {
    NAIO_ASSERT(has(kStarting));
    if (can_expire() && !timer_armed()) return {{with(kTimerArmed)}, true};
    return {let_go(kStarting)};
}

constexpr State::Returned State::returned_unbegun() const noexcept {
    NAIO_ASSERT(has(kCanceling));
    if (!pending() || undelivered() != 0) return returned(0, true);
    if (!refuses_starts()) {
        const bool deferred_again = acknowledged() == 0;
        return {(deferred_again ? *this : without(kRequests).with(kExpired)).let_go(kCanceling)};
    }
    const State ended = without(kPending | kCanceling);
    const bool calls = has(kInlineCallback) || NAIO_FAULT(withdrawal_calls_back);
    return {calls ? ended.with(kDone).settle(true) : ended.settle(false)};
}

constexpr State::Step State::finish_begun() const noexcept {
    NAIO_ASSERT(pending() && has(kCanceling));
    return without(kPending | kCanceling).with(kDone).settle(true);
}

}  // namespace naio
