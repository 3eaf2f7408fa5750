// Takes the place of src/exec/readiness_wait.h: the simulation of descriptors says when they are ready.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>

#include "base/clock.h"
#include "simulated_uv.h"

namespace naio {

class ReadinessWaits {
  public:
    static constexpr bool kAvailable = true;

    void open() noexcept {}
    void close() noexcept {}
};

using schedules::WatchedDescriptor;

class ReadinessWait {
  public:
    static constexpr std::size_t kMaxWatched = 16;

    [[nodiscard]] bool prepare(ReadinessWaits&) noexcept { return true; }
    void interrupt() noexcept {
        interrupted_ = true;
        schedules::descriptors_changed();
    }
    [[nodiscard]] bool sleep_until(std::span<WatchedDescriptor> watched, Nanoseconds deadline) const noexcept {
        return schedules::wait_until_readable(watched, interrupted_, deadline);
    }
    [[nodiscard]] bool sleep_until(int descriptor, Nanoseconds deadline) const noexcept {
        WatchedDescriptor watched{descriptor};
        return sleep_until({&watched, 1}, deadline);
    }

  private:
    std::atomic<bool> interrupted_ = false;
};

}  // namespace naio
