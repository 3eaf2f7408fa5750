// Checkpoint: a place in the code of other threads. A thread that reaches it blocks until the test opens the
// checkpoint.
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

    // Waits until `times` threads have reached the checkpoint. False if fewer have reached it within kPatience
    // (reached) or `patience` (reached_within).
    [[nodiscard]] bool reached(int times = 1) { return reached_.wait(times); }
    [[nodiscard]] bool reached_within(std::chrono::milliseconds patience, int times = 1) {
        return reached_.wait_within(patience, times);
    }
    // True if fewer than `times` threads have reached the checkpoint kWatch after the call.
    [[nodiscard]] bool stays_unreached(int times = 1) { return reached_.stays_away(times); }

    void open() { opened_.set(); }

  private:
    Event reached_, opened_;
};

}  // namespace support
