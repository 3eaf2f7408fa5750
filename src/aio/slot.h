// naio_slot: receives requests, and passes them on to the operations whose handles are bound to it.
//
// A plain slot has one target: the handle that was bound or started last, or a function. A scope has any number of
// targets, remembers the types that were requested, and refuses operations that start later. Any thread may call any
// member.
//
// An emission has two parts. Under the slot's lock it requests the types of every target; a target whose cancel
// function has to be called gets the CANCELING hold, which keeps the handle alive. Then the emission calls these cancel
// functions one after the other, with no lock held. If another emission is making its calls already (SlotUses), that
// one makes the calls of both. So an emission that a cancel function makes does not recurse.
//
// Invariants:
//  1. A target is in the slot's list from bind until it is bound to another slot or destroyed. A plain slot drops it
//     when another target or a function replaces it, and adds it again when the target starts an operation.
//  2. A handle starts under the lock of a scope: either the start sees the remembered types, or the emission sees the
//     handle PENDING. The target of a plain slot, which remembers nothing, starts without the lock.
//  3. An emission claims the targets whose cancel function has to be called. The function of a target is called once
//     for each claim, even if another target has replaced this one.
//  4. An emission to a plain slot without a target and without a function only loads receiver_. If another thread
//     gives the slot a target or a function at the same time, the emission comes before that.
//  5. The only other lock that a thread takes while it holds the slot's lock is that of a bucket of the parking lot,
//     for a transition of a handle's state or for its reason.
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <cstdint>
#include <utility>

#include "aio/reason.h"
#include "aio/slot_uses.h"
#include "aio/state.h"
#include "base/allocator.h"
#include "base/atomic.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/order.h"
#include "exec/thread.h"

struct naio_slot;

namespace naio {

class Operation;
using Slot = ::naio_slot;

// An operation's link to the slot that its handle is bound to: a base of Operation.
struct SlotTarget : ListNode {
    Atomic<Slot*> slot{nullptr};         // the owner reads and writes it; a dump reads it at any time
    SlotTarget* next_claimed = nullptr;  // the slot's lock guards this and the following members
    std::uint8_t claimed = 0;            // the types to call the cancel function with; as next_claimed and accepted,
                                         // also read by the thread that makes the call (CANCELING)
    std::uint8_t accepted = 0;           // the emitted types that the target accepts
    std::uint8_t filter = 0;             // the types that are passed on; changes only while no operation is in flight
};

}  // namespace naio

struct naio_slot {
  public:
    using Handler = bool (*)(void* argument, std::uint32_t types);

    enum class Kind : std::uint8_t { kPlain, kScope };

    // Creates a slot. Returns nullptr if there is no memory. The caller has the first reference.
    [[nodiscard]] static naio_slot* create(const naio::Allocator& allocator, Kind kind) noexcept;
    void retain() noexcept { uses_.retain(); }
    void release() noexcept;

    // False if an emission has no effect. Store-load pair: a program sets a flag of its own and then emits; another
    // thread gives the slot a target or a function (receive), starts an operation (Operation::admit), and then reads
    // the flag. The load and the stores are seq_cst; otherwise the emission could miss the operation, and the other
    // thread the flag, and no thread would end the operation.
    [[nodiscard]] bool has_receiver() const noexcept {
        return receiver_.load(NAIO_ORDER(slot_receiver, seq_cst)) != nullptr;
    }
    // Requests the types of all targets. The types in `lasting` become sticky in the targets, and a scope remembers
    // them. True if a target accepts, or if another emission makes the calls of this one. The last two arguments are
    // for a handle's own slot. `own_types`: the types that the handle's operation requests by itself, and not because
    // it has accepted a request. `asked`, if not nullptr, is that operation: only the types that it has accepted, and
    // has not cleared after that, are requested.
    bool emit(naio::Types types, naio::Types lasting, naio::Reason reason, naio::Types own_types = 0,
              const naio::Operation* asked = nullptr) noexcept {
        return has_receiver() && emit_to_receivers(types, lasting, reason, own_types, asked);
    }

    // As emit with `types` three times, but only if this calls no function of the program: all targets' operations in
    // flight are the library's own (Cancellation), and no function is assigned. Otherwise false, without an effect.
    // This makes its calls itself, even during another emission, and makes no calls of another emission. So a thread
    // that holds a lock of the program may call this. REQUIRES: the caller keeps the slot alive.
    [[nodiscard]] bool emit_to_own(naio::Types types, naio::Reason reason) noexcept;

    [[nodiscard]] bool is_scope() const noexcept { return kind_ == Kind::kScope; }
    // True if the slot remembers one of the types. The acquire pairs with the release in remember; otherwise the caller
    // could see the request, but not what the requesting thread has written before.
    [[nodiscard]] bool remembers(naio::Types types) const noexcept {
        return (remembered_.load(NAIO_ORDER(slot_remembers, acquire)) & types) != 0;
    }
    [[nodiscard]] nng_err reason() noexcept;
    // For a handle's own slot. remember_accepted remembers the types that the operation has accepted. forget_cleared
    // forgets the given types, except those that the operation has accepted again.
    void remember_accepted(const naio::Operation& own) noexcept;
    void forget_cleared(naio::Types types, const naio::Operation& own) noexcept;
    // Calls `give_back`, which takes a transition of the operation's state, and forgets the types that this transition
    // declines, both under the lock. Does not forget types that are sticky or accepted, or that the operation has
    // requested by itself.
    template <class GiveBack>
    [[nodiscard]] naio::State::Returned forget_declined(GiveBack give_back) noexcept {
        retain();  // the handle may be gone after give_back
        naio::State::Returned returned;
        {
            naio::Lock lock(mutex_);
            returned = give_back();
            const naio::State state = returned.step.state;
            keep_remembered(~returned.declined | state.sticky() | state.accepted() | own_types_);
        }
        release();
        return returned;
    }
    void forget_all() noexcept;

    void bind(naio::SlotTarget& target, naio::Types filter) noexcept;
    static void unbind(naio::SlotTarget& target) noexcept;

    // Starts an operation on a target. `start` installs PENDING and returns NNG_OK, or returns the reason why it does
    // not. If the slot remembers a type that the target's filter passes on, this sets `refused` to true and returns the
    // reason of the remembered request, without a call of `start`.
    template <class Start>
    [[nodiscard]] nng_err admit(naio::SlotTarget& target, bool& refused, Start start) noexcept {
        // If another thread replaces the target at the same time, the start comes before that.
        if (receiver_.load(std::memory_order_relaxed) == &target) return start();
        naio::Lock lock(mutex_);
        refused = (remembered() & target.filter) != 0;
        if (refused) return reason_;
        const nng_err error = start();
        if (error == NNG_OK && kind_ == Kind::kPlain) aim_at(target);
        return error;
    }

    // Sets the function that an emission calls; nullptr: none. In a plain slot the function replaces the target. In a
    // scope it is called in addition to the targets, at first with the remembered types. When this returns, the
    // previous function does not run on another thread, and is not called again.
    void assign(Handler handler, void* argument) noexcept;

  private:
    friend class naio::Allocator;
    naio_slot(const naio::Allocator& allocator, Kind kind) noexcept
        : allocator_(allocator), kind_(kind), receiver_(kind == Kind::kScope ? this : nullptr) {}

    // Targets whose cancel functions have to be called.
    struct Claims {
        naio::SlotTarget* first = nullptr;
        naio::SlotTarget* last = nullptr;

        void push(naio::SlotTarget& target) noexcept {
            target.next_claimed = nullptr;
            (first == nullptr ? first : last->next_claimed) = &target;
            last = &target;
        }
        naio::SlotTarget* pop() noexcept { return std::exchange(first, first->next_claimed); }
        void take(Claims& other) noexcept {
            if (other.first == nullptr) return;
            (first == nullptr ? first : last->next_claimed) = other.first;
            last = other.last;
            other.first = nullptr;
        }
    };

    void receive(const void* receiver) noexcept NAIO_REQUIRES(mutex_);
    bool emit_to_receivers(naio::Types types, naio::Types lasting, naio::Reason reason, naio::Types own_types,
                           const naio::Operation* asked) noexcept;

    [[nodiscard]] bool targets_are_own() noexcept NAIO_REQUIRES(mutex_);
    bool claim_targets(naio::Types types, naio::Types lasting, naio::Reason reason, Claims& to) noexcept
        NAIO_REQUIRES(mutex_);
    [[nodiscard]] static bool call_claimed(Claims& claims) noexcept;
    [[nodiscard]] bool call_rest() noexcept;
    [[nodiscard]] bool end_calls() noexcept;
    bool call_handler() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] naio::Types remembered() const noexcept { return remembered_.load(std::memory_order_relaxed); }
    void remember(naio::Types types, naio::Reason reason) noexcept NAIO_REQUIRES(mutex_);
    void keep_remembered(naio::Types types) noexcept NAIO_REQUIRES(mutex_) {
        remembered_.store(remembered() & types, std::memory_order_relaxed);
    }
    void aim_at(naio::SlotTarget& target) noexcept NAIO_REQUIRES(mutex_);
    void unlink_targets() noexcept NAIO_REQUIRES(mutex_);

    const naio::Allocator& allocator_;
    naio::SlotUses uses_;
    const Kind kind_;
    // In a plain slot: the target, the slot itself if it has a function, or nullptr; written under the lock. In a
    // scope: the scope.
    naio::Atomic<const void*> receiver_;
    naio::Atomic<naio::Types> remembered_{0};  // written under the lock

    naio::Mutex mutex_;
    naio::Types own_types_ NAIO_GUARDED_BY(mutex_) = 0;  // the remembered types that were own types of an emit
    nng_err reason_ NAIO_GUARDED_BY(mutex_) = NNG_OK;    // the reason of the first remembered request
    naio::List<naio::SlotTarget> targets_ NAIO_GUARDED_BY(mutex_);
    Claims claimed_ NAIO_GUARDED_BY(mutex_);  // the targets that other emissions have left to the one that makes calls

    Handler handler_ NAIO_GUARDED_BY(mutex_) = nullptr;
    void* handler_argument_ NAIO_GUARDED_BY(mutex_) = nullptr;
    naio::Types handler_types_ NAIO_GUARDED_BY(mutex_) = 0;        // the types to call handler_ with; 0: no call is due
    naio::Thread::Id handler_thread_ NAIO_GUARDED_BY(mutex_) = 0;  // the thread that is calling handler_; 0: none
    naio::Condition handler_returned_;
};
