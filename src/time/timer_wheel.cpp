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
    slots_[slot.level][index].push_back(entry);
    occupied_[slot.level][index / 64] |= std::uint64_t{1} << index % 64;
    entry.slot_ = static_cast<std::uint16_t>(slot.level * kSlots + index);
    return slot;
}

// Clears the bit of a slot that has become empty.
void TimerWheel::tidy(unsigned level, unsigned index) noexcept {
    if (slots_[level][index].empty()) occupied_[level][index / 64] &= ~(std::uint64_t{1} << index % 64);
}

Tick TimerWheel::insert(TimerEntry& entry, Tick tick) noexcept {
    const Slot slot = link(entry, tick);
    entry.tick_.store(tick, std::memory_order_relaxed);
    ++size_;
    return dense() ? std::min(slot.cascadable_from(), tick) : tick;
}

void TimerWheel::remove(TimerEntry& entry) noexcept {
    entry.unlink();
    entry.tick_.store(kNoTick, std::memory_order_relaxed);
    --size_;
    // If the entry was in cascading_, the bit of its former slot is right already, and tidy changes nothing.
    tidy(entry.slot_ / kSlots, entry.slot_ % kSlots);
}

// Finds the level's first occupied slot, from the position on. False if there is none.
bool TimerWheel::first_of(unsigned level, Slot& slot) const noexcept {
    const Bits& bits = occupied_[level];
    if ((bits[0] | bits[1]) == 0) return false;
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
    slot = {level, here.number + distance};
    return true;
}

// Finds the occupied slot that starts first. False if there is none.
bool TimerWheel::earliest(Slot& slot) const noexcept {
    bool any = false;
    for (unsigned level = 0; level < kLevels; ++level) {
        Slot first{};
        if (!first_of(level, first) || (any && first.start() >= slot.start())) continue;
        slot = first;
        any = true;
    }
    return any;
}

// Finds the occupied slot above level 0 that can be cascaded first. False if there is none.
bool TimerWheel::first_to_cascade(Slot& slot) const noexcept {
    bool any = false;
    for (unsigned level = 1; level < kLevels; ++level) {
        Slot first{};
        if (!first_of(level, first) || (any && first.cascadable_from() >= slot.cascadable_from())) continue;
        slot = first;
        any = true;
    }
    return any;
}

void TimerWheel::cascade(const Slot& slot) noexcept {
    cascading_start_ = slot.start();
    cascading_.take(slots_[slot.level][slot.index()]);
    tidy(slot.level, slot.index());
}

Tick TimerWheel::next() const noexcept {
    if (!cascading_.empty()) return position_;
    Slot slot{};
    if (!earliest(slot)) return kNoTick;
    const Tick start = slot.start();
    return dense() && first_to_cascade(slot) ? std::min(start, slot.cascadable_from()) : start;
}

void TimerWheel::advance(Tick now) noexcept {
    if (now > position_ && next() > now) position_ = now;
}

TimerEntry* TimerWheel::pop(Tick now, unsigned& budget, Tick& tick) noexcept {
    while (budget != 0) {
        TimerEntry* entry = nullptr;
        Slot slot{};
        if (!cascading_.empty() && cascading_start_ <= now) {
            entry = cascading_.pop_front();
        } else if (earliest(slot) && slot.start() <= now) {
            position_ = slot.start();
            if (slot.level != 0) {
                cascade(slot);
                continue;
            }
            entry = slots_[0][slot.index()].pop_front();
            tidy(0, slot.index());
        } else if (!cascading_.empty()) {
            entry = cascading_.pop_front();
        } else {
            position_ = std::max(position_, now);
            if (!dense() || !first_to_cascade(slot) || slot.cascadable_from() > now) return nullptr;
            cascade(slot);
            continue;
        }
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
    return nullptr;
}

}  // namespace naio
