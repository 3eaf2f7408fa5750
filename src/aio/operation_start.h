// The part of a start that all operations have in common. It is in a header so that it is inline in nng_aio's starts.
#pragma once

#include "aio/operation_transitions.h"
#include "base/assert.h"
#include "base/probe.h"

namespace naio {

[[gnu::always_inline]] inline bool Operation::start_plain(Types guarantee, nng_aio_cancelfn cancel_function,
                                                          void* argument, const Limit& limit) noexcept {
    if (!prepare(argument, limit)) return false;
    cancel_.plain = cancel_function;
    // A request to a plain operation is accepted a moment before its reason is stored. Because of this store, a thread
    // that reads the reason in between finds NNG_OK, and not the reason of an earlier operation.
    reason_.store(NNG_OK, std::memory_order_relaxed);
    return begun(begin(State::Terms{.guarantee = guarantee}.bits(), limit));
}

[[gnu::always_inline]] inline Started Operation::start_typed(const Cancellation& cancellation,
                                                             const Limit& limit) noexcept {
    if (!prepare(cancellation.argument, limit)) return {};
    cancel_.typed = cancellation.cancel;
    release_ = cancellation.release;
    const State::Terms terms{
        .guarantee = cancellation.guarantee, .typed = true, .release = release_ != nullptr, .own = cancellation.own};
    return begin(terms.bits(), limit);
}

inline bool Operation::begun(Started start) noexcept {
    if (start.refused) [[unlikely]]
        report(start);
    return start.in_flight;
}

inline bool Operation::prepare(void* argument, const Limit& limit) noexcept {
    NAIO_PROBE(start, this);
    const State seen = state_.load(std::memory_order_relaxed);
    NAIO_ASSERT(!seen.in_flight() && is_up());
    skips_ = false;
    // If a callback that was given NNG_ESTOPPED makes another start that is refused, the refusal is not reported,
    // because the report would call the callback again, without end. A refused start on another thread is reported. So
    // is one in a callback that runs for a post alone, because that callback was given nothing.
    if (seen.refuses_starts() && seen.running() && (on_this_stack() || NAIO_FAULT(reported_once_for_every_thread)) &&
        gave_stopped_ && !runs_for_post())
        return false;

    reset();
    cancel_argument_.set(argument);
    expiry_.store(limit.expiry, std::memory_order_relaxed);
    return true;
}

[[gnu::always_inline]] inline Started Operation::begin(State::Bits terms, Limit limit) noexcept {
    if (terms == 0) limit.deadline = kNever;  // a plain operation without a cancel function: nothing can end it
    deadline_.store(limit.deadline, std::memory_order_relaxed);

    bool arms = false, by_scope = false;
    const bool linked = linked_.load(std::memory_order_relaxed);
    const nng_err refused = linked ? admit_linked(terms, limit, arms, by_scope) : admit(terms, limit, arms);
    if (refused != NNG_OK || by_scope) [[unlikely]]
        return {.refused = true, .expired = !by_scope && refused == NNG_ETIMEDOUT, .result = refused};

    if (arms) {
        // Any thread may finish the operation by now. STARTING keeps the callback from beginning, and so keeps the
        // handle alive.
        if (!timer().leads_to(limit.deadline)) arm(limit.deadline);
        advance([](State state) { return state.let_go(State::kStarting); });
    }
    return {.in_flight = true};
}

// Returns NNG_OK if the operation has begun, otherwise the reason why it has not. Sets `arms` if the caller has to arm
// the timer.
//
// The exchange releases the fields of the operation to the thread that calls the cancel function (it pairs with the
// acquire loads and exchanges of the state there); otherwise the function could miss them. It is seq_cst for two
// store-load pairs: with the timer (timer.h, invariant 1; begin reads the link after the exchange), where a deadline
// would be lost, and with cancel (see there), where the cancel would be lost.
inline nng_err Operation::admit(State::Bits terms, Limit limit, bool& arms) noexcept {
    State seen = state_.load(std::memory_order_relaxed), next;
    do {
        require_none_in_flight(seen);
        if (seen.refuses_starts()) return NNG_ESTOPPED;
        if (limit.passed) return NNG_ETIMEDOUT;
        // If the timer examines the handle between the loads of the state and of the entry's tick, the timer clears
        // TIMER_ARMED, and the exchange fails. So the order of the two loads does not matter.
        arms = limit.deadline != kNever && (!seen.timer_armed() || !timer().leads_to(limit.deadline));
        next = seen.start(arms, terms);
        if (NAIO_FAULT(starting_hold_dropped)) next = State(next.bits() & ~State::kStarting);
    } while (!state_.compare_exchange_weak(seen, next, NAIO_ORDER(admit, seq_cst), std::memory_order_relaxed));
    return NNG_OK;
}

}  // namespace naio
