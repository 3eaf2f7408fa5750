#include "runtime/parameters.h"

#include <unistd.h>

#include <algorithm>

namespace naio {

namespace {

constexpr int kDefaultMaxTaskThreads = 16;
constexpr int kMinTaskThreads = 2;  // callbacks may block: one must be left

int processors() noexcept { return std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))); }

// No maximum is no limit. The minimum is stronger.
unsigned thread_count(int wanted, int least, int most) noexcept {
    if (most > 0) wanted = std::min(wanted, most);
    return static_cast<unsigned>(std::max(wanted, least));
}

// Zero asks for the default, a negative maximum for no limit.
unsigned task_thread_count(int wanted, int most) noexcept {
    if (wanted == 0) wanted = 2 * processors();
    return thread_count(wanted, kMinTaskThreads, most == 0 ? kDefaultMaxTaskThreads : most);
}

}  // namespace

bool Parameters::read(const nng_init_params& from, Parameters& to) noexcept {
    // One poller by default: it runs callbacks, and more are for machines where that does not suffice.
    to = {.task_threads = task_thread_count(from.num_task_threads, from.max_task_threads),
          .poller_threads = thread_count(from.num_poller_threads, 1, from.max_poller_threads),
          .resolver_threads = thread_count(from.num_resolver_threads, 1, 0),
          .hooks = std::nullopt};
    const int given = (from.malloc_fn != nullptr) + (from.calloc_fn != nullptr) + (from.free_fn != nullptr);
    if (given == 3) to.hooks = Allocator::Hooks{from.malloc_fn, from.calloc_fn, from.free_fn};
    return given == 0 || given == 3;
}

}  // namespace naio
