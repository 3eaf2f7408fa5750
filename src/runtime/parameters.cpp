#include "runtime/parameters.h"

#include <algorithm>
#include <limits>

#include "base/fault.h"

namespace naio {

namespace {

constexpr int kDefaultMaxTaskThreads = 128;
constexpr int kDefaultMaxPollers = 8;
constexpr int kMinTaskThreads = 2;  // so that a task runs while one callback blocks

// Returns `wanted`, but at most `max` if `max` is positive, and at least `min`, even if `min` is above `max`.
unsigned thread_count(int wanted, int min, int max) noexcept {
    if (max > 0) wanted = std::min(wanted, max);
    return static_cast<unsigned>(std::max(wanted, min));
}

// A negative maximum means that only Pollers' own limit holds.
unsigned poller_limit(int given) noexcept {
    if (given < 0) return std::numeric_limits<unsigned>::max();
    return static_cast<unsigned>(given > 0 ? given : kDefaultMaxPollers);
}

// Returns the limits for num_task_threads (`wanted`) and max_task_threads (`max`); 0 means that the program gives none.
// If only `wanted` is given, the number of workers is fixed. If `wanted` is 0, one worker starts at once, and others
// when they are needed. A negative maximum means no limit.
TaskQueue::Limits worker_limits(int wanted, int max) noexcept {
    const int limit = max == 0 ? kDefaultMaxTaskThreads : max;
    const unsigned given = thread_count(wanted, kMinTaskThreads, limit);
    if (wanted != 0 && max == 0) return {given, given};
    const unsigned all = limit < 0 ? std::numeric_limits<unsigned>::max() : static_cast<unsigned>(limit);
    return {wanted == 0 ? 1 : given, std::max(given, all)};
}

}  // namespace

bool Parameters::read(const nng_init_params& from, Parameters& to) noexcept {
    to = {.workers = worker_limits(from.num_task_threads, from.max_task_threads),
          .fixed_pollers = thread_count(from.num_poller_threads, 0, from.max_poller_threads),
          .max_pollers = poller_limit(from.max_poller_threads),
          .resolver_threads = thread_count(from.num_resolver_threads, 1, 0),
          .hooks = std::nullopt};
    const int given = (from.malloc_fn != nullptr) + (from.calloc_fn != nullptr) + (from.free_fn != nullptr);
    if (given == 3) to.hooks = Allocator::Hooks{from.malloc_fn, from.calloc_fn, from.free_fn};
    return given == 0 || given == 3 || NAIO_FAULT(two_memory_functions_will_do);
}

}  // namespace naio
