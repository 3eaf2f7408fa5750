// The library's memory in a schedule: the same addresses in each, no block used twice, so that AddressSanitizer notices
// each use of a block that was released, and no block left at the end.
#pragma once

#include <cstddef>

namespace schedules::memory {

void* allocate(std::size_t size);
void* allocate_zeroed(std::size_t count, std::size_t size);
void release(void* block, std::size_t size);

// Before a schedule.
void reset();
[[nodiscard]] std::size_t blocks_in_use();
// False if something was written to a block after its release. REQUIRES: only one thread is left.
[[nodiscard]] bool released_is_untouched();

}  // namespace schedules::memory
