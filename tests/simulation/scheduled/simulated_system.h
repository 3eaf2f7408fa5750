// Sockets and pipes in memory, for the library over the scheduler of tests/schedules: the functions of seam/base/os.h.
//
// A descriptor has a channel of bytes to read from, one to write to, or both. One thread of a schedule runs at a time, so
// there are no locks. Calls are interrupted by chance, which a seed decides.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simulation {

// Before a schedule.
void reset_system(std::uint64_t seed);

// How many descriptors are open.
[[nodiscard]] std::size_t open_descriptors();

}  // namespace simulation
