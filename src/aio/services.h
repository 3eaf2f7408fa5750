// The services that an aio uses; the Runtime owns them all. It outlives every aio, also while the library is not
// initialised.
#pragma once

#include "base/atomic.h"

namespace naio {

class ParkingLot;
class Registry;
class TaskQueue;
class Timer;

enum class LibraryState : unsigned char {
    kDown,    // not initialised, or finalized: handles can be freed
    kUp,      // the threads run
    kForked,  // this process is a fork of one that has the threads: nothing can be done
};

struct Services {
    TaskQueue& tasks;
    ParkingLot& parking;
    Timer& timer;
    Registry& registry;
    Atomic<LibraryState> state{LibraryState::kDown};
};

}  // namespace naio
