// RunningServices: starts the services that an aio uses, without the Runtime. Each test has a RunningServices of its
// own.
#pragma once

#include <gtest/gtest.h>

#include "aio/aio.h"
#include "aio/registry.h"
#include "aio/services.h"
#include "exec/task_queue.h"
#include "support/test_allocator.h"
#include "time/timer.h"

namespace support {

class RunningServices {
  public:
    RunningServices() {
        EXPECT_TRUE(tasks_.start(allocator, {2, 2}, "test:task"));
        EXPECT_EQ(timer_.start(), NNG_OK);
        services.state = naio::LibraryState::kUp;
    }
    ~RunningServices() {
        timer_.stop();
        tasks_.stop();
        registry.trim();
    }
    RunningServices(const RunningServices&) = delete;
    RunningServices& operator=(const RunningServices&) = delete;

    TestAllocator allocator;

  private:
    naio::TaskQueue tasks_;
    naio::ParkingLot parking_;
    naio::Timer timer_{{.examine = naio::Aio::examine, .expire = naio::Aio::expire}, tasks_};

  public:
    naio::Services services{.tasks = tasks_, .parking = parking_, .timer = timer_, .registry = registry};
    naio::Registry registry{services, allocator};
};

}  // namespace support
