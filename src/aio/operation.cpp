#include "aio/operation.h"

#include "aio/operation_transitions.h"
#include "time/timer.h"

namespace naio {

namespace {

constexpr State new_state(Operation::Callback callback, Operation::Delivery delivery, bool closed) noexcept {
    const bool runs_inline = delivery == Operation::Delivery::kInline;
    State::Bits flags = closed ? State::kClosed : State::Bits{0};
    if (callback == nullptr || runs_inline) flags |= State::kNoCallback;
    if (runs_inline) flags |= State::kInlineCallback;
    return State(flags);
}

}  // namespace

Operation::Operation(Services& services, Callback callback, void* argument, Delivery delivery, void* home,
                     bool closed) noexcept
    : CheckedOperation(run, new_state(callback, delivery, closed), services, callback, argument, home) {}

Operation::~Operation() {
    if (timer().armed.load(std::memory_order_relaxed)) services_.timer.disarm(timer());
    if (linked_.load(std::memory_order_relaxed)) {
        Slot::unbind(target());
        if (Slot* own = own_slot_.load(std::memory_order_relaxed)) own->release();
    }
    if (CompletionQueue* const queue = this->queue()) queue->release();
}

[[gnu::noinline]] bool Operation::install_and_wake(State& seen, State next) noexcept {
    if (NAIO_FAULT(wake_up_is_a_second_step)) {
        ParkingLot& parking = services_.parking;
        return install(seen, next) && parking.wake_all_if(this, [] { return true; });
    }
    return services_.parking.wake_all_if(this, [&] { return install(seen, next); });
}

[[gnu::noinline]] bool Operation::accept_under_lock(State& seen, State next, nng_err reason) noexcept {
    return services_.parking.locked(this, [&] { return accept_and_store(seen, next, reason); });
}

}  // namespace naio
