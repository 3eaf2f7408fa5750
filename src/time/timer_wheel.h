// A hierarchical timer wheel: which of a million deadlines is next, with arm, disarm and expire in constant time.
// Pure: it has no clock and no lock; time comes as an argument, in ticks.
//
// A slot of level 0 is one tick, a slot of each other level is 64 slots of the level below. A level has 128 of them,
// which follow the wheel's position round and round, and an entry is in the finest level that reaches to its tick. When
// the position comes to a slot of a level above 0, it is spread over the level below.
//
//    level 1   [  ][##][  ][##] ...         a slot is 64 ticks
//                   |
//    level 0       [##][  ][##] ...         a slot is one tick; when the position reaches it, its entries are due
//
// 64 slots would be enough to have a place for everything. With 128, a slot can be spread while the position is still
// in the one before it. So a crowd is spread ahead, bit by bit, where it would hold up what is due otherwise; for a few
// entries that would be but one more look.
//
// Invariants:
//  1. position_ never moves backwards and never past the start of an occupied slot without emptying it. So a level's
//     occupied slots are 128 at most, from the position's own on.
//  2. An entry's slot starts at or before its tick; an entry is never popped before its tick.
//  3. bit s of occupied_[l] is set exactly if slot (l, s) is not empty.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/atomic.h"
#include "base/list.h"
#include "base/order.h"

namespace naio {

using Tick = std::uint64_t;

inline constexpr Tick kNoTick = ~Tick{0};

class TimerEntry : public ListNode {
  public:
    // The tick the entry is linked at, kNoTick while it is not linked. Changed by the wheel only; may be read without
    // the wheel's lock by those who know what they read (see Timer). Only pop unlinks in the same order as all threads see
    // the state that the client looks at. Other stores need none: arm replaces a link by an earlier one, and a thread that
    // finds no link arms the entry.
    [[nodiscard]] Tick tick() const noexcept { return tick_.load(NAIO_ORDER(timer_tick, seq_cst)); }

  private:
    friend class TimerWheel;
    Atomic<Tick> tick_{kNoTick};
    std::uint16_t slot_ = 0;
};

class TimerWheel {
  public:
    // That many entries are a crowd.
    static constexpr std::size_t kCrowd = 256;

    // Links an entry that is not linked. A tick that has passed is due at once. Returns when to call pop on its behalf.
    Tick insert(TimerEntry& entry, Tick tick) noexcept;

    // Unlinks an entry that is linked.
    void remove(TimerEntry& entry) noexcept;

    // Tells the time before an insert, so that the entry gets into a level as fine as possible. Changes nothing if pop
    // has something to do first.
    void advance(Tick now) noexcept;

    // Unlinks and returns an entry that is due at `now`, or nullptr if there is none or the budget is used up. Every
    // entry that is looked at costs one, so that the caller can bound how long it holds its lock. `tick` becomes the
    // tick the entry was linked at.
    TimerEntry* pop(Tick now, unsigned& budget, Tick& tick) noexcept;

    // When to call pop next: no entry is due before. kNoTick if the wheel is empty.
    [[nodiscard]] Tick next() const noexcept;

  private:
    static constexpr unsigned kLevelBits = 6;
    static constexpr unsigned kSlotBits = 7;
    static constexpr unsigned kSlots = 1u << kSlotBits;
    static constexpr unsigned kLevels = 11;  // no tick is out of reach

    struct Slot {
        unsigned level;
        Tick number;  // from the beginning of time

        [[nodiscard]] unsigned index() const noexcept { return static_cast<unsigned>(number % kSlots); }
        [[nodiscard]] Tick start() const noexcept { return number << (level * kLevelBits); }
        // From when on all of it is within reach of the level below.
        [[nodiscard]] Tick spreadable() const noexcept {
            return level == 0 ? start() : (number == 0 ? 0 : number - 1) << (level * kLevelBits);
        }
    };
    [[nodiscard]] Slot slot_of(unsigned level, Tick tick) const noexcept {
        return {level, tick >> (level * kLevelBits)};
    }
    [[nodiscard]] Slot finest(Tick tick) const noexcept;
    [[nodiscard]] bool first_of(unsigned level, Slot& slot) const noexcept;
    [[nodiscard]] bool earliest(Slot& slot) const noexcept;
    [[nodiscard]] bool first_spreadable(Slot& slot) const noexcept;
    [[nodiscard]] bool crowded() const noexcept { return size_ >= kCrowd; }

    Slot link(TimerEntry& entry, Tick tick) noexcept;
    void spread(const Slot& slot) noexcept;
    void tidy(unsigned level, unsigned index) noexcept;

    Tick position_ = 0;
    std::size_t size_ = 0;
    List<TimerEntry> spreading_;  // of a slot, what is not yet due or moved down
    Tick spreading_start_ = 0;    // of that slot, or earlier
    using Bits = std::array<std::uint64_t, kSlots / 64>;
    std::array<Bits, kLevels> occupied_{};
    std::array<std::array<List<TimerEntry>, kSlots>, kLevels> slots_;
};

}  // namespace naio
