// All that an aio needs around it, up and running, without the Runtime: each test has its own.
#pragma once

#include <gtest/gtest.h>

#include "../base/test_allocator.h"
#include "aio/aio.h"
#include "aio/registry.h"
#include "aio/services.h"

namespace naio {

class RunningServices {
  public:
    RunningServices() {
        EXPECT_TRUE(tasks_.start(allocator, 2, "test:task"));
        EXPECT_EQ(timer_.start(), NNG_OK);
        services.state = LibraryState::kUp;
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
    TaskQueue tasks_;
    ParkingLot parking_;
    Timer timer_{{.examine = Aio::examine, .expire = Aio::expire}, tasks_};

  public:
    Services services{.tasks = tasks_, .parking = parking_, .timer = timer_, .registry = registry};
    Registry registry{services, allocator};
};

}  // namespace naio
