// A place in the code of another thread, at which that thread blocks until the test opens it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "support/event.h"

namespace support {

class Checkpoint {
  public:
    // Blocks until the test has called open(). Called by one or more other threads.
    void pass() {
        reached_.set();
        EXPECT_TRUE(opened_.wait());
    }

    // Waits until `times` threads have reached the checkpoint. False if they do not come in time.
    [[nodiscard]] bool reached(int times = 1) { return reached_.wait(times); }
    [[nodiscard]] bool reached_within(std::chrono::milliseconds patience, int times = 1) {
        return reached_.wait_within(patience, times);
    }
    // Waits for a short while. True if fewer than `times` threads have reached the checkpoint by then.
    [[nodiscard]] bool stays_unreached(int times = 1) { return reached_.stays_away(times); }

    void open() { opened_.set(); }

  private:
    Event reached_, opened_;
};

}  // namespace support
