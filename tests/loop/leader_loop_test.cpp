// Tests LeaderLoop: the thread that leads, its followers, and leaders that are over budget.
#include "loop/leader_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "exec/library_wait.h"
#include "support/event.h"
#include "support/few_descriptors.h"
#include "support/job.h"
#include "support/no_threads.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

// A loop with a wake. The handler of the wake submits the job `next_`.
class LeaderLoopTest : public testing::Test {
  protected:
    LeaderLoopTest() {
        EXPECT_TRUE(workers_.start(allocator_, {2, 2}, "test:task"));
        loop_.attach(wake_);
    }
    ~LeaderLoopTest() override {
        if (up_) loop_.stop();
        workers_.stop();
    }

    nng_err start() {
        const nng_err error = loop_.start(workers_, "test:loop");
        up_ = error == NNG_OK;
        return error;
    }

    void submit(AwaitedJob& job) {
        next_ = &job;
        wake_.raise();
    }

    // Runs `work` on a thread of the loop. A job runs on a worker while the loop has no follower, so run_in_loop
    // submits jobs until one of them runs on a thread of the loop.
    void run_in_loop(const std::function<void()>& work) {
        for (bool done = false; !done && !HasFailure();) {
            AwaitedJob job([&] {
                done = loop_.is_here();
                if (done) work();
            });
            submit(job);
            EXPECT_TRUE(job.ran.wait());
        }
    }

    // Calls `before`, and then runs a task on a thread of the loop. Returns true if the task begins within its budget.
    // Makes up to 100 attempts, because the system may take the processor away from the thread when the task has just
    // begun, and the task is then over its budget.
    bool a_task_begins_within_its_budget(const std::function<void()>& before) {
        bool within = false;
        for (int i = 0; i < 100 && !within && !HasFailure(); ++i) {
            before();
            run_in_loop([&] { within = !CallOut::is_over_budget(); });
        }
        return within;
    }

    TestAllocator allocator_;
    TaskQueue workers_;
    std::atomic<AwaitedJob*> next_{nullptr};
    Wake wake_{[](void* self) noexcept {
                   auto& test = *static_cast<LeaderLoopTest*>(self);
                   if (AwaitedJob* const job = test.next_.exchange(nullptr)) test.workers_.submit(*job);
               },
               this};
    LeaderLoop loop_;
    bool up_ = false;
};

void pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

TEST_F(LeaderLoopTest, ATaskThatBlocksIsOverBudget) {
    ASSERT_EQ(start(), NNG_OK);
    EXPECT_TRUE(a_task_begins_within_its_budget([] {}));
    bool over_budget = false;
    run_in_loop([&] {
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        while (!(over_budget = CallOut::is_over_budget()) && std::chrono::steady_clock::now() < give_up)
            pause(std::chrono::milliseconds(1));
    });
    EXPECT_TRUE(over_budget);
}

TEST_F(LeaderLoopTest, ATaskThatSaysThatItWaitsIsOverBudget) {
    ASSERT_EQ(start(), NNG_OK);
    run_in_loop([] {
        const LibraryWait waiting;
        EXPECT_TRUE(CallOut::is_over_budget());
    });
}

TEST_F(LeaderLoopTest, TheNextTaskDoesNot) {
    ASSERT_EQ(start(), NNG_OK);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(a_task_begins_within_its_budget([&] { run_in_loop([] { const LibraryWait waiting; }); }));
    }
}

// In each round the follower must notice that a task blocks. In some rounds a pause, a task that waits in the library,
// or brief tasks come before that task.
TEST_F(LeaderLoopTest, EveryTaskIsWatched) {
    ASSERT_EQ(start(), NNG_OK);
    for (int i = 0; i < 20 && !HasFailure(); ++i) {
        pause(std::chrono::milliseconds(i % 2 * 5));
        if (i % 3 == 0) run_in_loop([] { const LibraryWait waiting; });
        for (int brief = 0; brief < i % 7; ++brief) run_in_loop([] {});
        run_in_loop([&] {
            AwaitedJob other([] {});
            submit(other);
            EXPECT_TRUE(other.ran.wait()) << "the follower has not taken the lead in round " << i;
        });
    }
}

#if !defined(NAIO_PORTABLE_LOOP) && defined(__linux__)
// Rare tasks wake only the thread that runs them.
TEST_F(LeaderLoopTest, RareTasksLeaveTheFollowerAsleep) {
    ASSERT_EQ(start(), NNG_OK);
    run_in_loop([] {});
    const auto switches = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_nvcsw;
    };
    constexpr int kTasks = 50;
    const long before = switches();
    for (int i = 0; i < kTasks; ++i) {
        pause(std::chrono::milliseconds(5));
        AwaitedJob job([] {});
        submit(job);
        EXPECT_TRUE(job.ran.wait());
    }
    // For each task the test's thread sleeps twice, the leader once, and sometimes another thread once.
    EXPECT_LT(switches() - before, kTasks * 9 / 2);
}
#endif

TEST_F(LeaderLoopTest, TasksThatAreLeftAtItsStopAreRun) {
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(start(), NNG_OK);
        Event release;
        AwaitedJob behind([] {});
        AwaitedJob first([&] {
            workers_.submit(behind);
            EXPECT_TRUE(release.wait());
        });
        submit(first);
        std::thread releaser([&] { release.set(); });
        EXPECT_TRUE(first.ran.wait());
        loop_.stop();
        up_ = false;
        EXPECT_TRUE(behind.ran.wait());
        releaser.join();
    }
}

#if defined(__GLIBC__)
TEST_F(LeaderLoopTest, StartWithoutThreadsLeavesNothingBehind) {
    {
        const NoThreads none;
        EXPECT_EQ(start(), NNG_ENOMEM);
    }
    ASSERT_EQ(start(), NNG_OK);
    run_in_loop([] {});
}
#endif

TEST_F(LeaderLoopTest, StartLeavesNothingBehindWhicheverDescriptorItCannotHave) {
    ASSERT_EQ(start(), NNG_OK);
    loop_.stop();
    unsigned allowed = 0;
    for (up_ = false; !up_ && allowed < 200; ++allowed) {
        const FewDescriptors few(allowed);
        const nng_err error = start();
        EXPECT_TRUE(error == NNG_OK || error == NNG_ENOFILES) << error;
    }
    ASSERT_TRUE(up_);
    EXPECT_GT(allowed, 2u);
    run_in_loop([] {});
}

}  // namespace
}  // namespace naio
