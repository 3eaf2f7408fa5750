// Requests to end an operation: the functions for threads that make a request, those for the provider, and those for
// the slots that pass requests on to inner operations.
#include "aio/aio.h"
#include "aio/operation_transitions.h"
#include "time/timer.h"

namespace naio {

// `seen` is a state that the caller has loaded. The request may reach a later operation, which may be typed.
[[gnu::noinline]] bool Operation::cancel_plain(State seen, Types types, nng_err reason) noexcept {
    do {
        const State::Request request = seen.request_plain(types);
        if (request.call == 0) return request.accepted != 0;
        const nng_err why = seen.plain_of_program() ? reason : static_cast<nng_err>(Reason(reason));
        if (!accept_and_store(seen, request.state, why)) continue;
        end_plain();
        return true;
    } while (!seen.typed());
    return cancel_typed(seen, types, reason);
}

// As cancel_plain, for a state in which the operation is typed.
[[gnu::noinline]] bool Operation::cancel_typed(State seen, Types types, Reason reason) noexcept {
    const State::Request request = ask_from(
        seen, [&](State) { return reason; }, [&](State state) { return state.request(types, 0); });
    if (request.call == 0) return request.accepted != 0;
    const bool typed = request.state.typed();
    const Types declined = typed ? end_typed(request.call, request.state) : end_claimed(request.call);
    return (request.accepted & ~declined) != 0;
}

State::Request Operation::claim(Types types, Types lasting, Reason reason) noexcept {
    return ask([&](State) { return reason; }, [&](State state) { return state.request(types, lasting); });
}

// If the handle is closed already, its operation has been asked to end, and the types that it has not accepted are
// sticky: a later permit accepts them. So this has nothing to do.
Types Operation::claim_closed() noexcept {
    const bool closed = state_.load(std::memory_order_relaxed).closed();
    if (closed && !NAIO_FAULT(fini_asks_again_at_once)) return 0;
    return ask([](State) { return NNG_ESTOPPED; }, [](State state) { return state.stop(State::kClosed); }).call;
}

Types Operation::claim_stopped(nng_err reason) noexcept {
    return ask([reason](State) { return reason; }, [](State state) { return state.stop(State::kStopped); }).call;
}

Types Operation::end_claimed(Types types) noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    if (state.typed()) return end_typed(types, state);
    end_plain();
    return 0;
}

// Calls the cancel function of a plain operation, which cannot decline, and ends the CANCELING hold.
inline void Operation::end_plain() noexcept {
    {
        const CallOut from_here;
        cancel_.plain(&handle(), cancel_argument_.get(), reason_.load(std::memory_order_relaxed));
    }
    follow(take([](State state) { return state.let_go(State::kCanceling); }));
}

// Calls the cancel function of a typed operation, ends the CANCELING hold, and returns the types that the function has
// declined. `state`: one that this thread has seen since it has the hold.
inline Types Operation::end_typed(Types types, State state) noexcept {
    const bool took = call_cancel(types, state);
    return took && end_request() ? 0 : give_back(types, took);
}

inline bool Operation::call_cancel(Types types, State state) noexcept {
    const CallOut from_here;
    if (cancel_.typed != nullptr) return cancel_.typed(&handle(), cancel_argument_.get(), types, reason_of(state));
    forward_accepted(types, types);
    return true;
}

// Ends the CANCELING hold. False, without an effect, if there are undelivered types.
inline bool Operation::end_request() noexcept {
    State seen = state_.load(std::memory_order_relaxed);
    for (;;) {
        if (seen.undelivered() != 0) return false;
        const Step step = seen.let_go(State::kCanceling);
        if (step.wake ? install_and_wake(seen, step.state) : install(seen, step.state)) {
            follow_unlocked(step);
            return true;
        }
    }
}

// For a cancel function that was called with these types. Calls it again with the types that other threads have
// requested during the call, ends the CANCELING hold, and returns the types that the first call has declined.
[[gnu::noinline]] Types Operation::give_back(Types types, bool took) noexcept {
    Types declined = 0;
    for (bool first = true;; first = false) {
        const State::Returned returned =
            took ? take([&](State state) { return state.returned(types, true); }) : give_back_declined(types);
        if (first) declined = returned.declined;
        if (returned.again == 0 || NAIO_FAULT(requests_during_cancel_dropped)) {
            follow_unlocked(returned.step);
            return declined;
        }
        types = returned.again;
        took = call_cancel(types, returned.step.state);
    }
}

// Ends the CANCELING hold. In the same step, the handle's own slot forgets the types that the function has declined.
//
// If the handle has no slot of its own, another thread may be inside slot(), which makes a slot that remembers the
// accepted types. So this thread first takes back the acceptance of the declined types, while the CANCELING hold keeps
// the handle alive, and then loads the slot again. The transition and the load are seq_cst: either this thread sees the
// slot, or slot() sees that the types are not accepted any more. The acquire of the first load pairs with the exchange
// in slot(); otherwise this thread could use the slot before it sees that the slot is constructed.
State::Returned Operation::give_back_declined(Types types) noexcept {
    if (unbegun()) return give_back_unbegun();
    Slot* own = own_slot_.load(NAIO_ORDER(slot_declining, acquire));
    if (own != nullptr)
        return own->forget_declined([&] { return take([&](State state) { return state.returned(types, false); }); });
    const Types declined = take([&](State state) { return state.decline(types); }).declined;
    // After the decline, the operation may have accepted a request of another thread. That thread may store the reason
    // without a hold of its own. It has the lock from its transition to the store, so the hold here cannot end in
    // between.
    const auto let_go = [&] {
        const auto end = [](State state) { return state.returned(0, true); };
        State::Returned rest = NAIO_FAULT(let_go_overtakes_a_reason) ? take(end) : take_under_lock(end);
        rest.declined = declined;
        return rest;
    };
    own = own_slot_.load(NAIO_ORDER(slot_declined, seq_cst));
    return own != nullptr ? own->forget_declined(let_go) : let_go();
}

// ---- the provider's side

Types Operation::permit(Types guarantee) noexcept {
    const State::Answer answer = ask([this](State state) { return reason_of_sticky(state); },
                                     [&](State state) { return state.permit(guarantee); });
    // The provider may hold the lock that its cancel function takes, so the timer's thread calls that function.
    if (answer.call && !NAIO_FAULT(permit_reminds_no_timer)) arm(Timer::kSoon);
    return answer.accepted;
}

// Returns the reason of the sticky types.
nng_err Operation::reason_of_sticky(State state) noexcept {
    if (state.expired()) return expiry_result();
    if (state.refuses_starts()) return NNG_ESTOPPED;
    return bound_slot() != nullptr ? bound_slot()->reason() : NNG_ECANCELED;
}

void Operation::set_guarantee(Types guarantee) noexcept {
    update(state_, [guarantee](State state) { return state.with_guarantee(guarantee); });
}

// The acquire pairs with the exchange that accepted the request; otherwise the provider could see the request, but not
// what the requesting thread has written before.
Types Operation::cancelled() const noexcept {
    const State state = state_.load(NAIO_ORDER(cancelled, acquire));
    return state.pending() ? state.accepted() : 0;
}

Types Operation::acknowledge(Types clear) noexcept {
    // The NNG_OK is never stored: accepted types have a reason already.
    const State::Answer answer =
        ask([](State) { return NNG_OK; }, [&](State state) { return state.acknowledge(clear); });
    // Store-load pair with slot() (see install): otherwise the new slot could remember the cleared types.
    Slot* own = own_slot_.load(NAIO_ORDER(slot_acknowledged, seq_cst));
    if (own != nullptr && (clear & answer.accepted) != 0) own->forget_cleared(clear & answer.accepted, *this);
    return answer.accepted;
}

Types Operation::guarantee() const noexcept {
    // Relaxed, because only the provider calls this function, and only the provider changes the permitted types.
    return strongest(state_.load(std::memory_order_relaxed).permitted());
}

Types Operation::accepted() const noexcept {
    return state_.load(std::memory_order_relaxed).accepted();  // the slot's lock orders this load
}

Types Operation::sticky(Types types) const noexcept { return types & state_.load(std::memory_order_relaxed).sticky(); }

// ---- the reason and the outcome

// The acquire pairs with the exchange that accepted the request; otherwise the caller could see the reason, but not
// what the requesting thread has written before.
nng_err Operation::reason() const noexcept {
    const State state = state_.load(NAIO_ORDER(reason, acquire));
    return state.has_reason() ? reason_of(state) : NNG_OK;
}

// Returns the operation's reason. REQUIRES: the state has a reason.
inline nng_err Operation::reason_of(State state) const noexcept {
    const nng_err coded = state.coded_reason();
    return coded != NNG_OK ? coded : stored_reason(state);
}

[[gnu::noinline]] nng_err Operation::stored_reason(State state) const noexcept {
    const auto read = [this] { return reason_.load(std::memory_order_relaxed); };
    return !state.typed() ? read() : services_.parking.locked(this, read);
}

// REQUIRES: the caller may read the result. So the end of the operation happens before this call, and the load may be
// relaxed.
Types Operation::outcome() const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    const bool ended_by_request = result_ != NNG_OK && state.has_reason() && result_ == reason_of(state);
    return ended_by_request ? strongest(state.permitted()) : 0;
}

bool Operation::asked() const noexcept {
    const State state = state_.load(std::memory_order_relaxed);  // relaxed, as in outcome
    if (!state.has_reason()) return false;
    return !state.expired() || reason_of(state) != expiry_result();
}

// ---- slots

void Operation::bind_slot(Slot* slot, Types types) noexcept {
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    Slot* const before = bound_slot();
    if (before != nullptr) before->retain();  // `slot` may be `before`
    Slot::unbind(target());
    if (slot != nullptr) slot->bind(target(), types);
    if (slot != nullptr) linked_.store(true, std::memory_order_relaxed);
    if (before != nullptr) before->release();
}

// The two acquires pair with the exchange of the thread that has made the slot; otherwise the caller could use the slot
// before it sees that the slot is constructed. For the seq_cst exchange and the load of the state after it see install.
Slot* Operation::slot() noexcept {
    Slot* own = own_slot_.load(NAIO_ORDER(slot_found, acquire));
    if (own != nullptr) return own;
    Slot* made = Slot::create(services_.registry.allocator(), Slot::Kind::kScope);
    if (made == nullptr) return nullptr;
    linked_.store(true, std::memory_order_relaxed);
    if (!own_slot_.compare_exchange_strong(own, made, NAIO_ORDER(slot_made, seq_cst),
                                           NAIO_ORDER(slot_made_by_another, acquire))) {
        made->release();
        return own;
    }
    // From now on, forward_accepted passes accepted types on to the slot, and acknowledge passes on cleared ones. Types
    // that were accepted before must be remembered here.
    if (state_.load(NAIO_ORDER(slot_made_load, seq_cst)).pending() && !NAIO_FAULT(late_slot_misses_the_request))
        made->remember_accepted(*this);
    return made;
}

// The loads in forward and forward_accepted pair with the exchange in slot(): either this thread sees the slot, or
// slot() sees the accepted request. Otherwise the slot would miss the request (see install).
bool Operation::forward(Types types, Types lasting, Reason reason, Types own_types) noexcept {
    Slot* own = own_slot_.load(NAIO_ORDER(slot_forward, seq_cst));
    return own != nullptr && own->emit(types, lasting, reason, own_types);
}

bool Operation::forward_to_own(Types types, Reason reason) noexcept {
    return own_slot_.load(std::memory_order_relaxed)->emit_to_own(types, reason);
}

bool Operation::forward_accepted(Types types, Types lasting) noexcept {
    Slot* own = own_slot_.load(NAIO_ORDER(slot_forward_accepted, seq_cst));
    return own != nullptr && own->emit(types, lasting, reason(), 0, this);
}

}  // namespace naio
