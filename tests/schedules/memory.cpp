#include "memory.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "scheduler.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) static_cast<void>(0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) static_cast<void>(0)
#endif

namespace schedules::memory {

namespace {

constexpr std::size_t kSize = std::size_t{4} << 20;
constexpr std::size_t kAlignment = 64;

alignas(kAlignment) std::byte arena[kSize];
// The counters are atomic, but all accesses are relaxed, so that they hide no race from ThreadSanitizer.
std::atomic<std::size_t> used{0}, blocks{0};
constexpr auto kRelaxed = std::memory_order_relaxed;
[[maybe_unused]] bool ever_used = false;

constexpr unsigned char kReleased = 0x5a;
struct Released {
    unsigned char* block;
    std::size_t size;
};
constexpr std::size_t kMaxReleased = 1024;
[[maybe_unused]] Released released[kMaxReleased];
std::atomic<std::size_t> released_blocks{0};

}  // namespace

// At least `kAlignment` poisoned bytes lie between two blocks.
void* allocate(std::size_t size) {
    const std::size_t with_gap = (size + 2 * kAlignment - 1) / kAlignment * kAlignment;
    const std::size_t begin = used.fetch_add(with_gap, kRelaxed);
    if (begin + with_gap > kSize) fail("the arena is full");
    std::byte* const block = arena + begin;
    blocks.fetch_add(1, kRelaxed);
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    std::memset(block, 0xa5, size);
    return block;
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
    return std::memset(allocate(count * size), 0, count * size);
}

// Overwrites the block, so that ThreadSanitizer reports a race if another thread may still use it. A later write by the
// same thread is not a race; released_is_untouched finds such a write.
void release(void* block, std::size_t size) {
    std::memset(block, kReleased, size);
    blocks.fetch_sub(1, kRelaxed);
#if defined(__SANITIZE_ADDRESS__)
    ASAN_POISON_MEMORY_REGION(block, size);
#else
    const std::size_t at = released_blocks.fetch_add(1, kRelaxed);
    if (at < kMaxReleased) released[at] = {static_cast<unsigned char*>(block), size};
#endif
}

// ThreadSanitizer does not know that all other threads have ended, because it does not see the scheduler. So it must
// not see these reads.
[[gnu::no_sanitize("thread")]] bool released_is_untouched() {
#if !defined(__SANITIZE_ADDRESS__)
    const std::size_t count = std::min(released_blocks.load(kRelaxed), kMaxReleased);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t at = 0; at < released[i].size; ++at)
            if (released[i].block[at] != kReleased) return false;
#endif
    return true;
}

void reset() {
    ASAN_POISON_MEMORY_REGION(arena, ever_used ? used.load() : kSize);
    used = 0;
    blocks = 0;
    released_blocks = 0;
    ever_used = true;
}

std::size_t blocks_in_use() { return blocks.load(kRelaxed); }

}  // namespace schedules::memory
