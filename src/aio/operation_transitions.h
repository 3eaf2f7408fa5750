// The functions with which operation*.cpp install a transition of an operation's state. Each installs the new state
// with one compare-exchange. After that, the calling thread does what the transition's Step or Request says.
#pragma once

#include "aio/operation.h"
#include "aio/registry.h"
#include "base/fault.h"
#include "base/order.h"
#include "base/probe.h"

namespace naio {

// Installs the state that `transition` returns for the current state, and returns the old state. `transition` reads
// nothing but its argument, and is called again if another thread has changed the state. So the load may return an
// outdated state. acq_rel: pairs with the other exchanges of the state and with its acquire loads. Otherwise a thread
// that acts on the new state could miss what the caller has written before, or the caller could miss what the thread
// that installed the old state had written: announce_wait could find the handle idle without the callback's writes.
template <class Transition>
State update(Atomic<State>& state, Transition transition) noexcept {
    State seen = state.load(std::memory_order_relaxed);
    while (
        !state.compare_exchange_weak(seen, transition(seen), NAIO_ORDER(update, acq_rel), std::memory_order_relaxed)) {
    }
    return seen;
}
inline const State::Step& step_of(const State::Step& step) noexcept { return step; }
inline const State::Step& step_of(const State::Returned& returned) noexcept { return returned.step; }
inline const State::Step& step_of(const State::Armed& armed) noexcept { return armed.step; }

// Installs `next` if the state is still `seen`. Returns false, with the current state in `seen`, if another thread has
// changed the state; sometimes also if none has (compare_exchange_weak).
//
// Acquire and release pair with the other exchanges of the state and with its acquire loads; otherwise a callback could
// miss what the provider or the cancel function has written. Store-load pair: a thread installs a request, a decline or
// a clearing and then loads own_slot_; slot() stores own_slot_ and then loads the state. All four are seq_cst;
// otherwise a slot that is made meanwhile could miss an accepted request, or remember a request that was declined or
// cleared. The acquire of a failed exchange pairs with the exchange of a start; otherwise examine could compare the
// deadline of the operation before with the state of a new operation.
[[gnu::always_inline]] inline bool Operation::install(State& seen, State next) noexcept {
    return state_.compare_exchange_weak(seen, next, NAIO_ORDER(install, seq_cst), NAIO_ORDER(install_failed, acquire));
}

// Installs a transition that returns a Step, or a Returned with a Step, and returns that result. If the Step says
// "wake", wakes the waiters in one step with the exchange; the caller does everything else that the Step says. If the
// Step says nothing else, the handle may be gone when this returns. The load may return an outdated state, as in
// update.
template <class Transition>
[[gnu::always_inline]] inline auto Operation::take(Transition transition) noexcept {
    State seen = state_.load(std::memory_order_relaxed);
    for (;;) {
        const auto outcome = transition(seen);
        const State::Step& step = step_of(outcome);
        if (step.wake ? install_and_wake(seen, step.state) : install(seen, step.state)) return outcome;
    }
}

// As take, but under the lock of the handle's parking bucket. accept_under_lock takes that lock, too, so the two
// functions never overlap for one handle.
template <class Transition>
auto Operation::take_under_lock(Transition transition) noexcept {
    decltype(transition(State())) outcome;
    services_.parking.wake_all_if(this, [&] {
        State seen = state_.load(std::memory_order_relaxed);
        do {
            outcome = transition(seen);
        } while (!install(seen, step_of(outcome).state));
        return step_of(outcome).wake;
    });
    return outcome;
}

// Installs a transition that requests types, permits or acknowledges, and returns its Request or Answer. The first
// request that is accepted also sets the operation's reason to the result of `reason`. The load is seq_cst for two
// store-load pairs with a start. Before the load, the timer's thread has unlinked an entry (timer.h, invariant 1), or a
// caller of cancel has set a flag (see cancel). Otherwise a deadline or a cancel could be lost.
template <class Reason, class Transition>
auto Operation::ask(Reason reason, Transition transition) noexcept {
    return ask_from(state_.load(NAIO_ORDER(ask_load, seq_cst)), reason, transition);
}

// As ask, for a caller that has loaded the state with that order.
template <class Reason, class Transition>
[[gnu::always_inline]] inline auto Operation::ask_from(State seen, Reason reason, Transition transition) noexcept {
    for (;;) {
        auto answer = transition(seen);
        const bool gives_reason = answer.accepted != 0 && !seen.has_reason();
        if (!gives_reason) {
            if (answer.state == seen || install(seen, answer.state)) return answer;
            continue;
        }
        const nng_err why = reason(seen);
        if (seen.typed()) answer.state = answer.state.with_reason(why);
        if (accept_first(seen, answer.state, why)) return answer;
    }
}

// Installs a transition with which the operation gets this reason. For a typed operation, the types and the reason
// become visible together: otherwise a reader could see accepted types without a reason, or with the reason of a
// request that was not accepted. So the reason is in the state, or, if it has no code, is stored under the lock that
// readers take.
//
// The reason is stored after the transition is installed. The handle still exists then, because this thread has the
// CANCELING hold or is the provider's. Exception: another thread has the hold, and has declined all types that were
// accepted before. That thread ends its hold later, under the lock (take_under_lock), and so after the store.
//
// A plain operation accepts only one request, and the thread that makes it passes the reason to the cancel function. So
// the reason needs no lock.
[[gnu::always_inline]] inline bool Operation::accept_first(State& seen, State next, nng_err reason) noexcept {
    if (next.coded_reason() != NNG_OK) [[likely]]
        return accept(seen, next, reason);
    const bool plain = !seen.typed() || NAIO_FAULT(reason_published_after_acceptance);
    return plain ? accept_and_store(seen, next, reason) : accept_under_lock(seen, next, reason);
}

inline bool Operation::accept(State& seen, State next, nng_err reason) noexcept {
    if (NAIO_FAULT(canceling_hold_dropped)) next = State(next.bits() & ~State::kCanceling);
    if (!install(seen, next)) return false;
    NAIO_EVENT(request, kRequest, this, static_cast<std::uint64_t>(reason));
    return true;
}

// For a reason that is not in the state.
inline bool Operation::accept_and_store(State& seen, State next, nng_err reason) noexcept {
    if (!accept(seen, next, reason)) return false;
    reason_.store(reason, std::memory_order_relaxed);
    return true;
}

// If the step ends an operation that was not started, tells close that this handle has become busy. REQUIRES: the
// caller has installed the step, and has not followed it yet.
[[gnu::always_inline]] inline void Operation::report_busy(const State::Step& step) const noexcept {
    if (step.queue && step.state.closed()) [[unlikely]]
        services_.registry.report_busy();
}

template <class Transition>
void Operation::advance(Transition transition) noexcept {
    follow(take(transition));
}

[[gnu::always_inline]] inline void Operation::follow(const State::Step& step) noexcept {
    if (step.queue) enqueue();
    if (step.call) callback_(argument_);
    if (step.destroy) end_reaped();
}

// Does what the Step says. Exception: a handle that has no callback, or an inline one, is not queued, because all
// workers may be waiting for it. This thread calls the handle's release function instead. REQUIRES: the caller holds no
// lock.
[[gnu::always_inline]] inline void Operation::follow_unlocked(const State::Step& step) noexcept {
    step.queue && !step.state.queues_callback() ? release_here(step.state) : follow(step);
}

}  // namespace naio
