// The library's memory in a schedule. Each schedule uses the same addresses. No block is used twice, so that
// AddressSanitizer notices each use of a released block. The caller checks at the end that no block is left.
#pragma once

#include <cstddef>

namespace schedules::memory {

void* allocate(std::size_t size);
void* allocate_zeroed(std::size_t count, std::size_t size);
void release(void* block, std::size_t size);

// Forgets all blocks. Called before each schedule.
void reset();
[[nodiscard]] std::size_t blocks_in_use();
// Returns false if a byte of the first 1024 released blocks was written after the release. Returns true with
// AddressSanitizer, which reports such a write itself. REQUIRES: only one thread is left.
[[nodiscard]] bool released_is_untouched();

}  // namespace schedules::memory
