// The services that a handle uses. The Runtime owns them all. They outlive every handle, even one that exists while the
// library is not initialised.
#pragma once

#include "aio/own_waits.h"
#include "base/atomic.h"

namespace naio {

class ParkingLot;
class Registry;
class TaskQueue;
class Timer;

enum class LibraryState : unsigned char {
    kDown,    // not initialised, or finalized: handles can only be freed
    kUp,      // the threads run
    kForked,  // this process is a forked child without the threads: no operation can be started or ended
};

struct Services {
    TaskQueue& tasks;
    ParkingLot& parking;
    Timer& timer;
    Registry& registry;
    Atomic<LibraryState> state{LibraryState::kDown};
    OwnWaits own_waits{};  // without functions: no operation is left unwatched
};

}  // namespace naio
