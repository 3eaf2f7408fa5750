// What a dump says about a handle: a copy, taken while the handle cannot be destroyed.
#pragma once

#include <cstdint>

#include "aio/api.h"
#include "aio/state.h"
#include "base/clock.h"
#include "base/dump.h"

namespace naio {

struct OperationCopy {
    const void* handle = nullptr;
    State state;
    Api started_by = Api::kLibrary;
    int descriptor = -1;    // that it waits for
    std::int64_t age = -1;  // in milliseconds; -1 if it is not known
    Nanoseconds deadline = kNever;
    void (*callback)(void*) = nullptr;
    const void* queue = nullptr;
    const void* slot = nullptr;
    char name[32] = {};

    void write(Dump& dump) const noexcept;
};

}  // namespace naio
