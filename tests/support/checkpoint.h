// A place in the code of another thread at which that thread blocks until the test lets it go on.
#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "support/event.h"

namespace support {

class Checkpoint {
  public:
    // Called by the other thread, or by several. Blocks until the test has called open().
    void pass() {
        reached_.set();
        EXPECT_TRUE(opened_.wait());
    }

    // Waits until `times` threads have come. False if they never did.
    [[nodiscard]] bool reached(int times = 1) { return reached_.wait(times); }
    [[nodiscard]] bool reached_within(std::chrono::milliseconds patience, int times = 1) {
        return reached_.wait_within(patience, times);
    }
    // Watches for a short while that fewer than `times` threads come.
    [[nodiscard]] bool stays_unreached(int times = 1) { return reached_.stays_away(times); }

    void open() { opened_.set(); }

  private:
    Event reached_, opened_;
};

}  // namespace support
