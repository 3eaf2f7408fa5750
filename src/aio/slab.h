// A slab: a block of memory with room for 64 handles. Under a sanitizer it has room for one handle, so that the
// sanitizer finds a use after free. The registry's lock guards the members of a slab.
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

    // Calls `visit` for every handle.
    template <class Visit>
    void for_each(Visit visit) noexcept {
        for (std::uint64_t left = live; left != 0; left &= left - 1)
            visit(*at(static_cast<unsigned>(std::countr_zero(left))));
    }

    std::uint64_t live = 0;
    void* const block;
    const std::uint64_t number;  // 1 for the first slab that was made
    InOrder in_order{*this};
};

// Calls `visit` for every slab.
template <class Visit>
void Registry::for_each_slab(Visit visit) noexcept {
    for (InOrder* each = all_.front(); each != nullptr; each = all_.after(*each)) visit(each->slab);
}

}  // namespace naio
