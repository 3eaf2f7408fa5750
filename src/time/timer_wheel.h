// A hierarchical timer wheel: which of a million deadlines is next, with arm, disarm and expire in constant time.
// Pure: it has no clock and no lock; time comes as an argument, in ticks.
//
// Level 0 has a slot for each of the next ticks up to the end of the current 64-tick block, level 1 a slot for each of
// the next blocks up to the end of the current block of 64 blocks, and so on. An entry's level is the highest group of
// six bits in which its tick differs from the wheel's position. Hence all entries of a level are due before all of the
// next one, and within a level the lowest occupied slot is due first: the next deadline is found with two bit scans.
//
//    level 1   [  ][##][  ][##] ...         a slot is 64 ticks; when the position reaches it, it is spread over level 0
//                   |
//    level 0       [##][  ][##] ...         a slot is one tick; when the position reaches it, its entries are due
//
// Invariants:
//  1. position_ never moves backwards and never past the start of an occupied slot without emptying it.
//  2. An entry's slot starts at or before its tick; an entry is never popped before its tick.
//  3. bit s of occupied_[l] is set exactly if slot (l, s) is not empty.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/list.h"

namespace naio {

using Tick = std::uint64_t;

inline constexpr Tick kNoTick = ~Tick{0};

class TimerEntry : public ListNode {
  public:
    // The tick the entry is linked at, kNoTick while it is not linked. Changed by the wheel only; may be read without
    // the wheel's lock by those who know what they read (see Timer).
    [[nodiscard]] Tick tick() const noexcept { return tick_.load(std::memory_order_seq_cst); }

  private:
    friend class TimerWheel;
    std::atomic<Tick> tick_{kNoTick};
    std::uint16_t slot_ = 0;
};

class TimerWheel {
  public:
    // Links an entry that is not linked. A tick that has passed is due at once.
    void insert(TimerEntry& entry, Tick tick) noexcept;

    // Unlinks an entry that is linked.
    void remove(TimerEntry& entry) noexcept;

    // Unlinks and returns an entry that is due at `now`, or nullptr if there is none or the budget is used up. Every
    // entry that is looked at costs one, so that the caller can bound how long it holds its lock. `tick` becomes the
    // tick the entry was linked at.
    TimerEntry* pop(Tick now, unsigned& budget, Tick& tick) noexcept;

    // When to call pop next: no entry is due before. kNoTick if the wheel is empty.
    [[nodiscard]] Tick next() const noexcept;

  private:
    static constexpr unsigned kSlotBits = 6;
    static constexpr unsigned kSlots = 1u << kSlotBits;
    static constexpr unsigned kLevels = 11;  // 66 bits: no tick is out of reach

    struct Place {
        unsigned level;
        unsigned slot;
    };
    [[nodiscard]] Place place_of(Tick tick) const noexcept;
    [[nodiscard]] bool earliest(Place& place, Tick& start) const noexcept;
    void link(TimerEntry& entry, Tick tick) noexcept;

    Tick position_ = 0;
    List<TimerEntry> spreading_;  // of the slot that the position has reached, what is not yet due or moved down
    std::array<std::uint64_t, kLevels> occupied_{};
    std::array<std::array<List<TimerEntry>, kSlots>, kLevels> slots_;
};

}  // namespace naio
