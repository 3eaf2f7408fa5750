// NNG 1's begin, defer and finish.
//
// From begin until defer the provider has the CANCELING hold, as if it were inside its own cancel function. So a
// request is accepted and its reason is stored, but no thread calls a function. defer gives the operation its cancel
// function and its deadline, and ends the hold. If a request was accepted before, the timer's thread then calls the
// function, because the provider may hold the lock that the function takes.
//
// cancel_.typed is not_deferred, call_deferred or call_unbegun. Only the provider writes it after the start, and only
// while it has the CANCELING hold. So the provider may read it as long as the operation is pending.
//
// deferred_ is the program's cancel function. The thread that calls the function takes it out of deferred_, so that it
// is called once. After that the provider may defer again, in the call or later; then all earlier requests are
// forgotten, and the next one calls the new function. A provider that defers again later knows that the function was
// called, so it does not touch deferred_ at the same time as that thread.
//
// Programs build timers from an operation that they defer without begin, so that defer has to begin it: their cancel
// function does the periodic work and defers again. When such an operation is canceled, the function does nothing, so a
// stop must not wait until the program ends the operation. For such an operation cancel_.typed is call_unbegun, and
// give_back withdraws it if the handle is stopped and the function has neither ended it nor deferred it again. As in
// NNG 1, a withdrawn operation has no callback. A provider that finishes it later completes an operation that was never
// started. So there is one callback, whether the withdrawal or the finish comes first.
//
// The thread that calls the function may do so while the provider is still inside defer and arms the timer. If the
// function then defers again, there is still only one STARTING hold, which belongs to the first of the two defers.
//
// Invariants:
//  1. A thread that ends the CANCELING hold while the operation has accepted types does that under the lock of the
//     handle's parking bucket. Otherwise the handle could be gone before the requesting thread has stored the reason
//     (Operation::accept_first). So call_deferred always returns false; it has acknowledged the types, which are not
//     taken back.
#include <algorithm>
#include <new>

#include "aio/aio.h"
#include "aio/operation_start.h"
#include "aio/operation_transitions.h"
#include "base/assert.h"
#include "base/probe.h"
#include "time/timer.h"

namespace naio {

namespace {

// The timer uses the ticks before this one for other purposes (Timer::kImmediately, Timer::kSoon).
constexpr Nanoseconds kFirstDeadline = 2 * Timer::kSoon;

// cancel_.typed while the provider has the CANCELING hold. So the library never calls it.
bool not_deferred(Aio*, void*, Types, nng_err) noexcept { return true; }

}  // namespace

bool Operation::refuses_quietly() noexcept {
    if (!refuses_starts()) return false;
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    skips_ = false;
    reset();
    result_ = NNG_ECANCELED;
    forget_deadlines();
    return true;
}

bool Operation::begin_nng1() noexcept {
    if (refuses_quietly() || !prepare(nullptr, Limit{})) return false;
    cancel_.typed = not_deferred;
    new (&deferred_) Atomic<Nng1Cancel>(nullptr);
    const State::Terms terms{.guarantee = kTerminal, .typed = true, .canceling = true};
    if (begin(terms.bits(), Limit{}).in_flight) [[likely]]
        return true;
    result_ = NNG_ECANCELED;  // another thread has stopped the handle in this call
    return false;
}

void Operation::defer_nng1(Nng1Cancel cancel_function, void* argument, const Limit& limit, bool begins) noexcept {
    const bool first = undeferred(state_.load(std::memory_order_relaxed));
    if (deferred_.load(std::memory_order_relaxed) != nullptr) [[unlikely]]
        misused("nng_aio_defer", "the operation is deferred already");
    const Nanoseconds deadline = cancel_function != nullptr ? std::max(limit.deadline, kFirstDeadline) : kNever;
    cancel_argument_.set(argument);
    if (first) cancel_.typed = begins ? call_unbegun : call_deferred;
    const Types guarantee = cancel_function != nullptr || unbegun() ? kTerminal : 0;
    if (begins) result_ = NNG_ECANCELED;  // the result if the operation is withdrawn
    deferred_.store(cancel_function, std::memory_order_relaxed);
    expiry_.store(limit.expiry, std::memory_order_relaxed);
    deadline_.store(deadline, std::memory_order_relaxed);
    const State::Deferral deferral = give_deferred(guarantee, first, deadline);
    if (!deferral.call && !deferral.arms) return;  // the handle may be gone
    // For a call the timer examines the entry soon, and links it at the deadline after that (rearm).
    if (deferral.call)
        arm(Timer::kSoon);
    else if (!timer().leads_to(deadline))
        arm(deadline);
    end_defer();
}

// Ends the STARTING hold. If another thread has deferred the operation again during the hold, it has left arming the
// timer to this thread. The exchange acquires the deadline of that defer.
void Operation::end_defer() noexcept {
    for (;;) {
        const State::Armed next = take([](State state) { return state.armed(); });
        if (!next.again) return follow(next.step);
        const Nanoseconds deadline = deadline_.load(std::memory_order_relaxed);
        if (deadline != kNever) arm(deadline);
    }
}

// Installs the deferral. The exchange releases the function, its argument and the deadline to the thread that calls the
// function and to the timer. As that of a start, it is seq_cst, and the link is read after it (admit). Installs nothing
// if the operation is withdrawn: a provider that defers again may be late.
State::Deferral Operation::give_deferred(Types guarantee, bool first, Nanoseconds deadline) noexcept {
    State seen = state_.load(std::memory_order_relaxed);
    State::Deferral deferral;
    const auto try_once = [&] {
        if (!seen.pending()) [[unlikely]] {
            if (seen.refuses_starts() && seen.typed() && unbegun() && !NAIO_FAULT(late_defer_is_misuse)) return true;
            misused("no operation is in flight");
        }
        const bool arms = deadline != kNever && (!seen.timer_armed() || !timer().leads_to(deadline));
        deferral = seen.defer(guarantee, first, arms);
        return install(seen, deferral.state);
    };
    while (!first || seen.accepted() == 0)
        if (try_once()) return deferral;
    services_.parking.locked(this, [&] {
        while (!try_once()) {
        }
    });
    return deferral;
}

void Operation::finish_nng1(nng_err error) noexcept {
    State seen = state_.load(std::memory_order_relaxed);
    if (seen.pending() && seen.typed() && unbegun()) return finish_unbegun(error);
    if (!undeferred(seen)) return finish({error, count_});
    decide({error, count_});
    forget_deadlines();
    NAIO_ASSERT(is_up());
    NAIO_EVENT(finish, kFinish, this, end_detail(0));
    while (seen.accepted() == 0) {
        const Step step = seen.finish_begun();
        if (step.wake ? install_and_wake(seen, step.state) : install(seen, step.state)) return follow(step);
    }
    follow(take_under_lock([](State state) { return state.finish_begun(); }));
}

// Ends an operation that defer has begun. Another thread may withdraw it at the same time.
void Operation::finish_unbegun(nng_err error) noexcept {
    decide({error, count_});
    NAIO_ASSERT(is_up());
    NAIO_EVENT(finish, kFinish, this, end_detail(0));
    const Step step = take([this](State state) {
        if (state.pending()) return state.finish();
        require_none_in_flight(state);
        return state.complete();
    });
    report_busy(step);
    follow(step);
}

// True if the operation in flight has begun with begin_nng1 and was not deferred. The provider calls this.
bool Operation::undeferred(State state) const noexcept {
    return state.pending() && state.typed() && cancel_.typed == not_deferred;
}

// True if defer has begun the latest operation. The provider or the thread with the CANCELING hold calls this.
// REQUIRES: the operation is typed.
bool Operation::unbegun() const noexcept { return cancel_.typed == call_unbegun; }

// Calls the program's function, unless it was called already. NNG 1 has no NNG_ESTOPPED: an operation on an aio that
// is freed gets NNG_ECLOSED. A function that defers again has forgotten all requests. If one of them was a stop, this
// calls the new function for it, once: after that only the provider ends the operation. The argument is read after
// acknowledge, which acquires the exchange of such a defer.
bool Operation::call_deferred(Aio* aio, void*, Types, nng_err reason) noexcept {
    Operation& operation = *aio;
    const auto call = [&](nng_err why) {
        const Nng1Cancel function = operation.deferred_.exchange(nullptr, std::memory_order_relaxed);
        operation.acknowledge(0);
        if (function != nullptr) function(aio, operation.cancel_argument_.get(), why);
    };
    call(reason == NNG_ESTOPPED ? NNG_ECLOSED : reason);
    const State seen = operation.state_.load(std::memory_order_relaxed);
    if (seen.pending() && seen.refuses_starts() && seen.acknowledged() == 0) call(NNG_ECANCELED);
    return false;
}

// As call_deferred, for an operation that defer has begun.
bool Operation::call_unbegun(Aio* aio, void* argument, Types types, nng_err reason) noexcept {
    call_deferred(aio, argument, types, reason);
    const State seen = static_cast<Operation*>(aio)->state_.load(std::memory_order_relaxed);
    if (seen.pending() && seen.refuses_starts()) NAIO_EVENT(finish, kSkip, aio, 0);
    return false;
}

// Ends the CANCELING hold after call_unbegun.
State::Returned Operation::give_back_unbegun() noexcept {
    return take_under_lock([](State state) { return state.returned_unbegun(); });
}

}  // namespace naio
