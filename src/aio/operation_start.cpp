// The start of an operation.
#include "aio/operation_start.h"

#include "base/probe.h"

namespace naio {

bool Operation::start(Types guarantee, nng_aio_cancelfn cancel_function, void* argument, const Limit& limit) noexcept {
    return start_plain(guarantee, cancel_function, argument, limit);
}

bool Operation::start(const Cancellation& cancellation, const Limit& limit) noexcept {
    return begun(try_start(cancellation, limit));
}

Started Operation::try_start(const Cancellation& cancellation, const Limit& limit) noexcept {
    return start_typed(cancellation, limit);
}

// Starts the operation under the lock of the slot that the handle is bound to. Returns NNG_OK if the operation has
// begun, otherwise the reason why it has not. Sets `by_scope` if it returns the reason of a request that the scope
// remembers.
nng_err Operation::admit_linked(State::Bits terms, Limit limit, bool& arms, bool& by_scope) noexcept {
    if (Slot* own = own_slot_.load(std::memory_order_relaxed)) own->forget_all();
    // If the handle is stopped, the start is refused with NNG_ESTOPPED, whatever its scope remembers.
    const bool stopped = state_.load(std::memory_order_relaxed).refuses_starts();
    Slot* slot = stopped ? nullptr : bound_slot();
    const auto start = [&] { return admit(terms, limit, arms); };
    if (NAIO_FAULT(start_beside_the_scope) && slot != nullptr && !slot->remembers(target().filter)) return start();
    return slot != nullptr ? slot->admit(target(), by_scope, start) : start();
}

// The acquire pairs with the exchange that stopped or closed the handle; otherwise the caller could see the stop, but
// not what the stopping thread has written before.
bool Operation::refuses_starts() const noexcept { return state_.load(NAIO_ORDER(refuses, acquire)).refuses_starts(); }

bool Operation::refuses() const noexcept {
    if (refuses_starts()) return true;
    return bound_slot() != nullptr && bound_slot()->remembers(target().filter);
}

bool Operation::attempt() noexcept {
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    if (refuses()) return false;
    reset();
    return true;
}

bool Operation::attempt_or_report() noexcept {
    if (attempt()) return true;
    forget_deadlines();
    return start(Cancellation{.guarantee = 0}, Limit{});
}

void Operation::refuse(nng_err error) noexcept {
    NAIO_ASSERT(is_up());
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    skips_ = false;
    reset();
    report({.refused = true, .result = error});
}

void Operation::report(Started start, Types guarantee) noexcept {
    result_ = start.result;
    NAIO_EVENT(finish, kFinish, this, end_detail(1));
    reason_.store(start.result, std::memory_order_relaxed);
    const Step step = take([&](State state) {
        require_none_in_flight(state);
        return state.refuse(start.expired, guarantee);
    });
    report_busy(step);
    follow(step);
}

}  // namespace naio
