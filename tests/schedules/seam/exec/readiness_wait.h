// Takes the place of src/exec/readiness_wait.h: the simulation of descriptors says when the descriptor is ready.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "simulated_uv.h"

namespace naio {

class ReadinessWaits {
  public:
    static constexpr bool kAvailable = true;

    void open() noexcept {}
    void close() noexcept {}
};

class ReadinessWait {
  public:
    [[nodiscard]] bool prepare(ReadinessWaits&) noexcept { return true; }
    void interrupt() noexcept {
        interrupted_ = true;
        schedules::descriptors_changed();
    }
    [[nodiscard]] bool sleep_until(int descriptor, Nanoseconds deadline) const noexcept {
        return schedules::wait_until_readable(descriptor, interrupted_, deadline);
    }

  private:
    std::atomic<bool> interrupted_ = false;
};

}  // namespace naio
