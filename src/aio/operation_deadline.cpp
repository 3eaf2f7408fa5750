// The deadline of an operation, and the reaper. The timer's thread calls examine and expire for both.
#include "aio/operation_transitions.h"
#include "time/timer.h"

namespace naio {

void Operation::limit(nng_time time) noexcept {
    const Nanoseconds deadline = from_milliseconds(time);
    Nanoseconds earliest = limit_.load(std::memory_order_relaxed);
    if (NAIO_FAULT(later_limit_replaces_earlier)) limit_.store(deadline, std::memory_order_relaxed);
    while (deadline < earliest && !limit_.compare_exchange_weak(earliest, deadline, std::memory_order_relaxed)) {
    }
    limited_.store(true, NAIO_ORDER(limit_set, release));  // pairs with the acquire in take_shortened: see there
}

void Operation::arm(Nanoseconds deadline) noexcept {
    timer().armed.store(true, std::memory_order_relaxed);
    services_.timer.arm(timer(), deadline);
}

// Arms the timer for the deadline again, because a permit may have armed the entry at kSoon instead.
void Operation::rearm() noexcept {
    const Nanoseconds deadline = deadline_.load(std::memory_order_relaxed);
    if (deadline != kNever && !state_.load(std::memory_order_relaxed).expired()) arm(deadline);
}

nng_err Operation::expiry_result() const noexcept {
    return (expiry_.load(std::memory_order_relaxed) & Limit::kSucceeds) != 0 ? NNG_OK : NNG_ETIMEDOUT;
}

Nanoseconds Operation::examine(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept {
    Operation& operation = of(entry);
    State::Request request;
    // Only reap arms the entry at kImmediately. An entry that was armed at kSoon does not reap a REAPING handle,
    // because the thread in reap may not have armed the entry yet. TIMER_ARMED may stay set: the handle is STOPPED, so
    // no start reads it.
    if (at == Timer::kImmediately) {
        operation.timer().claimed = OperationTimer::kReap;
        return Timer::kExpireAlone;
    }
    if (at == Timer::kSoon)
        request = operation.ask([](State) { return NNG_OK; }, [](State state) { return state.examined().remind(); });
    Nanoseconds later = kNever;
    if (request.call == 0) {
        // If deadline_ already belongs to a later operation, the state has changed, too, and the exchange fails.
        request = operation.ask([&](State) { return operation.expiry_result(); },
                                [&](State seen) {
                                    const State state = seen.examined();
                                    later = kNever;
                                    if (NAIO_FAULT(idle_handle_stays_armed) && !state.can_expire())
                                        return State::Request{State(state.bits() | State::kTimerArmed)};
                                    if (!state.can_expire()) return State::Request{state};
                                    const Nanoseconds deadline = operation.deadline_.load(std::memory_order_relaxed);
                                    if (deadline > now && !NAIO_FAULT(timer_ends_the_next_operation)) {
                                        later = deadline;
                                        return State::Request{state};
                                    }
                                    const Types types = operation.expiry_.load(std::memory_order_relaxed) & kAllTypes;
                                    return state.expire(types);
                                });
    }
    operation.timer().claimed = static_cast<std::uint8_t>(request.call);
    if (request.call == 0) {
        if (request.state.unwatched()) operation.watch_unwatched();
        return later;
    }
    // Only the library's sleeps succeed when their deadline passes. Their cancel function only finishes them: it calls
    // no function of the program, as kExpire demands.
    return operation.expiry_result() == NNG_OK ? Timer::kExpire : Timer::kExpireAlone;
}

void Operation::expire(TimerEntry& entry) noexcept {
    Operation& operation = of(entry);
    const Types claimed = operation.timer().claimed;
    if (claimed != OperationTimer::kReap) {
        if (!NAIO_FAULT(reminder_replaces_the_deadline)) operation.rearm();
        operation.end_claimed(claimed);
        return;
    }
    Types types = operation.claim_stopped();
    // A permit may have armed the entry at kSoon before reap armed it at kImmediately. If so, this thread now delivers
    // the types that the permit has accepted.
    if (types == 0 && !NAIO_FAULT(reaper_replaces_the_reminder))
        types = operation.ask([](State) { return NNG_OK; }, [](State state) { return state.remind(); }).call;
    if (types != 0) operation.end_claimed(types);
    operation.follow(operation.take([](State state) { return state.reaped(); }));
}

}  // namespace naio
