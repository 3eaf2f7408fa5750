// A map from 64-bit ids to pointers, which can also choose the ids. nng_id_map of the C interface is this class.
//
// Entries live in slots; an index finds the slot of an id. Not thread-safe: the owner of a map guards it.
//
// Invariants:
//  1. An entry keeps its slot until it is removed. So a caller may remove the entry that it visits, and still visits
//     every other entry once.
//  2. A slot either is in the index and has a value, or is on the list of free slots and has none.
//  3. A call that fails changes no entry.
#pragma once

#include <nng/nng.h>

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/allocator.h"

struct nng_id_map_s {
  public:
    // The map chooses ids from `lo`, which is at least 1, to `hi`, both included. It begins at `lo`, or at a random id
    // of the range if `random` is true.
    nng_id_map_s(const naio::Allocator& allocator, std::uint64_t lo, std::uint64_t hi, bool random) noexcept;

    [[nodiscard]] const naio::Allocator& allocator() const noexcept { return *allocator_; }
    [[nodiscard]] void* get(std::uint64_t id) const noexcept;

    // Adds or replaces an entry. The id may be outside of the range. Fails with NNG_EINVAL if the value is NULL, and
    // with NNG_ENOMEM if there is no memory.
    [[nodiscard]] nng_err set(std::uint64_t id, void* value) noexcept;

    // Adds an entry with the next id that is not in use; after `hi` the search continues at `lo`. Fails like set, and
    // with NNG_ENOMEM if all ids of the range are in use.
    [[nodiscard]] nng_err allocate(std::uint64_t* id, void* value) noexcept;

    nng_err remove(std::uint64_t id) noexcept;  // fails with NNG_ENOENT if there is no such entry

    // Stores id and value of the first entry that is in slot `cursor` or a later one, and sets `cursor` to the slot
    // after that entry. False if there is no such entry.
    bool visit(std::uint64_t* id, void** value, std::uint32_t* cursor) const noexcept;

  private:
    struct Slot {
        std::uint64_t id;  // in a free slot: the index of the next free slot, or kNoSlot
        void* value;       // in a free slot: nullptr
    };
    using Index = std::unordered_map<std::uint64_t, std::uint32_t, std::hash<std::uint64_t>, std::equal_to<>,
                                     naio::ContainerAllocator<std::pair<const std::uint64_t, std::uint32_t>>>;

    nng_err add(std::uint64_t id, void* value) noexcept;
    bool in_range(std::uint64_t id) const noexcept { return lo_ <= id && id <= hi_; }
    std::uint64_t after(std::uint64_t id) const noexcept { return id == hi_ ? lo_ : id + 1; }

    const naio::Allocator* allocator_;
    std::uint64_t lo_;
    std::uint64_t hi_;
    std::uint64_t next_;      // the id to try first
    std::uint64_t used_ = 0;  // the number of ids of the range that are in use
    std::uint32_t free_;      // the index of the first free slot, or kNoSlot
    std::vector<Slot, naio::ContainerAllocator<Slot>> slots_;
    Index index_;
};

namespace naio {
using IdMap = ::nng_id_map_s;
}
