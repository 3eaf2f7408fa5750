#include "time/timer_wheel.h"

#include <bit>

namespace naio {

TimerWheel::Place TimerWheel::place_of(Tick tick) const noexcept {
    const Tick differs = tick ^ position_;
    const unsigned level = differs == 0 ? 0 : (63u - static_cast<unsigned>(std::countl_zero(differs))) / kSlotBits;
    return {level, static_cast<unsigned>(tick >> (level * kSlotBits)) & (kSlots - 1)};
}

void TimerWheel::link(TimerEntry& entry, Tick tick) noexcept {
    const Place place = place_of(tick > position_ ? tick : position_);
    slots_[place.level][place.slot].push_back(entry);
    occupied_[place.level] |= std::uint64_t{1} << place.slot;
    entry.slot_ = static_cast<std::uint16_t>(place.level * kSlots + place.slot);
}

void TimerWheel::insert(TimerEntry& entry, Tick tick) noexcept {
    link(entry, tick);
    entry.tick_.store(tick, std::memory_order_seq_cst);
}

void TimerWheel::remove(TimerEntry& entry) noexcept {
    entry.unlink();
    entry.tick_.store(kNoTick, std::memory_order_seq_cst);
    // If the entry was being spread, its former slot has its bit right already and this changes nothing.
    const unsigned level = entry.slot_ / kSlots;
    const unsigned slot = entry.slot_ % kSlots;
    if (slots_[level][slot].empty()) occupied_[level] &= ~(std::uint64_t{1} << slot);
}

// The occupied slot that is due first, and the tick it starts at.
bool TimerWheel::earliest(Place& place, Tick& start) const noexcept {
    for (unsigned level = 0; level < kLevels; ++level) {
        if (occupied_[level] == 0) continue;
        const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
        const unsigned shift = level * kSlotBits;
        const unsigned block = shift + kSlotBits;
        const Tick before = block < 64 ? position_ >> block << block : 0;
        place = {level, slot};
        start = before | Tick{slot} << shift;
        return true;
    }
    return false;
}

Tick TimerWheel::next() const noexcept {
    if (!spreading_.empty()) return position_;
    Place place{};
    Tick start = kNoTick;
    return earliest(place, start) ? start : kNoTick;
}

TimerEntry* TimerWheel::pop(Tick now, unsigned& budget, Tick& tick) noexcept {
    while (budget != 0) {
        if (TimerEntry* entry = spreading_.pop_front()) {
            --budget;
            tick = entry->tick_.load(std::memory_order_relaxed);
            if (tick <= now) {
                entry->tick_.store(kNoTick, std::memory_order_seq_cst);
                return entry;
            }
            link(*entry, tick);
            continue;
        }
        Place place{};
        Tick start = kNoTick;
        if (!earliest(place, start) || start > now) {
            if (now > position_) position_ = now;
            return nullptr;
        }
        position_ = start;
        spreading_.take(slots_[place.level][place.slot]);
        occupied_[place.level] &= ~(std::uint64_t{1} << place.slot);
    }
    return nullptr;
}

}  // namespace naio
