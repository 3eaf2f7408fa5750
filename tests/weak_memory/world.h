// The services that a handle needs, without threads of their own: what is submitted runs where it is submitted, and the
// timer's alarm goes off when a test says so.
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
