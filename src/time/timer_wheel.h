// A hierarchical timer wheel. It finds the next of a million deadlines, with insert, remove and pop in constant time.
// It has no clock and no lock: the caller passes the time, in ticks, and guards the wheel.
//
// A slot of level 0 is one tick; a slot of each other level is 64 slots of the level below. Each level is a ring of
// 128 slots that begins at the wheel's position. An entry is in the finest level that reaches to its tick. When the
// position reaches a slot of a level above 0, the slot is cascaded: its entries move to finer levels.
//
//    level 1   [  ][##][  ][##] ...         a slot is 64 ticks
//                   |
//    level 0       [##][  ][##] ...         a slot is one tick; when the position reaches it, its entries are due
//
// 64 slots on each level would be enough to have a slot for every tick. With 128, a slot can be cascaded while the
// position is still in the slot before it. A dense slot (more than kDense entries) is cascaded as soon as it can be, in
// parts, so that the cascade does not delay the entries that are due when the position reaches the slot. The cascade of
// another slot is short, and waits until an entry is due: next looks at each entry of the slot, so that the caller does
// not wake up only to cascade. When the caller is awake, pop also cascades a slot of level 1 that it can reach, so that
// fewer entries that are due soon have to be cascaded first.
//
// Invariants:
//  1. position_ never decreases, and pop empties a slot before position_ passes its start. So the occupied slots of a
//     level are among the 128 that begin with the slot of position_.
//  2. An entry's slot starts at or before its tick; an entry is never popped before its tick.
//  3. Bit s of occupied_[l] is set exactly if slot (l, s) is not empty, and bit l of levels_ exactly if any bit of
//     occupied_[l] is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/list.h"
#include "time/timer_entry.h"

namespace naio {

class TimerWheel {
  public:
    // A slot above level 0 is dense if it has more entries than this number.
    static constexpr std::size_t kDense = 32;

    // Links the entry. An entry whose tick has passed is due at once. Returns the tick at which the caller must call
    // pop for the entry. REQUIRES: the entry is not linked.
    Tick insert(TimerEntry& entry, Tick tick) noexcept;

    // Unlinks the entry. REQUIRES: the entry is linked.
    void remove(TimerEntry& entry) noexcept;

    // Moves the position to `now` before an insert, so that the entry gets into the finest possible level. Changes
    // nothing if the start of an occupied slot has come.
    void advance(Tick now) noexcept;

    // Unlinks and returns an entry that is due at `now`, or nullptr if there is none or the budget is used up. Each
    // entry that pop looks at takes one from the budget, so that the caller can limit how long it holds its lock.
    // `tick` becomes the tick at which the entry was linked.
    TimerEntry* pop(Tick now, unsigned& budget, Tick& tick) noexcept;

    // Returns the number of entries.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // Returns the tick at which the caller must call pop next; no entry is due before it. That is the tick of an entry,
    // or the start of a slot with many entries, or the time to cascade a dense slot. kNoTick if the wheel is empty.
    [[nodiscard]] Tick next() const noexcept;

  private:
    static constexpr unsigned kLevelBits = 6;
    static constexpr unsigned kSlotBits = 7;
    static constexpr unsigned kSlots = 1u << kSlotBits;
    static constexpr unsigned kLevels = 11;  // with this number, the last level reaches to every tick

    struct Slot {
        unsigned level;
        Tick number;  // counted from tick 0

        [[nodiscard]] unsigned index() const noexcept { return static_cast<unsigned>(number % kSlots); }
        [[nodiscard]] Tick start() const noexcept { return number << (level * kLevelBits); }
        // Returns the first position from which the level below reaches to the whole slot.
        [[nodiscard]] Tick cascadable_from() const noexcept {
            return level == 0 ? start() : (number == 0 ? 0 : number - 1) << (level * kLevelBits);
        }
    };
    [[nodiscard]] Slot slot_of(unsigned level, Tick tick) const noexcept {
        return {level, tick >> (level * kLevelBits)};
    }
    struct Entries {
        List<TimerEntry> list;
        std::size_t count = 0;
    };
    [[nodiscard]] Entries& entries_of(const Slot& slot) noexcept { return slots_[slot.level][slot.index()]; }
    [[nodiscard]] const Entries& entries_of(const Slot& slot) const noexcept {
        return slots_[slot.level][slot.index()];
    }
    [[nodiscard]] bool dense(const Slot& slot) const noexcept {
        return slot.level != 0 && entries_of(slot).count > kDense;
    }
    [[nodiscard]] Slot finest(Tick tick) const noexcept;
    [[nodiscard]] Slot first_of(unsigned level) const noexcept;
    [[nodiscard]] bool earliest(Slot& slot) const noexcept;
    [[nodiscard]] bool first_to_cascade(Tick now, Slot& slot) const noexcept;
    [[nodiscard]] Tick wake_up_for(const Slot& slot) const noexcept;

    Slot link(TimerEntry& entry, Tick tick) noexcept;
    TimerEntry* take_from(const Slot& slot) noexcept;
    void cascade_ahead(Tick now, unsigned& budget) noexcept;
    void removed_from(unsigned level, unsigned index) noexcept;

    Tick position_ = 0;
    std::size_t size_ = 0;
    std::uint32_t levels_ = 0;  // the levels that have entries
    using Bits = std::array<std::uint64_t, kSlots / 64>;
    std::array<Bits, kLevels> occupied_{};
    std::array<std::array<Entries, kSlots>, kLevels> slots_;
};

}  // namespace naio
