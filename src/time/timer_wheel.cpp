#include "time/timer_wheel.h"

#include <algorithm>
#include <bit>

#include "base/order.h"

namespace naio {

TimerWheel::Slot TimerWheel::finest(Tick tick) const noexcept {
    // `level` is the finest level whose slots span the distance. If the position is not at the start of a slot, the
    // tick may lie one slot further; in this case the entry goes to the next level.
    const unsigned bits = std::max(static_cast<unsigned>(std::bit_width(tick - position_)), kSlotBits);
    const unsigned level = (bits - kSlotBits + kLevelBits - 1) / kLevelBits;
    const Slot slot = slot_of(level, tick);
    return slot.number - slot_of(level, position_).number < kSlots ? slot : slot_of(level + 1, tick);
}

TimerWheel::Slot TimerWheel::link(TimerEntry& entry, Tick tick) noexcept {
    const Slot slot = finest(std::max(tick, position_));
    const unsigned index = slot.index();
    Entries& entries = entries_of(slot);
    entries.list.push_back(entry);
    ++entries.count;
    occupied_[slot.level][index / 64] |= std::uint64_t{1} << index % 64;
    levels_ |= 1u << slot.level;
    entry.slot_ = static_cast<std::uint16_t>(slot.level * kSlots + index);
    return slot;
}

// Counts that an entry has left the slot, and clears the bits that say that the slot and its level have entries.
void TimerWheel::removed_from(unsigned level, unsigned index) noexcept {
    if (--slots_[level][index].count != 0) return;
    Bits& bits = occupied_[level];
    bits[index / 64] &= ~(std::uint64_t{1} << index % 64);
    if ((bits[0] | bits[1]) == 0) levels_ &= ~(1u << level);
}

// Unlinks and returns the first entry of the slot. REQUIRES: the slot has one.
TimerEntry* TimerWheel::take_from(const Slot& slot) noexcept {
    TimerEntry* const entry = entries_of(slot).list.pop_front();
    removed_from(slot.level, slot.index());
    return entry;
}

Tick TimerWheel::insert(TimerEntry& entry, Tick tick) noexcept {
    const Slot slot = link(entry, tick);
    entry.tick_.store(tick, std::memory_order_relaxed);
    ++size_;
    return dense(slot) ? std::min(slot.cascadable_from(), tick) : tick;
}

void TimerWheel::remove(TimerEntry& entry) noexcept {
    entry.unlink();
    entry.tick_.store(kNoTick, std::memory_order_relaxed);
    --size_;
    removed_from(entry.slot_ / kSlots, entry.slot_ % kSlots);
}

// Returns the level's first occupied slot, from the position on. REQUIRES: the level has one.
TimerWheel::Slot TimerWheel::first_of(unsigned level) const noexcept {
    const Bits& bits = occupied_[level];
    const Slot here = slot_of(level, position_);
    const unsigned word = here.index() / 64;
    const unsigned bit = here.index() % 64;
    const std::uint64_t from_here = bits[word] >> bit;
    unsigned distance = 0;
    if (from_here != 0)
        distance = static_cast<unsigned>(std::countr_zero(from_here));
    else if (bits[1 - word] != 0)
        distance = 64 - bit + static_cast<unsigned>(std::countr_zero(bits[1 - word]));
    else
        distance = kSlots - bit + static_cast<unsigned>(std::countr_zero(bits[word]));
    return {level, here.number + distance};
}

// Finds the occupied slot that starts first. False if there is none.
bool TimerWheel::earliest(Slot& slot) const noexcept {
    bool any = false;
    for (std::uint32_t left = levels_; left != 0; left &= left - 1) {
        const Slot first = first_of(static_cast<unsigned>(std::countr_zero(left)));
        if (any && first.start() >= slot.start()) continue;
        slot = first;
        any = true;
    }
    return any;
}

// Finds a slot of level 1 or a dense slot that can be cascaded at `now`. False if there is none. REQUIRES: no occupied
// slot starts at `now` or before.
bool TimerWheel::first_to_cascade(Tick now, Slot& slot) const noexcept {
    for (std::uint32_t left = levels_; left != 0; left &= left - 1) {
        slot = first_of(static_cast<unsigned>(std::countr_zero(left)));
        if ((slot.level == 1 || dense(slot)) && slot.cascadable_from() <= now) return true;
    }
    return false;
}

// Returns the tick at which pop must be called for the entries of the slot, which is the first one of its level.
Tick TimerWheel::wake_up_for(const Slot& slot) const noexcept {
    if (slot.level == 0) return slot.start();
    if (dense(slot)) return slot.cascadable_from();
    // A dense slot that follows can be cascaded when this slot starts.
    if (dense(Slot{slot.level, slot.number + 1})) return slot.start();
    Tick first = kNoTick;
    const List<TimerEntry>& list = entries_of(slot).list;
    for (const TimerEntry* entry = list.front(); entry != nullptr; entry = list.after(*entry))
        first = std::min(first, entry->tick_.load(std::memory_order_relaxed));
    return first;
}

Tick TimerWheel::next() const noexcept {
    Tick next = kNoTick;
    for (std::uint32_t left = levels_; left != 0; left &= left - 1) {
        const Slot slot = first_of(static_cast<unsigned>(std::countr_zero(left)));
        if (slot.start() < next || dense(slot)) next = std::min(next, wake_up_for(slot));
    }
    return next;
}

void TimerWheel::advance(Tick now) noexcept {
    Slot slot{};
    if (now > position_ && !(earliest(slot) && slot.start() <= now)) position_ = now;
}

// Moves entries to finer slots, from slots that have not begun. REQUIRES: no occupied slot starts at `now` or before.
void TimerWheel::cascade_ahead(Tick now, unsigned& budget) noexcept {
    position_ = std::max(position_, now);
    for (Slot slot{}; budget != 0 && first_to_cascade(now, slot);) {
        for (; budget != 0 && entries_of(slot).count != 0; --budget) {
            TimerEntry* const entry = take_from(slot);
            link(*entry, entry->tick_.load(std::memory_order_relaxed));
        }
    }
}

TimerEntry* TimerWheel::pop(Tick now, unsigned& budget, Tick& tick) noexcept {
    for (Slot slot{}; budget != 0 && earliest(slot) && slot.start() <= now;) {
        position_ = slot.start();
        TimerEntry* const entry = take_from(slot);
        --budget;
        tick = entry->tick_.load(std::memory_order_relaxed);
        if (tick > now) {
            link(*entry, tick);
            continue;
        }
        // Store-load pair (timer.h, invariant 1): otherwise a start could see the link, and examine not the start.
        entry->tick_.store(kNoTick, NAIO_ORDER(timer_pop, seq_cst));
        --size_;
        return entry;
    }
    if (budget != 0) cascade_ahead(now, budget);
    return nullptr;
}

}  // namespace naio
