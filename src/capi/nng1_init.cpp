// Defines nng_init_set_parameter of NNG 1, and the start of the library with its values.
#include <naio/naio.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/relaxed.h"
#include "capi/nng1.h"
#include "runtime/runtime.h"

namespace naio {

namespace {

// The numbers of NNG 1's parameters.
enum Parameter : int {
    kTaskThreads = 1,
    kExpireThreads,
    kPollerThreads,
    kResolverThreads,
    kMaxTaskThreads,
    kMaxExpireThreads,
    kMaxPollerThreads,
    kParameters,
};

// The values for the next start; 0: the default. A value that is not 0 sets `given`.
struct Values {
    Relaxed<std::int16_t> values[kParameters];
    Relaxed<bool> given;

    // Returns the value, and forgets it.
    std::int16_t take(Parameter which) noexcept {
        const std::int16_t value = values[which].get();
        values[which].set(0);
        return value;
    }
};

Values values;

}  // namespace

nng_err start_library_nng1(const char* function) noexcept {
    if (!values.given.get()) return runtime().ensure(function);
    if (runtime().services().state.load(std::memory_order_relaxed) != LibraryState::kDown)
        return runtime().ensure(function);
    nng_init_params params{};
    params.num_task_threads = values.take(kTaskThreads);
    params.num_expire_threads = values.take(kExpireThreads);
    params.num_poller_threads = values.take(kPollerThreads);
    params.num_resolver_threads = values.take(kResolverThreads);
    params.max_task_threads = values.take(kMaxTaskThreads);
    params.max_expire_threads = values.take(kMaxExpireThreads);
    params.max_poller_threads = values.take(kMaxPollerThreads);
    values.given.set(false);
    const nng_err error = runtime().init(&params);
    return error == NNG_EBUSY ? runtime().ensure(function) : error;  // another thread has started the library
}

}  // namespace naio

extern "C" {

// In NNG 1 a maximum of 0 means no limit, which nng_init_params expresses by a negative number.
NAIO_EXPORTED void NAIO_NNG1(init_set_parameter)(int parameter, uint64_t value) {
    using naio::values;
    if (parameter < naio::kTaskThreads || parameter >= naio::kParameters) return;
    const bool maximum = parameter >= naio::kMaxTaskThreads;
    const auto number = static_cast<std::int16_t>(std::min<uint64_t>(value, std::numeric_limits<std::int16_t>::max()));
    const auto given = static_cast<std::int16_t>(maximum && value == 0 ? -1 : number);
    values.values[parameter].set(given);
    values.given.set(true);
}

}  // extern "C"
