// Tasks that call a function: Job, and AwaitedJob, for which a test can wait.
#pragma once

#include <functional>
#include <utility>

#include "exec/task.h"
#include "support/event.h"

namespace support {

// A task that calls a function each time it runs, and runs `times` times in total. The function may destroy the job
// when it is called for the last time.
class Job : public naio::Task {
  public:
    explicit Job(std::function<void()> function, int times = 1)
        : Task(call), function_(std::move(function)), left_(times) {}

  private:
    static naio::Task* call(naio::Task& task) noexcept {
        auto& job = static_cast<Job&>(task);
        if (--job.left_ > 0) {
            job.function_();
            return &job;
        }
        const auto last = std::move(job.function_);
        last();
        return nullptr;
    }

    std::function<void()> function_;
    int left_;
};

// A job that runs once, and for which a test waits. The test may destroy the job as soon as ran.wait() has returned.
class AwaitedJob : public Job {
  public:
    explicit AwaitedJob(std::function<void()> function)
        : Job([this, work = std::move(function)] {
              work();
              ran.set();
          }) {}

    Event ran;
};

}  // namespace support
