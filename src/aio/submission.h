// The arguments that a provider passes to the start of an operation, the result of the start, and the result of the
// operation.
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "aio/types.h"
#include "base/clock.h"

namespace naio {

// The cancel function of an operation of NNG 1.
using Nng1Cancel = void (*)(nng_aio* aio, void* argument, int reason);

// The deadline of an operation, and the types that are requested when it passes.
struct Limit {
    // A flag of `expiry`: if the deadline passes, the operation ends with NNG_OK instead of NNG_ETIMEDOUT.
    static constexpr std::uint8_t kSucceeds = kAllTypes + 1;

    Nanoseconds deadline = kNever;
    std::uint8_t expiry = kAllTypes;  // the types that are requested when the deadline passes, and kSucceeds
    bool passed = false;              // the deadline has passed already: a start is refused
};

// The guarantee and the functions that a provider gives to naio_aio_start.
struct Cancellation {
    Types guarantee = kTerminal;
    naio_cancelfn cancel = nullptr;
    void (*release)(void*) = nullptr;
    void* argument = nullptr;
    // A provider of the library sets this if `cancel` and `release` never block and call no function of the program,
    // and if it holds no lock when it finishes an operation, unless the finish only submits the handle to the task
    // queue. This has two effects.
    //  - If the handle has no callback, `release` runs on the thread that finishes the operation, or that ends the
    //    CANCELING hold after that. So a waiter needs no worker, even if all workers wait for the handle and the
    //    library can start no further one. Exception: a worker runs `release` if the operation is finished before its
    //    start has armed the deadline.
    //  - A group may call `cancel` on a thread that holds a lock of the program (group.h).
    bool own = false;
};

// The result of a start. If a callback that was given NNG_ESTOPPED makes another start and the handle still refuses
// starts, neither in_flight nor refused is set: the start has no effect and is not reported, because the report would
// call the callback again, without end.
struct Started {
    bool in_flight = false;
    bool refused = false;  // the caller must report it (Operation::report)
    bool expired = false;  // the start is refused because the deadline has passed
    nng_err result = NNG_OK;
};

// The result of an operation.
struct Completion {
    nng_err error = NNG_OK;
    std::size_t count = 0;
    nng_msg* message = nullptr;  // nullptr: the handle keeps its message
};

}  // namespace naio
