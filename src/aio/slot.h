// naio_slot: receives requests for the operations that are bound to it.
//
// A plain slot has one target, the handle that was bound or started last, or a function. A scope has any number, and
// remembers what was requested: operations that start later are refused. Any thread may call anything.
//
// An emission decides under the slot's lock: each target that accepts gets its CANCELING hold there, which keeps it
// alive. Then it calls, with no lock held, one target after the other. An emission that meets another one under way
// leaves its calls to that one. So an emission from within a cancel function does not recurse.
//
// Invariants:
//  1. A target is linked from bind (a plain slot: also from start) until it is bound elsewhere or destroyed. In a plain
//     slot, another target or a function may also replace it.
//  2. A handle starts under the lock: either it sees what is remembered, or the emission sees it PENDING.
//  3. Targets to be called are claimed: each is called once for each claim, even if another target has replaced it.
//  4. A thread that holds the lock takes no other one but a bucket of the parking lot, for transitions of a handle's
//     state and for its reason.
#pragma once

#include <nng/nng.h>

#include <cstdint>

#include "aio/reason.h"
#include "aio/state.h"
#include "base/allocator.h"
#include "base/atomic.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/ref.h"
#include "exec/thread.h"

struct naio_slot;

namespace naio {

class Operation;
using Slot = ::naio_slot;

// An operation's link to the slot that its handle is bound to: a base of Operation.
struct SlotTarget : ListNode {
    Atomic<Slot*> slot{nullptr};         // the owner reads and writes it; a dump reads it at any time
    SlotTarget* next_claimed = nullptr;  // guarded by the slot's lock, as is what follows
    std::uint8_t claimed = 0;            // the types to call the cancel function with
    std::uint8_t accepted = 0;           // the emitted types that the target accepts
    std::uint8_t filter = 0;             // the types that get through; changes only while no operation is in flight
};

}  // namespace naio

struct naio_slot {
  public:
    using Handler = bool (*)(void* argument, std::uint32_t types);

    enum class Kind : std::uint8_t { kPlain, kScope };

    // Returns nullptr if there is no memory. The caller has the first reference.
    [[nodiscard]] static naio_slot* create(const naio::Allocator& allocator, Kind kind) noexcept;
    void retain() noexcept { references_.retain(); }
    void release() noexcept;

    // Requests the types of all targets. The types in `lasting` are sticky there, and a scope remembers them. True if a
    // target accepts, or is left to another emission that is under way. For the own slot of a handle: `own_types` are
    // those of the types that the operation on the handle requests by itself, and not because a request to it was
    // accepted. With `asked`, requests only those of the types that this operation has accepted and not cleared since.
    bool emit(naio::Types types, naio::Types lasting, naio::Reason reason, naio::Types own_types = 0,
              const naio::Operation* asked = nullptr) noexcept;

    [[nodiscard]] bool is_scope() const noexcept { return kind_ == Kind::kScope; }
    [[nodiscard]] bool remembers(naio::Types types) noexcept;
    [[nodiscard]] nng_err reason() noexcept;
    // For the own slot of a handle. remember_accepted remembers the types that the operation has accepted.
    // forget_cleared forgets those of the types that the operation does not accept now.
    void remember_accepted(const naio::Operation& own) noexcept;
    void forget_cleared(naio::Types types, const naio::Operation& own) noexcept;
    // Takes the step `give_back`. In one step with it, forgets the types that it declines, except those that are sticky
    // or accepted, or that the operation has requested by itself.
    template <class GiveBack>
    [[nodiscard]] naio::State::Returned forget_declined(GiveBack give_back) noexcept {
        retain();  // the handle may be gone afterwards
        naio::State::Returned returned;
        {
            naio::Lock lock(mutex_);
            returned = give_back();
            const naio::State state = returned.step.state;
            remembered_ &= ~returned.declined | state.sticky() | state.accepted() | own_types_;
        }
        release();
        return returned;
    }
    void forget_all() noexcept;

    void bind(naio::SlotTarget& target, naio::Types filter) noexcept;
    static void unbind(naio::SlotTarget& target) noexcept;

    // Starts an operation on a target. `start` installs PENDING and returns NNG_OK, or the reason why it does not. If
    // the slot remembers a request that gets through, sets `refused`, and returns that request's reason without a call
    // of `start`.
    template <class Start>
    [[nodiscard]] nng_err admit(naio::SlotTarget& target, bool& refused, Start start) noexcept {
        naio::Lock lock(mutex_);
        refused = (remembered_ & target.filter) != 0;
        if (refused) return reason_;
        const nng_err error = start();
        if (error == NNG_OK && kind_ == Kind::kPlain) aim_at(target);
        return error;
    }

    // Sets the function that an emission calls instead of targets (in a scope: besides them), or none for nullptr. When
    // this returns, the function before does not run on another thread, and will not run again.
    void assign(Handler handler, void* argument) noexcept;

  private:
    friend class naio::Allocator;
    naio_slot(const naio::Allocator& allocator, Kind kind) noexcept : allocator_(allocator), kind_(kind) {}

    bool claim_targets(naio::Types types, naio::Types lasting, naio::Reason reason, unsigned& claims) noexcept
        NAIO_REQUIRES(mutex_);
    bool call_claimed(unsigned own) noexcept NAIO_REQUIRES(mutex_);
    bool call_target(naio::SlotTarget& target) noexcept NAIO_REQUIRES(mutex_);
    bool call_handler() noexcept NAIO_REQUIRES(mutex_);
    void remember(naio::Types types, naio::Reason reason) noexcept NAIO_REQUIRES(mutex_);
    void aim_at(naio::SlotTarget& target) noexcept NAIO_REQUIRES(mutex_);
    void unlink_targets() noexcept NAIO_REQUIRES(mutex_);

    const naio::Allocator& allocator_;
    naio::ReferenceCount references_;
    const Kind kind_;

    naio::Mutex mutex_;
    bool calling_ NAIO_GUARDED_BY(mutex_) = false;  // an emission is calling the claimed targets
    naio::Types remembered_ NAIO_GUARDED_BY(mutex_) = 0;
    naio::Types own_types_ NAIO_GUARDED_BY(mutex_) = 0;  // of these: requested by the operation itself, see emit
    nng_err reason_ NAIO_GUARDED_BY(mutex_) = NNG_OK;    // of the first request that is remembered
    naio::List<naio::SlotTarget> targets_ NAIO_GUARDED_BY(mutex_);
    naio::SlotTarget* first_claimed_ NAIO_GUARDED_BY(mutex_) = nullptr;
    naio::SlotTarget* last_claimed_ NAIO_GUARDED_BY(mutex_) = nullptr;

    Handler handler_ NAIO_GUARDED_BY(mutex_) = nullptr;
    void* handler_argument_ NAIO_GUARDED_BY(mutex_) = nullptr;
    naio::Types handler_types_ NAIO_GUARDED_BY(mutex_) = 0;        // to call it with
    naio::Thread::Id handler_thread_ NAIO_GUARDED_BY(mutex_) = 0;  // the thread that is inside, if there is one
    naio::Condition handler_returned_;
};
