// Tests how the workers of a TaskQueue start, wait inside the library and leave. The tests themselves check the workers
// in the monitor's place, so that no test depends on the time of a monitor's check.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "exec/library_wait.h"
#include "exec/task_queue.h"
#include "support/event.h"
#include "support/job.h"
#include "support/no_threads.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

// A monitor that only records the delay after which the queue asks it to check the workers.
class FakeMonitor final : public TaskMonitor {
  public:
    void check_in(std::int64_t delay) noexcept override {
        delay_ = delay;
        asked.set();
    }
    [[nodiscard]] std::int64_t delay() const { return delay_; }
    Event asked;

  private:
    std::atomic<std::int64_t> delay_{-1};
};

class TaskQueueStaffTest : public testing::Test {
  protected:
    ~TaskQueueStaffTest() override {
        lifted_.set();
        stop();
        EXPECT_EQ(allocator_.in_use(), 0u);
    }

    void start(TaskQueue::Limits limits) {
        ASSERT_TRUE(queue_.start(allocator_, limits, "test:task"));
        queue_.set_monitor(&monitor_);
        up_ = true;
    }
    void stop() {
        if (!std::exchange(up_, false)) return;
        queue_.set_monitor(nullptr);
        queue_.stop();
    }

    void submit(std::function<void()> function) { queue_.submit(jobs_.emplace_back(std::move(function))); }
    // Submits a task that blocks until the test sets lifted_.
    void submit_blocking() {
        submit([this] {
            inside_.set();
            EXPECT_TRUE(lifted_.wait());
        });
    }
    void submit_brief() {
        submit([this] { brief_.set(); });
    }

    // Returns the lines of a dump. The first line counts the workers. Each worker that runs a task has one more line.
    std::vector<std::string> dump_lines() {
        std::vector<std::string> lines;
        const auto write = [](void* to, const char* line) {
            static_cast<std::vector<std::string>*>(to)->emplace_back(line);
        };
        Dump dump(write, &lines, false, [](Dump&, const void*) noexcept -> const void* { return nullptr; });
        queue_.dump(dump);
        return lines;
    }
    [[nodiscard]] bool wait_until_running(unsigned workers) {
        const std::string begin = "workers: " + std::to_string(workers) + " run callbacks";
        return check_until([&] { return dump_lines().front().starts_with(begin); });
    }

    // Calls check_workers as the monitor would, until `done` returns true or kPatience is over. Returns the last result
    // of `done`.
    template <class Done>
    [[nodiscard]] bool check_until(Done done) {
        const auto latest = std::chrono::steady_clock::now() + kPatience;
        while (!done() && std::chrono::steady_clock::now() < latest) {
            queue_.check_workers(nullptr);
            std::this_thread::yield();
        }
        return done();
    }
    // Checks the workers 30 times, at least a millisecond apart.
    void check_often() {
        for (int i = 0; i < 30; ++i) {
            queue_.check_workers(nullptr);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    TestAllocator allocator_;
    TaskQueue queue_;
    FakeMonitor monitor_;
    std::deque<Job> jobs_;
    Event inside_, lifted_, brief_;
    bool up_ = false;
};

TEST_F(TaskQueueStaffTest, TheMonitorIsAskedOnceWhenATaskWaitsForABlockedOne) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    EXPECT_TRUE(monitor_.asked.stays_away());
    for (int i = 0; i < 10; ++i) submit_brief();
    EXPECT_EQ(monitor_.asked.count(), 1);
    EXPECT_GT(monitor_.delay(), 0);
    EXPECT_LE(monitor_.delay(), 2'000'000);
}

// The dump must not read the stack of a worker that has ended.
TEST_F(TaskQueueStaffTest, ADumpDuringAStopLeavesOutAWorkerThatHasEnded) {
    start({2, 2});
    submit_brief();
    ASSERT_TRUE(brief_.wait());
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    submit_brief();  // runs on the other worker, so that each worker has run a task
    ASSERT_TRUE(brief_.wait(2));
    ASSERT_TRUE(wait_until_running(1));
    std::thread stopping([this] { stop(); });
    EXPECT_TRUE(wait_until_running(2));  // the worker that has ended still counts as running
    EXPECT_EQ(dump_lines().size(), 2u);
    lifted_.set();
    stopping.join();
}

TEST_F(TaskQueueStaffTest, ABatchThatIsStolenCounts) {
    start({2, 2});
    Event first_lifted;
    submit([&] {
        inside_.set();
        EXPECT_TRUE(first_lifted.wait());
    });
    ASSERT_TRUE(inside_.wait());
    Event second_lifted;
    submit([&] {
        inside_.set();
        EXPECT_TRUE(second_lifted.wait());
    });
    ASSERT_TRUE(inside_.wait(2));
    Stats before{};
    queue_.count_into(before);
    EXPECT_EQ(before.batches_stolen, 0u);
    submit_blocking();
    constexpr int kBehind = 20;
    for (int i = 0; i < kBehind; ++i) submit_brief();
    // The second worker takes all tasks into its batch, and blocks in the first of them.
    second_lifted.set();
    ASSERT_TRUE(inside_.wait(3));
    Stats full{};
    queue_.count_into(full);
    EXPECT_EQ(full.tasks_waiting, 20u);
    EXPECT_EQ(full.batches_stolen, 0u);
    first_lifted.set();
    EXPECT_TRUE(brief_.wait(kBehind));
    Stats after{};
    queue_.count_into(after);
    EXPECT_GE(after.batches_stolen, 1u);
    EXPECT_EQ(after.tasks_waiting, 0u);
    EXPECT_EQ(after.workers, 2u);
    EXPECT_EQ(after.workers_started, 2u);
    lifted_.set();
}

TEST_F(TaskQueueStaffTest, ItStartsAWorkerForATaskThatWaits) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    submit_brief();
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.wait());
}

TEST_F(TaskQueueStaffTest, ASubmitterStartsNone) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    for (int i = 0; i < 10; ++i) submit_brief();
    EXPECT_TRUE(brief_.stays_away());
}

TEST_F(TaskQueueStaffTest, AsManyBlockAtOnceAsTheLimitSays) {
    start({1, 5});
    for (int i = 0; i < 8; ++i) submit_blocking();
    EXPECT_TRUE(check_until([this] { return inside_.count() == 5; }));
    check_often();
    EXPECT_EQ(inside_.count(), 5);
}

TEST_F(TaskQueueStaffTest, AFixedNumberStaysExact) {
    start({2, 2});
    for (int i = 0; i < 3; ++i) submit_blocking();
    ASSERT_TRUE(inside_.wait(2));
    check_often();
    EXPECT_EQ(inside_.count(), 2);
}

TEST_F(TaskQueueStaffTest, ACheckWhileNothingWaitsStartsNoneAndAsksForNoOther) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    check_often();
    EXPECT_EQ(monitor_.asked.count(), 0);
    submit_blocking();
    EXPECT_EQ(monitor_.asked.count(), 1);
    EXPECT_TRUE(inside_.stays_away(2));
}

// At the first check a task waits, but it is not the task that waited when the queue asked the monitor.
TEST_F(TaskQueueStaffTest, NoneIsStartedWhileTheTasksThatWaitedAreTaken) {
    start({1, 2});
    Event began, go_on;
    for (int i = 1; i <= 2; ++i)
        submit([&began, &go_on, i] {
            began.set();
            EXPECT_TRUE(go_on.wait(i));
        });
    ASSERT_TRUE(began.wait(1));
    EXPECT_TRUE(monitor_.asked.wait(1));
    go_on.set();
    ASSERT_TRUE(began.wait(2));
    submit_brief();
    queue_.check_workers(nullptr);
    EXPECT_EQ(monitor_.asked.count(), 2);  // the monitor is to check again
    EXPECT_TRUE(brief_.stays_away());
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.wait());
    go_on.set();
    stop();
}

// Each worker takes a task in each millisecond, but needs no processor in between. There are so many tasks that 16
// workers do not take all of them between two checks, even if a check is late by some milliseconds.
TEST_F(TaskQueueStaffTest, WorkersWhoseTasksBlockDoNotCountAsBusy) {
    constexpr unsigned kTasks = 200;
    start({1, 40});
    std::atomic<bool> enough{false};
    std::atomic<unsigned> ended{0};
    std::mutex mutex;
    const std::function<void()> block = [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const std::lock_guard lock(mutex);
        if (enough)
            ++ended;
        else
            submit(block);
    };
    for (unsigned i = 0; i < kTasks; ++i) {
        const std::lock_guard lock(mutex);
        submit(block);
    }
    const auto workers = [this] {
        Stats stats{};
        queue_.count_into(stats);
        return stats.workers;
    };
    for (int checks = 0; workers() < 16 && checks < 100; ++checks) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the time after which the monitor checks
        queue_.check_workers(nullptr);
    }
    EXPECT_GE(workers(), 16u);
    enough = true;
    EXPECT_TRUE(check_until([&] { return ended == kTasks; }));
}

TEST_F(TaskQueueStaffTest, ATaskThatBlocksAWorkerIsOverBudget) {
    start({1, 1});
    Event over;
    std::atomic<bool> enough{false};
    submit([this, &over, &enough] {
        inside_.set();
        while (!CallOut::is_over_budget() && !enough) std::this_thread::yield();
        if (CallOut::is_over_budget()) over.set();
    });
    ASSERT_TRUE(inside_.wait());
    submit_brief();
    check_often();
    enough = true;
    EXPECT_TRUE(brief_.wait());
    EXPECT_EQ(over.count(), 1);
}

TEST_F(TaskQueueStaffTest, WhenNoMoreWorkersAreAllowedTheMonitorRunsTasksItself) {
    start({2, 2});
    for (int i = 0; i < 2; ++i) submit_blocking();
    ASSERT_TRUE(inside_.wait(2));
    for (int i = 0; i < 100; ++i) submit_brief();
    TaskList help;
    while (brief_.count() < 100) {
        queue_.check_workers(&help);
        ASSERT_FALSE(help.empty());
        while (Task* task = help.pop()) EXPECT_EQ(task->run(), nullptr);
    }
    EXPECT_EQ(brief_.count(), 100);
}

TEST_F(TaskQueueStaffTest, TheMonitorTakesWhatIsStuckInTheBatchOfABlockedWorker) {
    start({1, 1});
    TaskList burst;
    Job& blocking = jobs_.emplace_back([this] {
        inside_.set();
        EXPECT_TRUE(lifted_.wait());
    });
    burst.push(blocking);
    for (int i = 0; i < 10; ++i) burst.push(jobs_.emplace_back([this] { brief_.set(); }));
    queue_.submit(burst);
    ASSERT_TRUE(inside_.wait());
    TaskList help;
    queue_.check_workers(&help);
    while (Task* task = help.pop()) EXPECT_EQ(task->run(), nullptr);
    EXPECT_EQ(brief_.count(), 10);
}

#if defined(__GLIBC__)
TEST_F(TaskQueueStaffTest, AThreadThatIsRefusedIsAskedForAgain) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    submit_brief();
    {
        const NoThreads none;
        for (int i = 1; i <= 5; ++i) {
            queue_.check_workers(nullptr);
            EXPECT_EQ(monitor_.asked.count(), i + 1);  // the monitor is to check again
        }
        EXPECT_EQ(brief_.count(), 0);
    }
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.wait());
}

TEST_F(TaskQueueStaffTest, WhileThreadsAreRefusedTheMonitorRunsTasks) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    submit_brief();
    const NoThreads none;
    TaskList help;
    queue_.check_workers(&help);
    while (Task* task = help.pop()) EXPECT_EQ(task->run(), nullptr);
    EXPECT_EQ(brief_.count(), 1);
}
#endif

TEST_F(TaskQueueStaffTest, WithoutMemoryNoWorkerIsStartedUntilThereIsSome) {
    start({1, 4});
    submit_blocking();
    ASSERT_TRUE(inside_.wait());
    submit_brief();
    allocator_.fail_after(0);
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.stays_away());
    allocator_.fail_no_more();
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.wait());
}

// ---- leaving

// Counts the threads that have called touch and have ended after that call.
class ThreadEnd {
  public:
    static void touch() {
        thread_local const ThreadEnd end;
        static_cast<void>(end);
    }
    [[nodiscard]] static int count() { return ended; }
    [[nodiscard]] static bool reaches(int threads) {
        const auto latest = std::chrono::steady_clock::now() + kPatience;
        while (ended < threads && std::chrono::steady_clock::now() < latest) std::this_thread::yield();
        return ended == threads;
    }
    ~ThreadEnd() { ++ended; }

  private:
    ThreadEnd() = default;
    static inline std::atomic<int> ended{0};
};

TEST_F(TaskQueueStaffTest, WorkersThatAreIdleForLongLeaveAndOthersStartInTheirPlace) {
    start({1, 8, std::chrono::milliseconds(1)});
    for (int round = 0; round < 20 && !HasFailure(); ++round) {
        const int before = ThreadEnd::count();
        Event here, lifted, gone;
        for (int i = 0; i < 6; ++i)
            submit([&] {
                ThreadEnd::touch();
                here.set();
                EXPECT_TRUE(lifted.wait());
                gone.set();
            });
        ASSERT_TRUE(check_until([&] { return here.count() == 6; }));
        lifted.set();
        ASSERT_TRUE(gone.wait(6));
        EXPECT_TRUE(ThreadEnd::reaches(before + 5));
    }
}

// A thread that has ended keeps its slot until it is joined, so that another slot is made for the next worker. The one
// that joins it may be late, but not in each of the trials.
TEST_F(TaskQueueStaffTest, OneThatHasLeftIsJoinedSoon) {
    const auto run_two_at_once = [this] {
        const int before = ThreadEnd::count();
        Event here, gone;
        for (int i = 0; i < 2; ++i)
            submit([&] {
                ThreadEnd::touch();
                here.set();
                EXPECT_TRUE(here.wait(2));
                gone.set();
            });
        EXPECT_TRUE(check_until([&] { return here.count() == 2; }));
        EXPECT_TRUE(gone.wait(2));
        EXPECT_TRUE(ThreadEnd::reaches(before + 1));
    };
    bool slot_was_free = false;
    for (int trial = 0; trial < 20 && !slot_was_free && !HasFailure(); ++trial) {
        const long before = allocator_.allocated();
        start({1, 2, std::chrono::milliseconds(1)});
        run_two_at_once();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        run_two_at_once();
        slot_was_free = allocator_.allocated() == before + 2;
        stop();
    }
    EXPECT_TRUE(slot_was_free);
}

TEST_F(TaskQueueStaffTest, TheLeastNumberStays) {
    start({2, 2, std::chrono::microseconds(1)});
    const int before = ThreadEnd::count();
    for (int i = 1; i <= 20; ++i) {
        submit([this] {
            ThreadEnd::touch();
            brief_.set();
        });
        ASSERT_TRUE(brief_.wait(i));
    }
    EXPECT_TRUE(brief_.stays_away(21));
    EXPECT_EQ(ThreadEnd::count(), before);
}

TEST_F(TaskQueueStaffTest, NoTaskIsLostWhileWorkersComeAndGo) {
    start({1, 4, std::chrono::microseconds(1)});
    std::atomic<bool> ends{false};
    std::thread monitor([&] {
        while (!ends) {
            TaskList help;
            queue_.check_workers(&help);
            // Like the timer's thread, this monitor runs one task and gives the others back to the queue, because the
            // task may block.
            if (Task* const task = help.pop()) {
                queue_.enqueue(help);
                EXPECT_EQ(task->run(), nullptr);
            }
            std::this_thread::yield();
        }
    });
    constexpr int kRounds = 3000;
    for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        Event here, gone;
        std::deque<Job> jobs;
        const int together = 1 + round % 4;
        for (int i = 0; i < together; ++i)
            jobs.emplace_back([&] {
                here.set();
                EXPECT_TRUE(here.wait(together)) << "in round " << round;
                gone.set();
            });
        for (Job& job : jobs) queue_.submit(job);
        EXPECT_TRUE(gone.wait(together));
    }
    ends = true;
    monitor.join();
}

// ---- waiting inside the library

TEST_F(TaskQueueStaffTest, AWorkerThatWaitsInTheLibraryDoesNotCount) {
    start({2, 2});
    Event waits, go_on;
    for (int i = 0; i < 2; ++i)
        submit([&] {
            const LibraryWait waiting;
            waits.set();
            EXPECT_TRUE(go_on.wait());
        });
    ASSERT_TRUE(waits.wait(2));
    for (int i = 0; i < 3; ++i) submit_blocking();
    EXPECT_EQ(monitor_.delay(), 0);  // the check is to come at once, because both workers wait inside the library
    EXPECT_TRUE(check_until([this] { return inside_.count() == 2; }));
    check_often();
    EXPECT_EQ(inside_.count(), 2);
    go_on.set();
    lifted_.set();
    stop();
}

TEST_F(TaskQueueStaffTest, ATaskThatHasWaitedInTheLibraryIsOverBudget) {
    start({1, 1});
    submit([this] {
        EXPECT_FALSE(CallOut::is_over_budget());
        { const LibraryWait waiting; }
        EXPECT_TRUE(CallOut::is_over_budget());
        brief_.set();
    });
    EXPECT_TRUE(brief_.wait());
}

TEST_F(TaskQueueStaffTest, WhatWaitsBehindItIsRunByOthersAtOnce) {
    start({1, 2});
    TaskList burst;
    Job& waiting = jobs_.emplace_back([this] {
        const LibraryWait wait_in_library;
        inside_.set();
        EXPECT_TRUE(brief_.wait(10));
    });
    burst.push(waiting);
    for (int i = 0; i < 10; ++i) burst.push(jobs_.emplace_back([this] { brief_.set(); }));
    queue_.submit(burst);
    ASSERT_TRUE(inside_.wait());
    EXPECT_TRUE(monitor_.asked.wait());
    EXPECT_EQ(monitor_.delay(), 0);
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.wait(10));
}

TEST_F(TaskQueueStaffTest, AfterItsWaitAWorkerBeyondTheLimitLeaves) {
    start({1, 1});
    const int before = ThreadEnd::count();
    Event waits, go_on;
    submit([&] {
        ThreadEnd::touch();
        const LibraryWait waiting;
        waits.set();
        EXPECT_TRUE(go_on.wait());
    });
    ASSERT_TRUE(waits.wait());
    submit_blocking();
    queue_.check_workers(nullptr);
    ASSERT_TRUE(inside_.wait());
    go_on.set();
    EXPECT_TRUE(ThreadEnd::reaches(before + 1));
    lifted_.set();
    submit_brief();
    EXPECT_TRUE(brief_.wait());
    stop();
}

TEST_F(TaskQueueStaffTest, WaitsNest) {
    start({1, 1});
    Event waits, go_on;
    submit([&] {
        const LibraryWait outer;
        { const LibraryWait inner; }
        waits.set();
        EXPECT_TRUE(go_on.wait());
    });
    ASSERT_TRUE(waits.wait());
    submit_brief();
    queue_.check_workers(nullptr);
    EXPECT_TRUE(brief_.wait());
    go_on.set();
    stop();
}

}  // namespace
}  // namespace naio
