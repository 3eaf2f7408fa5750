// The numbers that naio_stats returns. Each service has a function, count_into, that adds its own numbers. A service
// that stops and starts again keeps the numbers that only grow.
#pragma once

#include <naio/naio.h>

namespace naio {

using Stats = struct ::naio_statistics;

}  // namespace naio
