#include "aio/slot.h"

#include <utility>

#include "aio/operation.h"
#include "base/fault.h"

using naio::Lock;
using naio::Reason;
using naio::SlotTarget;
using naio::Types;

naio_slot* naio_slot::create(const naio::Allocator& allocator, Kind kind) noexcept {
    return allocator.create<naio_slot>(allocator, kind);
}

void naio_slot::release() noexcept {
    if (uses_.release()) allocator_.destroy(this);
}

// ---- emission

bool naio_slot::emit_to_receivers(Types types, Types lasting, Reason reason, Types own_types,
                                  const naio::Operation* asked) noexcept {
    Claims claims;
    bool accepted = false, rest = false;
    {
        Lock lock(mutex_);
        if (asked != nullptr) types &= asked->accepted();
        lasting &= types;
        if (types == 0) return false;
        if (lasting != 0 && kind_ == Kind::kScope && !NAIO_FAULT(scope_remembers_nothing)) {
            remember(lasting, reason);
            if (!NAIO_FAULT(decline_forgets_all)) own_types_ |= lasting & own_types;
        }
        accepted = claim_targets(types, lasting, reason, claims);
        if (handler_ != nullptr) handler_types_ |= types;
        if (claims.first == nullptr && handler_ == nullptr) return accepted;
        if (!uses_.begin()) {
            claimed_.take(claims);
            return true;
        }
        if (claims.first == nullptr) accepted = call_handler() || accepted;
        rest = handler_types_ != 0;
    }
    // The functions that are called may release all other references to the slot.
    accepted = call_claimed(claims) || accepted;
    if (rest) accepted = call_rest() || accepted;
    while (!end_calls()) accepted = call_rest() || accepted;
    return accepted;
}

// The claimed targets are in a list of this emission (call_claimed).
bool naio_slot::emit_to_own(Types types, Reason reason) noexcept {
    Claims claims;
    {
        Lock lock(mutex_);
        if (!targets_are_own()) return false;
        if (types == 0) return true;
        if (!NAIO_FAULT(member_after_the_decision_is_not_refused)) remember(types, reason);
        own_types_ |= types;
        claim_targets(types, types, reason, claims);
    }
    static_cast<void>(call_claimed(claims));
    return true;
}

// True if an emission would call no function of the program. REQUIRES: the slot is a scope. So a target starts an
// operation only under the lock, and this stays true while the caller holds it.
bool naio_slot::targets_are_own() noexcept {
    if (NAIO_FAULT(group_asks_the_program_at_once)) return true;
    if (handler_ != nullptr) return false;
    for (SlotTarget* target = targets_.front(); target != nullptr; target = targets_.after(*target))
        if (!naio::Operation::of(*target).cancels_inside()) return false;
    return true;
}

// Requests the types of every target. If a target's cancel function has to be called, appends the target to `to`. True
// if at least one target accepts without a call of its cancel function.
bool naio_slot::claim_targets(Types types, Types lasting, Reason reason, Claims& to) noexcept {
    bool accepted = false;
    for (SlotTarget* target = targets_.front(); target != nullptr; target = targets_.after(*target)) {
        const Types wanted = types & target->filter;
        if (wanted == 0) continue;
        const naio::State::Request request = naio::Operation::of(*target).claim(wanted, lasting & wanted, reason);
        if (request.call == 0) {
            accepted = accepted || request.accepted != 0;
            continue;
        }
        target->claimed = static_cast<std::uint8_t>(request.call);
        target->accepted = static_cast<std::uint8_t>(request.accepted);
        to.push(*target);
    }
    return accepted;
}

// Calls the cancel functions of the claimed targets. True if one of them accepts. The CANCELING hold keeps each target
// alive until its cancel function has returned, and keeps other emissions from claiming it, so this reads its members
// without the lock.
bool naio_slot::call_claimed(Claims& claims) noexcept {
    bool accepted = false;
    while (claims.first != nullptr) {
        SlotTarget& target = *claims.pop();
        const Types claimed = target.claimed, accepts = target.accepted;
        const Types declined = naio::Operation::of(target).end_claimed(claimed);
        accepted = accepted || (accepts & ~declined) != 0;
    }
    return accepted;
}

// Makes the calls that other emissions have left to this thread, and calls the slot's own function if that is due. True
// if the slot's function accepts. REQUIRES: this thread has the right to make calls.
bool naio_slot::call_rest() noexcept {
    Claims claims;
    bool accepted = false;
    {
        Lock lock(mutex_);
        uses_.take_rest();
        claims.take(claimed_);
        if (handler_types_ != 0) accepted = call_handler();
    }
    static_cast<void>(call_claimed(claims));
    return accepted;
}

// Gives up the right to make calls, and a reference. False, without an effect, if calls were left to this thread.
bool naio_slot::end_calls() noexcept {
    const naio::SlotUses::End end = uses_.end();
    if (end == naio::SlotUses::End::kLast) allocator_.destroy(this);
    return end != naio::SlotUses::End::kRest;
}

bool naio_slot::call_handler() noexcept {
    const Types types = std::exchange(handler_types_, 0);
    const Handler handler = handler_;
    void* const argument = handler_argument_;
    handler_thread_ = naio::Thread::current();
    mutex_.unlock();
    const bool accepted = handler(argument, types) || NAIO_FAULT(handler_always_accepts);
    mutex_.lock();
    handler_thread_ = 0;
    if (!NAIO_FAULT(handler_returns_unnoticed)) handler_returned_.notify_all();
    return accepted;
}

void naio_slot::assign(Handler handler, void* argument) noexcept {
    retain();
    bool calls = false;
    {
        Lock lock(mutex_);
        if (kind_ == Kind::kPlain) unlink_targets();
        receive(handler != nullptr ? this : nullptr);
        handler_ = handler;
        handler_argument_ = argument;
        handler_types_ = handler != nullptr ? remembered() : 0;
        while (!NAIO_FAULT(clear_does_not_wait) && handler_thread_ != 0 && handler_thread_ != naio::Thread::current())
            handler_returned_.wait(mutex_);
        calls = handler_types_ != 0 && (uses_.begin() || NAIO_FAULT(assignment_beside_an_emission));
    }
    if (calls) {
        do static_cast<void>(call_rest());
        while (!end_calls());
    }
    release();
}

// ---- the remembered types

nng_err naio_slot::reason() noexcept {
    Lock lock(mutex_);
    return remembered() != 0 ? reason_ : NNG_ECANCELED;
}

// This function and emit read the operation's state under the lock. So if the operation accepts or clears types after
// this read, a later call of emit or forget_cleared updates the slot.
void naio_slot::remember_accepted(const naio::Operation& own) noexcept {
    Lock lock(mutex_);
    const Types accepted = own.accepted();
    if (accepted != 0) remember(accepted, own.reason());
}

void naio_slot::forget_cleared(Types types, const naio::Operation& own) noexcept {
    Lock lock(mutex_);
    keep_remembered(~types | (NAIO_FAULT(request_after_the_clearing_is_forgotten) ? 0 : own.accepted()));
    if (!NAIO_FAULT(cleared_request_stays_its_own)) own_types_ &= ~types;
}

void naio_slot::remember(Types types, Reason reason) noexcept {
    if (remembered() == 0 || NAIO_FAULT(later_reason_replaces_the_first)) reason_ = reason;
    remembered_.store(remembered() | types, NAIO_ORDER(slot_remember, release));
}

void naio_slot::forget_all() noexcept {
    Lock lock(mutex_);
    keep_remembered(0);
    if (!NAIO_FAULT(own_request_outlives_its_operation)) own_types_ = 0;
}

// ---- targets

void naio_slot::bind(SlotTarget& target, Types filter) noexcept {
    retain();
    Lock lock(mutex_);
    target.slot.store(this, std::memory_order_relaxed);
    if (NAIO_FAULT(slot_ignores_its_filter)) filter = naio::kAllTypes;
    target.filter = static_cast<std::uint8_t>(filter & naio::kAllTypes);
    if (kind_ == Kind::kPlain)
        aim_at(target);
    else
        targets_.push_back(target);
}

void naio_slot::unbind(SlotTarget& target) noexcept {
    naio_slot* slot = target.slot.load(std::memory_order_relaxed);
    if (slot == nullptr) return;
    target.slot.store(nullptr, std::memory_order_relaxed);
    {
        Lock lock(slot->mutex_);
        target.unlink();
        if (slot->receiver_.load(std::memory_order_relaxed) == &target) slot->receive(nullptr);
    }
    slot->release();
}

void naio_slot::aim_at(SlotTarget& target) noexcept {
    if (targets_.front() != &target) {
        unlink_targets();
        targets_.push_back(target);
    }
    handler_ = nullptr;
    if (!NAIO_FAULT(replaced_handler_is_called)) handler_types_ = 0;
    receive(&target);
}

void naio_slot::receive(const void* receiver) noexcept {
    if (kind_ == Kind::kScope) return;
    receiver_.store(receiver, NAIO_ORDER(slot_receive, seq_cst));  // pairs with the load in has_receiver
}

void naio_slot::unlink_targets() noexcept {
    while (targets_.pop_front() != nullptr) {
    }
}
