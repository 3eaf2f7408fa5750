// The services that a handle needs, without threads. A task runs on the thread that submits it, and a test decides when
// the timer's alarm goes off.
#pragma once

#include "aio/aio.h"
#include "aio/registry.h"
#include "exec/task_queue.h"
#include "suite.h"
#include "time/timer.h"

struct World {
    naio::Allocator allocator;
    naio::TaskQueue tasks;
    naio::ParkingLot parking;
    naio::Timer timer{{nng_aio::examine, nng_aio::expire}, tasks};
    naio::Services services{tasks, parking, timer, registry, {naio::LibraryState::kUp}};
    naio::Registry registry{services, allocator};
};
