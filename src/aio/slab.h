// A slab: a block of memory with room for 64 handles. Under a sanitizer it has room for one handle, so that the
// sanitizer finds a use after free. A slab in memory of the program has one handle, too. The registry's lock guards the
// members of a slab.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "aio/aio.h"
#include "aio/registry.h"
#include "base/list.h"

namespace naio {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

struct alignas(Aio) Registry::Slab : ListNode {
    static constexpr unsigned kCapacity = kSanitized ? 1 : 64;
    static constexpr std::uint64_t kFull = ~std::uint64_t{0} >> (64 - kCapacity);
    static constexpr std::size_t kBlockSize = sizeof(Aio) * kCapacity + 2 * alignof(Aio);

    Slab(void* memory, std::uint64_t its_number) noexcept : block(memory), number(its_number) {}

    Aio* at(unsigned index) noexcept { return reinterpret_cast<Aio*>(this + 1) + index; }
    unsigned index_of(const Aio& aio) noexcept { return static_cast<unsigned>(&aio - at(0)); }
    [[nodiscard]] bool full() const noexcept { return live == kFull; }
    // True if the program owns the memory.
    [[nodiscard]] bool foreign() const noexcept { return block == nullptr; }

    // Calls `visit` for every handle.
    template <class Visit>
    void for_each(Visit visit) noexcept {
        for (std::uint64_t left = foreign() ? live & 1 : live; left != 0; left &= left - 1)
            visit(*at(static_cast<unsigned>(std::countr_zero(left))));
    }

    std::uint64_t live = 0;
    void* const block;
    const std::uint64_t number;  // 1 for the first slab that was made
    InOrder in_order{*this};
};

// A slab in memory of the program, with its handle. The bits of its other 63 places are always set, so that the slab is
// full as long as the handle exists.
struct Registry::ForeignSlab final : Slab {
    explicit ForeignSlab(std::uint64_t its_number) noexcept : Slab(nullptr, its_number) { live = kFull; }

    alignas(Aio) std::byte handle[sizeof(Aio)];  // at(0)
    ForeignSlab* next = nullptr;                 // in the chain of foreign_
    bool ending = false;                         // see expect_end
};

// The memory begins at a multiple of alignof(void*), and the slab at the next multiple of alignof(Aio).
constexpr std::size_t Registry::foreign_size() noexcept { return sizeof(ForeignSlab) + alignof(Aio) - alignof(void*); }

// Calls `visit` for every slab.
template <class Visit>
void Registry::for_each_slab(Visit visit) noexcept {
    for (InOrder* each = all_.front(); each != nullptr; each = all_.after(*each)) visit(each->slab);
}

}  // namespace naio
