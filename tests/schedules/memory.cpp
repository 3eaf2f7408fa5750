#include "memory.h"

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
// Atomic, but without an order, so that they hide no race from ThreadSanitizer.
std::atomic<std::size_t> used{0}, blocks{0};
constexpr auto kRelaxed = std::memory_order_relaxed;
[[maybe_unused]] bool ever_used = false;

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

// Overwrites the block, so that ThreadSanitizer sees a race with each use that is not over.
void release(void* block, std::size_t size) {
    std::memset(block, 0x5a, size);
    blocks.fetch_sub(1, kRelaxed);
    ASAN_POISON_MEMORY_REGION(block, size);
}

void reset() {
    ASAN_POISON_MEMORY_REGION(arena, ever_used ? used.load() : kSize);
    used = 0;
    blocks = 0;
    ever_used = true;
}

std::size_t blocks_in_use() { return blocks.load(kRelaxed); }

}  // namespace schedules::memory
