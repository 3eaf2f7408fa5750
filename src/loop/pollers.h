// All pollers of the library. Each is started when the first descriptor is given to it: a program without I/O has none.
#pragma once

#include <array>
#include <cstddef>

#include "base/mutex.h"
#include "exec/task_queue.h"
#include "loop/poller.h"

namespace naio {

class Pollers {
  public:
    static constexpr unsigned kMost = 16;

    explicit Pollers(TaskQueue& tasks) noexcept : tasks_(tasks) {}

    // So many may be started from now on.
    void open(unsigned count) noexcept;

    // Ends them all. Blocks.
    void close() noexcept;

    // Stores the next one in turn in `to`. NNG_ENOFILES, NNG_ENOMEM or another refusal of the system to start one;
    // NNG_ECLOSED: they are closed.
    [[nodiscard]] nng_err next(Poller*& to) noexcept;

  private:
    TaskQueue& tasks_;
    Mutex mutex_;
    unsigned count_ NAIO_GUARDED_BY(mutex_) = 0;
    unsigned started_ NAIO_GUARDED_BY(mutex_) = 0;
    std::size_t turn_ NAIO_GUARDED_BY(mutex_) = 0;
    std::array<Poller, kMost> pollers_;
};

}  // namespace naio
