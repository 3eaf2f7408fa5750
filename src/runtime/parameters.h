// The parameters of nng_init_params, with defaults and limits applied.
#pragma once

#include <nng/nng.h>

#include <optional>

#include "base/allocator.h"
#include "exec/task_queue.h"

namespace naio {

struct Parameters {
    TaskQueue::Limits workers;
    unsigned fixed_pollers;  // 0: the number of pollers adapts to the load
    unsigned max_pollers;
    unsigned resolver_threads;
    std::optional<Allocator::Hooks> hooks;

    // Computes the parameters. False if one or two of the three memory functions are given.
    [[nodiscard]] static bool read(const nng_init_params& from, Parameters& to) noexcept;
};

}  // namespace naio
