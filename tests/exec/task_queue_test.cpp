// Tests TaskQueue: the order of tasks, tasks that run again, stop, blocked workers, and races of submitters.
#include "exec/task_queue.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/event.h"
#include "support/job.h"
#include "support/no_threads.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

class RunningQueue {
  public:
    explicit RunningQueue(unsigned workers) { EXPECT_TRUE(queue_.start(allocator_, {workers, workers}, "test:task")); }
    ~RunningQueue() { stop(); }
    RunningQueue(const RunningQueue&) = delete;
    RunningQueue& operator=(const RunningQueue&) = delete;

    void stop() {
        if (std::exchange(runs_, false)) queue_.stop();
    }
    TaskQueue& operator*() { return queue_; }
    TaskQueue* operator->() { return &queue_; }

  private:
    Allocator allocator_;
    TaskQueue queue_;
    bool runs_ = true;
};

void submit_in_one_go(TaskQueue& queue, std::deque<Job>& jobs) {
    TaskList list;
    for (Job& job : jobs) list.push(job);
    queue.submit(list);
    EXPECT_TRUE(list.empty());
}

// Returns the number of times that threads of this process have gone to sleep.
long sleeps_so_far() {
    rusage usage{};
    EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_nvcsw;
}

// Blocks `workers` workers of the queue while it exists.
class Blockade {
  public:
    Blockade(TaskQueue& queue, int workers) {
        for (int i = 0; i < workers; ++i) jobs_.emplace_back([this] { stand(); });
        submit_in_one_go(queue, jobs_);
        EXPECT_TRUE(standing_.wait(workers));
    }
    ~Blockade() {
        lifted_.set();
        EXPECT_TRUE(gone_.wait(static_cast<int>(jobs_.size())));
    }
    Blockade(const Blockade&) = delete;
    Blockade& operator=(const Blockade&) = delete;

  private:
    void stand() {
        standing_.set();
        EXPECT_TRUE(lifted_.wait());
        gone_.set();
    }

    Event standing_, lifted_, gone_;
    std::deque<Job> jobs_;
};

// A task that does nothing and runs again and again until it is destroyed. Each run returns the task or, if `submits`
// is true, submits it.
class EndlessTask : public Task {
  public:
    explicit EndlessTask(TaskQueue& queue, bool submits = false) : Task(step), queue_(queue), submits_(submits) {}
    // REQUIRES: the task has been submitted.
    ~EndlessTask() {
        ending_ = true;
        EXPECT_TRUE(ended_.wait());
    }
    EndlessTask(const EndlessTask&) = delete;
    EndlessTask& operator=(const EndlessTask&) = delete;

    void start() {
        queue_.submit(*this);
        EXPECT_TRUE(gets_on());
    }

    [[nodiscard]] int runs() const { return runs_; }

    // True if the task runs a thousand more times within 20 seconds.
    [[nodiscard]] bool gets_on() const {
        const int enough = runs_ + 1000;
        const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (runs_ < enough && std::chrono::steady_clock::now() < latest) std::this_thread::yield();
        return runs_ >= enough;
    }

  private:
    static Task* step(Task& task) noexcept {
        auto& self = static_cast<EndlessTask&>(task);
        self.runs_.fetch_add(1, std::memory_order_relaxed);
        if (self.ending_) {
            self.ended_.set();
            return nullptr;
        }
        if (!self.submits_) return &self;
        self.queue_.submit(self);
        return nullptr;
    }

    TaskQueue& queue_;
    const bool submits_;
    std::atomic<int> runs_{0};
    std::atomic<bool> ending_{false};
    Event ended_;
};

// ---- one after the other

TEST(TaskQueueTest, OneWorkerRunsTasksInTheOrderTheyWereSubmittedIn) {
    RunningQueue queue(1);
    std::vector<int> order;
    std::deque<Job> jobs;
    std::deque<Job> burst;
    for (int i = 0; i < 10; ++i) jobs.emplace_back([&order, i] { order.push_back(i); });
    for (int i = 10; i < 20; ++i) burst.emplace_back([&order, i] { order.push_back(i); });
    {
        Blockade blockade(*queue, 1);
        for (Job& job : jobs) queue->submit(job);
        submit_in_one_go(*queue, burst);
    }
    queue.stop();
    std::vector<int> expected(20);
    for (int i = 0; i < 20; ++i) expected[static_cast<std::size_t>(i)] = i;
    EXPECT_EQ(order, expected);
}

TEST(TaskQueueTest, ATaskThatRunsAgainRunsAfterTheTasksThatWait) {
    RunningQueue queue(1);
    std::string order;
    Job b([&] { order += 'b'; });
    Job c([&] { order += 'c'; });
    Job a(
        [&] {
            order += 'a';
            if (order == "a") {
                queue->submit(b);
                queue->submit(c);
            }
        },
        3);
    queue->submit(a);
    queue.stop();
    EXPECT_EQ(order, "abcaa");
}

TEST(TaskQueueTest, ATaskIsOnTheStackOfTheThreadThatRunsIt) {
    RunningQueue queue(2);
    Event in_b, looked;
    Job b([&] {
        EXPECT_TRUE(b.on_this_stack());
        EXPECT_TRUE(CallOut::any());
        in_b.set();
        EXPECT_TRUE(looked.wait());
    });
    Job a([&] {
        queue->submit(b);
        EXPECT_TRUE(in_b.wait());
        EXPECT_TRUE(a.on_this_stack());
        EXPECT_FALSE(b.on_this_stack());
        looked.set();
    });
    EXPECT_FALSE(CallOut::any());
    queue->submit(a);
    EXPECT_TRUE(looked.wait());  // stop() would end the idle worker, so that no worker could run b while a waits for b
    queue.stop();
    EXPECT_FALSE(CallOut::any());
}

TEST(TaskQueueTest, ATaskRunsInsideAnother) {
    RunningQueue queue(1);
    Job inner([&] { EXPECT_TRUE(inner.on_this_stack()); });
    Job outer([&] {
        EXPECT_EQ(inner.run(), nullptr);
        EXPECT_FALSE(inner.on_this_stack());
        EXPECT_TRUE(outer.on_this_stack());
    });
    queue->submit(outer);
    queue.stop();
}

TEST(TaskQueueTest, AnEmptyListIsNoWork) {
    RunningQueue queue(1);
    TaskList nothing;
    queue->submit(nothing);
}

TEST(TaskQueueTest, ATaskThatHasRunIsNotTouchedAgain) {
    struct SelfMade : Task {
        explicit SelfMade(Event& event) : Task(end), ended(event) {}
        static Task* end(Task& task) noexcept {
            auto* self = static_cast<SelfMade*>(&task);
            Event& event = self->ended;
            delete self;
            event.set();
            return nullptr;
        }
        Event& ended;
    };
    RunningQueue queue(2);
    Event ended;
    constexpr int kTasks = 1000;
    for (int i = 0; i < kTasks; ++i) queue->submit(*new SelfMade(ended));
    EXPECT_TRUE(ended.wait(kTasks));
}

TEST(TaskQueueTest, NoWorkerWakesUpWithoutWork) {
    RunningQueue queue(4);
    const Blockade blockade(*queue, 1);  // a worker that polled the blocked worker's batch would sleep again and again
    Event ran;
    std::deque<Job> jobs;
    for (int i = 0; i < 1000; ++i) jobs.emplace_back([&] { ran.set(); });
    submit_in_one_go(*queue, jobs);
    ASSERT_TRUE(ran.wait(1000));
    long fewest = 1000;
    for (int i = 0; i < 100 && fewest > 3; ++i) {
        const long before = sleeps_so_far();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        fewest = std::min(fewest, sleeps_so_far() - before);
    }
    EXPECT_LE(fewest, 3);  // the test's thread itself sleeps once in this time
}

// ---- stop

TEST(TaskQueueTest, StopRunsWhatIsQueued) {
    RunningQueue queue(2);
    std::atomic<int> ran{0};
    std::deque<Job> jobs;
    for (int i = 0; i < 100; ++i) jobs.emplace_back([&] { ++ran; });
    std::thread stopper;
    {
        Blockade blockade(*queue, 2);
        submit_in_one_go(*queue, jobs);
        stopper = std::thread([&] { queue.stop(); });
        EXPECT_EQ(ran, 0);
    }
    stopper.join();
    EXPECT_EQ(ran, 100);
}

TEST(TaskQueueTest, StopRunsTheTasksThatTasksSubmit) {
    RunningQueue queue(2);
    int ran = 0;
    std::deque<Job> chain;
    for (std::size_t i = 0; i < 1000; ++i)
        chain.emplace_back([&, i] {
            ++ran;
            if (i + 1 < chain.size()) queue->submit(chain[i + 1]);
        });
    queue->submit(chain.front());
    queue.stop();
    EXPECT_EQ(ran, 1000);
}

TEST(TaskQueueTest, StopRunsATaskAgainUntilItHasEnough) {
    RunningQueue queue(2);
    int ran = 0;
    Job job([&] { ++ran; }, 1000);
    queue->submit(job);
    queue.stop();
    EXPECT_EQ(ran, 1000);
}

// The sleeping worker may run the task and end while the submitter that wakes it still uses the worker.
TEST(TaskQueueTest, StopWaitsForASubmitterThatNotifiesAWorker) {
    for (int round = 0; round < 20; ++round) {
        RunningQueue queue(1);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        Event ran;
        Job job([&] { ran.set(); });
        std::thread submitter([&] { queue->submit(job); });
        EXPECT_TRUE(ran.wait());
        queue.stop();
        submitter.join();
    }
}

TEST(TaskQueueTest, StartsAgainAfterStop) {
    TestAllocator allocator;
    TaskQueue queue;
    for (int i = 0; i < 100; ++i) {
        const unsigned workers = 1 + static_cast<unsigned>(i / 2 % 4);
        ASSERT_TRUE(queue.start(allocator, {workers, workers}, "test:task"));
        Event ran;
        Job first([&] { ran.set(); });
        Job second([&] { ran.set(); });
        Job third([&] { ran.set(); });
        if (i % 2 == 0) {
            queue.submit(first);
            ASSERT_TRUE(ran.wait(1));
            queue.submit(second);
            ASSERT_TRUE(ran.wait(2));
            queue.submit(third);
        }
        queue.stop();
        EXPECT_EQ(ran.count(), i % 2 == 0 ? 3 : 0);
        EXPECT_EQ(allocator.in_use(), 0u);
    }
}

TEST(TaskQueueTest, StartWithoutMemoryLeavesNothingBehind) {
    TestAllocator allocator;
    TaskQueue queue;
    allocator.fail_after(0);
    EXPECT_FALSE(queue.start(allocator, {4, 4}, "test:task"));
    EXPECT_EQ(allocator.in_use(), 0u);
    allocator.fail_no_more();
    ASSERT_TRUE(queue.start(allocator, {4, 4}, "test:task"));
    Event ran;
    Job job([&] { ran.set(); });
    queue.submit(job);
    EXPECT_TRUE(ran.wait());
    queue.stop();
}

#if defined(__GLIBC__)
TEST(TaskQueueTest, StartWithoutThreadsLeavesNothingBehind) {
    TestAllocator allocator;
    TaskQueue queue;
    {
        const NoThreads none;
        EXPECT_FALSE(queue.start(allocator, {4, 4}, "test:task"));
    }
    EXPECT_EQ(allocator.in_use(), 0u);
    ASSERT_TRUE(queue.start(allocator, {4, 4}, "test:task"));
    Event ran;
    Job job([&] { ran.set(); });
    queue.submit(job);
    EXPECT_TRUE(ran.wait());
    queue.stop();
}
#endif

TEST(TaskQueueTest, WhatIsSubmittedWhileThereAreNoWorkersRunsInTheCall) {
    Allocator allocator;
    TaskQueue queue;
    int ran = 0;
    Job first([&] { ++ran; });
    Job second([&] { ++ran; }, 3);
    queue.submit(first);
    EXPECT_EQ(ran, 1);
    ASSERT_TRUE(queue.start(allocator, {2, 2}, "test:task"));
    queue.stop();
    queue.submit(second);
    EXPECT_EQ(ran, 4);
}

// ---- tasks come in batches

constexpr int kBatch = static_cast<int>(Batch::kSize);

TEST(TaskQueueTest, TasksThatRunAgainTakeTurns) {
    RunningQueue queue(1);
    std::vector<int> runs(100);
    int most_ahead = 0;
    std::deque<Job> jobs;
    for (int& mine : runs)
        jobs.emplace_back(
            [&] {
                ++mine;
                most_ahead = std::max(most_ahead, mine - *std::min_element(runs.begin(), runs.end()));
            },
            20);
    submit_in_one_go(*queue, jobs);
    queue.stop();
    EXPECT_EQ(runs, std::vector<int>(100, 20));
    EXPECT_LE(most_ahead, 2);
}

TEST(TaskQueueTest, ANewTaskWaitsForOneBatchOfTasksThatRunAgain) {
    RunningQueue queue(1);
    int runs = 0, submitted_at = 0, ran_at = 0;
    Job late([&] { ran_at = runs; });
    std::deque<Job> jobs;
    for (int i = 0; i < 10; ++i)
        jobs.emplace_back(
            [&] {
                if (++runs != 500) return;
                submitted_at = runs;
                queue->submit(late);
            },
            100);
    submit_in_one_go(*queue, jobs);
    queue.stop();
    EXPECT_GT(ran_at, 0);
    EXPECT_LE(ran_at - submitted_at, kBatch);
}

// When stop() begins, the first task is blocked. The other tasks wait in the batch of its worker, or in the queue.
TEST(TaskQueueTest, StopRunsWhatWaitsBehindABlockedTask) {
    RunningQueue queue(2);
    Event ran, blocked;
    std::deque<Job> jobs;
    jobs.emplace_back([&] {
        blocked.set();
        EXPECT_TRUE(ran.wait(100));
    });
    for (int i = 0; i < 100; ++i)
        jobs.emplace_back([&] {
            EXPECT_TRUE(blocked.wait());
            ran.set();
        });
    submit_in_one_go(*queue, jobs);
    queue.stop();
    EXPECT_EQ(ran.count(), 100);
}

// The only worker that is not blocked has one task that always runs again. This worker takes a second such task from
// the blocked worker, and must run both tasks again and again.
TEST(TaskQueueTest, AHelperDoesNotForgetWhatItHasGivenBack) {
    RunningQueue queue(2);
    Event lifted, gone;
    Job blocked([&] {
        EXPECT_TRUE(lifted.wait());
        gone.set();
    });
    EndlessTask own(*queue), taken(*queue);
    own.start();
    TaskList both;
    both.push(blocked);
    both.push(taken);
    queue->submit(both);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(taken.gets_on());
        EXPECT_TRUE(own.gets_on());
    }
    lifted.set();
    EXPECT_TRUE(gone.wait());
}

// A busy worker runs its own task only a few hundred times before it runs the tasks that wait behind a blocked task.
// This number of runs depends neither on the number of workers nor on the duration of callbacks.
TEST(TaskQueueTest, ABusyWorkerHelpsSoon) {
    constexpr int kTasks = 20;
    RunningQueue queue(16);
    const Blockade others(*queue, 14);
    EndlessTask endless(*queue);
    Event blocked, ran, lifted, gone;
    int ran_at = 0;
    std::deque<Job> jobs;
    jobs.emplace_back([&] {
        blocked.set();
        EXPECT_TRUE(lifted.wait());
        gone.set();
    });
    for (int i = 0; i < kTasks; ++i)
        jobs.emplace_back([&] {
            ran_at = endless.runs();
            ran.set();
        });
    {
        const Blockade helper(*queue, 1);
        submit_in_one_go(*queue, jobs);
        EXPECT_TRUE(blocked.wait());
        queue->submit(endless);
    }
    EXPECT_TRUE(ran.wait(kTasks));
    lifted.set();
    EXPECT_TRUE(gone.wait());
    EXPECT_GE(ran_at, kBatch);
    // The worker looks once in kBatch runs: up to four looks until it watches the batch, and one more to find the batch
    // stalled. Then it runs the tasks in turn with its own task.
    EXPECT_LE(ran_at, 7 * kBatch);
}

// ---- many workers; repeated, because some orders of the threads' steps are rare

class TaskQueueRaceTest : public testing::TestWithParam<int> {
  protected:
    [[nodiscard]] int workers() const { return GetParam(); }
    RunningQueue queue_{static_cast<unsigned>(GetParam())};
};

class SeveralWorkersRaceTest : public TaskQueueRaceTest {};

TEST_P(TaskQueueRaceTest, EveryTaskRunsExactlyOnce) {
    constexpr int kSubmitters = 2;
    constexpr int kTasks = 50'000;
    constexpr int kBurst = 7;
    struct Counted : Task {
        Counted() : Task(count) {}
        static Task* count(Task& task) noexcept {
            static_cast<Counted&>(task).runs.fetch_add(1, std::memory_order_relaxed);
            return nullptr;
        }
        std::atomic<int> runs{0};
    };
    std::deque<Counted> tasks(kSubmitters * kTasks);
    std::vector<std::thread> submitters;
    for (int s = 0; s < kSubmitters; ++s)
        submitters.emplace_back([&, s] {
            TaskList burst;
            for (int i = 0; i < kTasks; ++i) {
                Counted& task = tasks[static_cast<std::size_t>(s * kTasks + i)];
                if (s == 0) {
                    queue_->submit(task);
                    continue;
                }
                burst.push(task);
                if (i % kBurst == 0 || i == kTasks - 1) queue_->submit(burst);
            }
        });
    for (std::thread& submitter : submitters) submitter.join();
    queue_.stop();
    int wrong = 0;
    for (const Counted& task : tasks) wrong += task.runs != 1;
    EXPECT_EQ(wrong, 0);
}

TEST_P(TaskQueueRaceTest, WhatIsSubmittedWhileItStopsRunsOnce) {
    Allocator allocator;
    for (int round = 0; round < 300 && !HasFailure(); ++round) {
        TaskQueue queue;
        const auto started = static_cast<unsigned>(workers());
        ASSERT_TRUE(queue.start(allocator, {started, started}, "test:task"));
        std::atomic<bool> ends{false};
        std::atomic<int> ran{0};
        std::atomic<int> submitted{0};
        std::vector<std::thread> submitters;
        for (int s = 0; s < 2; ++s)
            submitters.emplace_back([&] {
                while (!ends) {
                    Event done;
                    Job job([&] {
                        ++ran;
                        done.set();
                    });
                    ++submitted;
                    queue.submit(job);
                    if (!done.wait()) return;
                }
            });
        while (ran < 10) std::this_thread::yield();
        queue.stop();
        ends = true;
        for (std::thread& submitter : submitters) submitter.join();
        EXPECT_EQ(ran, submitted);
    }
}

// Each task blocks until all of them run, so each needs a worker of its own.
TEST_P(TaskQueueRaceTest, NoTaskWaitsWhileAWorkerIsFree) {
    const int rounds = 4000;
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
        Event here, gone;
        std::deque<Job> jobs;
        for (int i = 0; i < workers(); ++i)
            jobs.emplace_back([&] {
                here.set();
                EXPECT_TRUE(here.wait(workers())) << "in round " << round;
                gone.set();
            });
        if (round % 2 == 0)
            submit_in_one_go(*queue_, jobs);
        else
            for (Job& job : jobs) queue_->submit(job);
        EXPECT_TRUE(gone.wait(workers()));
    }
}

TEST_P(SeveralWorkersRaceTest, NoTaskWaitsBehindABlockedOne) {
    const Blockade blockade(*queue_, workers() - 1);
    constexpr int kRounds = 10'000;
    for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        Event ran;
        Job one([&] { ran.set(); });
        Job two([&] { ran.set(); });
        queue_->submit(one);
        if (round % 4 == 0) {
            EXPECT_TRUE(ran.wait(1));  // the worker is about to sleep, or asleep
        }
        queue_->submit(two);
        EXPECT_TRUE(ran.wait(2)) << "in round " << round;
    }
}

// The submitting worker blocks, so another worker must run the submitted task.
TEST_P(SeveralWorkersRaceTest, ATaskMayWaitForTheOneItHasSubmitted) {
    constexpr int kRounds = 5'000;
    for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        Event inner_ran, outer_ran;
        Job inner([&] { inner_ran.set(); });
        Job outer([&] {
            queue_->submit(inner);
            EXPECT_TRUE(inner_ran.wait()) << "in round " << round;
            outer_ran.set();
        });
        queue_->submit(outer);
        EXPECT_TRUE(outer_ran.wait());
    }
}

// The task `again` must not keep the task `other`, which it has submitted, from running. No two workers may run `again`
// at once.
TEST_P(TaskQueueRaceTest, TasksThatRunAgainShareTheWorkersWithOthers) {
    constexpr int kTimes = 20'000;
    std::atomic<bool> inside{false};
    int overlaps = 0;
    Event others, ended;
    Job other([&] { others.set(); }, kTimes);
    int runs = 0;
    Job again(
        [&] {
            overlaps += inside.exchange(true);
            if (++runs == 1) queue_->submit(other);
            inside = false;
            if (runs == kTimes) ended.set();
        },
        kTimes);
    queue_->submit(again);
    EXPECT_TRUE(others.wait(kTimes));
    EXPECT_TRUE(ended.wait());
    EXPECT_EQ(overlaps, 0);
}

TEST_P(TaskQueueRaceTest, TasksMaySubmitTasks) {
    constexpr std::size_t kTasks = (1u << 15) - 1;
    Event ran;
    std::deque<Job> tree;
    for (std::size_t i = 0; i < kTasks; ++i)
        tree.emplace_back([&, i] {
            for (const std::size_t child : {2 * i + 1, 2 * i + 2})
                if (child < tree.size()) queue_->submit(tree[child]);
            ran.set();
        });
    queue_->submit(tree.front());
    EXPECT_TRUE(ran.wait(kTasks));
    queue_.stop();
    EXPECT_EQ(ran.count(), static_cast<int>(kTasks));
}

// All workers except one are blocked. In the list of tasks, each blocking task is followed by enough tasks to fill the
// batch of the worker that runs it.
TEST_P(SeveralWorkersRaceTest, NoTaskWaitsInTheBatchOfABlockedWorker) {
    constexpr int kRounds = 200;
    const int blocked = workers() - 1;
    for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        const int others = blocked * (kBatch - 1) + round % kBatch;
        Event ran, gone;
        std::deque<Job> jobs;
        for (int i = 0; i < blocked + others; ++i)
            if (i % kBatch == 0 && i / kBatch < blocked)
                jobs.emplace_back([&] {
                    EXPECT_TRUE(ran.wait(others)) << "in round " << round;
                    gone.set();
                });
            else
                jobs.emplace_back([&] { ran.set(); });
        submit_in_one_go(*queue_, jobs);
        EXPECT_TRUE(gone.wait(blocked));
        EXPECT_TRUE(ran.wait(others));
    }
}

// The only worker that is not blocked always has a task of its own. Nevertheless it must run the tasks that wait behind
// the blocked tasks.
TEST_P(SeveralWorkersRaceTest, ABusyWorkerHelpsBlockedOnes) {
    constexpr int kRounds = 200;
    const int blocked = workers() - 1;
    for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        EndlessTask endless(*queue_, round % 2 == 0);
        endless.start();
        Event ran, gone;
        std::deque<Job> jobs;
        for (int i = 0; i < blocked; ++i) {
            jobs.emplace_back([&] {
                EXPECT_TRUE(ran.wait(blocked)) << "in round " << round;
                gone.set();
            });
            jobs.emplace_back([&] { ran.set(); });
        }
        submit_in_one_go(*queue_, jobs);
        EXPECT_TRUE(gone.wait(blocked));
        EXPECT_TRUE(ran.wait(blocked));
    }
}

// There are more tasks than fit into all batches, so that workers take them, give them back and steal them.
TEST_P(TaskQueueRaceTest, ATaskThatRunsAgainIsRunByOneWorkerAtATime) {
    constexpr int kTimes = 500;
    struct Counted {
        std::atomic<bool> inside{false};
        int runs = 0;
        bool overlapped = false;
    };
    std::deque<Counted> counted(300);
    std::deque<Job> jobs;
    for (Counted& mine : counted)
        jobs.emplace_back(
            [&] {
                mine.overlapped |= mine.inside.exchange(true);
                ++mine.runs;
                mine.inside = false;
            },
            kTimes);
    submit_in_one_go(*queue_, jobs);
    queue_.stop();
    for (const Counted& each : counted) {
        EXPECT_EQ(each.runs, kTimes);
        EXPECT_FALSE(each.overlapped);
    }
}

INSTANTIATE_TEST_SUITE_P(Workers, TaskQueueRaceTest, testing::Values(1, 2, 3, 4));
INSTANTIATE_TEST_SUITE_P(Workers, SeveralWorkersRaceTest, testing::Values(2, 3, 4));

}  // namespace
}  // namespace naio
