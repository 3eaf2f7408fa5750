// A system in memory, for the library over the scheduler of tests/schedules: the functions of seam/base/os.h. It has
// pipes and pairs of sockets, TCP, sockets of the file system, UDP, and a folder of files. kernel.h has the objects,
// and failures.h the failures and disturbances.
#pragma once

#include <cstddef>
#include <cstdint>

#include "failures.h"

namespace simulation {

// Resets the system. Call it before each schedule.
void reset_system(std::uint64_t seed, Chances chances);

// Returns the number of open descriptors.
[[nodiscard]] std::size_t open_descriptors();

}  // namespace simulation
