// The references to a slot, and the right to call functions for it. Both are in one atomic value, so that an emission
// that ends gives up its reference and the right in one step, without the slot's lock.
//
// Invariants:
//  1. At most one thread has the right. It has a reference, too.
//  2. A thread that leaves calls to the thread with the right sets kRest. So that thread cannot give up the right
//     before it has made these calls.
#pragma once

#include <cstdint>

#include "base/atomic.h"
#include "base/fault.h"
#include "base/order.h"

namespace naio {

class SlotUses {
  public:
    enum class End : std::uint8_t { kRest, kDone, kLast };

    // Adds a reference.
    void retain() noexcept { uses_.fetch_add(1, std::memory_order_relaxed); }
    // Gives up a reference. True if it was the last one; the caller then has to destroy the slot. For the order see
    // ReferenceCount::release.
    [[nodiscard]] bool release() noexcept { return uses_.fetch_sub(1, NAIO_ORDER(slot_release, acq_rel)) == 1; }

    // Takes the right and a reference. False if another thread has the right: that thread calls take_rest after this
    // call. The acquire pairs with the release in end; otherwise a function could miss what the function that was
    // called before it has written. REQUIRES: the caller holds the slot's lock.
    [[nodiscard]] bool begin() noexcept {
        std::uint32_t seen = uses_.load(std::memory_order_relaxed);
        while ((seen & kCalling) != 0 && !NAIO_FAULT(emission_beside_another)) {
            if (uses_.compare_exchange_weak(seen, seen | kRest, std::memory_order_relaxed)) return false;
        }
        uses_.fetch_add(kCalling + 1, NAIO_ORDER(slot_calls_begin, acquire));  // only a thread with the lock does this
        return true;
    }

    // For the thread with the right, before it makes the calls that were left to it. REQUIRES: it holds the slot's
    // lock.
    void take_rest() noexcept {
        if ((uses_.load(std::memory_order_relaxed) & kRest) != 0) uses_.fetch_sub(kRest, std::memory_order_relaxed);
    }

    // Gives up the right and a reference. kRest: does not, because calls were left to this thread. kLast: the reference
    // was the last one, and the caller has to destroy the slot. The order is that of release and of begin.
    [[nodiscard]] End end() noexcept {
        std::uint32_t seen = uses_.load(std::memory_order_relaxed);
        do {
            if ((seen & kRest) != 0 && !NAIO_FAULT(calls_left_are_forgotten)) return End::kRest;
        } while (!uses_.compare_exchange_weak(seen, seen - kCalling - 1, NAIO_ORDER(slot_calls_end, acq_rel),
                                              std::memory_order_relaxed));
        return seen == kCalling + 1 ? End::kLast : End::kDone;
    }

  private:
    static constexpr std::uint32_t kCalling = 1u << 30;  // a thread has the right
    static constexpr std::uint32_t kRest = 1u << 31;     // calls were left to it

    Atomic<std::uint32_t> uses_{1};  // the number of references, and the two flags
};

}  // namespace naio
