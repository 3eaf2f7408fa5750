#include "base/id_map.h"

#include <limits>
#include <new>

#include "base/random.h"

namespace {

constexpr std::uint32_t kNoSlot = std::numeric_limits<std::uint32_t>::max();

std::uint64_t random_between(std::uint64_t lo, std::uint64_t hi) noexcept {
    const std::uint64_t high = naio::random_u32();
    return lo + (high << 32 | naio::random_u32()) % (hi - lo + 1);  // lo is not 0, so hi - lo + 1 fits
}

}  // namespace

nng_id_map_s::nng_id_map_s(const naio::Allocator& allocator, std::uint64_t lo, std::uint64_t hi, bool random) noexcept
    : allocator_(&allocator),
      lo_(lo),
      hi_(hi),
      next_(random ? random_between(lo, hi) : lo),
      free_(kNoSlot),
      slots_(naio::ContainerAllocator<Slot>(allocator)),
      index_(Index::allocator_type(allocator)) {}

void* nng_id_map_s::get(std::uint64_t id) const noexcept {
    const auto entry = index_.find(id);
    return entry != index_.end() ? slots_[entry->second].value : nullptr;
}

nng_err nng_id_map_s::set(std::uint64_t id, void* value) noexcept {
    if (value == nullptr) return NNG_EINVAL;
    const auto entry = index_.find(id);
    if (entry == index_.end()) return add(id, value);
    slots_[entry->second].value = value;
    return NNG_OK;
}

// push_back and emplace may fail, so they come first. If emplace fails, the slot that push_back has added remains free
// for the next entry.
nng_err nng_id_map_s::add(std::uint64_t id, void* value) noexcept try {
    if (free_ == kNoSlot) {
        if (slots_.size() == kNoSlot) return NNG_ENOMEM;
        slots_.push_back({kNoSlot, nullptr});
        free_ = static_cast<std::uint32_t>(slots_.size() - 1);
    }
    index_.emplace(id, free_);
    Slot& slot = slots_[free_];
    free_ = static_cast<std::uint32_t>(slot.id);
    slot = {id, value};
    if (in_range(id)) ++used_;
    return NNG_OK;
} catch (const std::bad_alloc&) {
    return NNG_ENOMEM;
}

nng_err nng_id_map_s::allocate(std::uint64_t* id, void* value) noexcept {
    if (value == nullptr) return NNG_EINVAL;
    if (used_ > hi_ - lo_) return NNG_ENOMEM;
    std::uint64_t candidate = next_;
    while (index_.contains(candidate)) candidate = after(candidate);
    const nng_err error = add(candidate, value);
    if (error != NNG_OK) return error;
    *id = candidate;
    next_ = after(candidate);
    return NNG_OK;
}

nng_err nng_id_map_s::remove(std::uint64_t id) noexcept {
    const auto entry = index_.find(id);
    if (entry == index_.end()) return NNG_ENOENT;
    slots_[entry->second] = {free_, nullptr};
    free_ = entry->second;
    index_.erase(entry);
    if (in_range(id)) --used_;
    if (index_.empty()) {  // remove all slots, so that visits do not walk over free ones
        slots_.clear();
        free_ = kNoSlot;
    }
    return NNG_OK;
}

bool nng_id_map_s::visit(std::uint64_t* id, void** value, std::uint32_t* cursor) const noexcept {
    while (*cursor < slots_.size() && slots_[*cursor].value == nullptr) ++*cursor;
    if (*cursor >= slots_.size()) return false;
    const Slot& slot = slots_[(*cursor)++];
    if (id != nullptr) *id = slot.id;
    if (value != nullptr) *value = slot.value;
    return true;
}
