// Tests BlockingQueue: its threads run the jobs, which may block, and each job ends exactly once.
#include "exec/blocking_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include "support/no_threads.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

using End = BlockingQueue::End;

// A count. A thread can wait until the count reaches a value.
class Counter {
  public:
    void add(int n = 1) {
        count_ += n;
        count_.notify_all();
    }
    void wait_for(int n) const {
        for (int seen = count_; seen < n; seen = count_) count_.wait(seen);
    }
    [[nodiscard]] int value() const { return count_; }

  private:
    std::atomic<int> count_{0};
};

// A job whose call blocks until let_go().
class TestJob : public BlockingQueue::Job {
  public:
    explicit TestJob(bool blocks = true) : Job(call, ended) {
        if (!blocks) let_go();
    }
    void let_go() { gate_.add(); }

    Counter calls, ends;
    std::atomic<End> how{};

  private:
    static void call(Job& job) noexcept {
        auto& self = static_cast<TestJob&>(job);
        self.calls.add();
        self.gate_.wait_for(1);
    }
    static void ended(Job& job, End how) noexcept {
        auto& self = static_cast<TestJob&>(job);
        self.how = how;
        self.ends.add();
    }

    Counter gate_;
};

class BlockingQueueTest : public testing::Test {
  protected:
    explicit BlockingQueueTest(unsigned limit = 2) : limit_(limit) { queue_.start(allocator_, limit_, "test:block"); }

    static void expect_end(const TestJob& job, End how, int calls) {
        job.ends.wait_for(1);
        EXPECT_EQ(job.how, how);
        EXPECT_EQ(job.calls.value(), calls);
        EXPECT_EQ(job.ends.value(), 1);
    }

    // Submits the job, and abandons it while its call blocks.
    void lose(TestJob& job) {
        queue_.submit(job);
        job.calls.wait_for(1);
        queue_.abandon(job);
    }

    const unsigned limit_;
    Allocator allocator_;
    BlockingQueue queue_;
};

TEST_F(BlockingQueueTest, RunsAJobOnAnotherThread) {
    TestJob job(false);
    queue_.submit(job);
    expect_end(job, End::kReturned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, RunsAsManyAtOnceAsTheLimitAllows) {
    TestJob jobs[3];
    for (TestJob& job : jobs) queue_.submit(job);
    jobs[0].calls.wait_for(1);
    jobs[1].calls.wait_for(1);
    EXPECT_EQ(jobs[2].calls.value(), 0);
    jobs[1].let_go();
    jobs[2].calls.wait_for(1);
    jobs[0].let_go();
    jobs[2].let_go();
    for (TestJob& job : jobs) expect_end(job, End::kReturned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, StopRunsWhatWaits) {
    std::deque<TestJob> jobs;
    for (int i = 0; i < 100; ++i) queue_.submit(jobs.emplace_back(false));
    queue_.stop();
    for (TestJob& job : jobs) expect_end(job, End::kReturned, 1);
}

TEST_F(BlockingQueueTest, CanBeStartedAgain) {
    for (int i = 0; i < 3; ++i) {
        TestJob job(false);
        queue_.submit(job);
        expect_end(job, End::kReturned, 1);
        queue_.stop();
        queue_.start(allocator_, limit_, "test:block");
    }
    queue_.stop();
}

TEST_F(BlockingQueueTest, StartsNoThreadBeforeTheFirstJob) {
    queue_.stop();  // has no thread to join
#if defined(__GLIBC__)
    const NoThreads none;
    queue_.start(allocator_, limit_, "test:block");
    queue_.stop();
#endif
}

TEST_F(BlockingQueueTest, AJobThatWaitsCanBeWithdrawn) {
    TestJob first, second, withdrawn;
    for (TestJob* job : {&first, &second, &withdrawn}) queue_.submit(*job);
    EXPECT_TRUE(queue_.withdraw(withdrawn));
    expect_end(withdrawn, End::kWithdrawn, 0);
    EXPECT_FALSE(queue_.withdraw(withdrawn));
    first.let_go();
    second.let_go();
    queue_.stop();
}

TEST_F(BlockingQueueTest, AJobThatWaitsCanBeAbandonedAsWell) {
    TestJob first, second, withdrawn;
    for (TestJob* job : {&first, &second, &withdrawn}) queue_.submit(*job);
    EXPECT_TRUE(queue_.abandon(withdrawn));
    expect_end(withdrawn, End::kWithdrawn, 0);
    first.let_go();
    second.let_go();
    queue_.stop();
}

TEST_F(BlockingQueueTest, AJobThatIsYetToBeSubmittedCanBeWithdrawn) {
    TestJob job;
    EXPECT_TRUE(queue_.withdraw(job));
    EXPECT_EQ(job.ends.value(), 0) << "the job ends when it is submitted";
    queue_.submit(job);
    expect_end(job, End::kWithdrawn, 0);
    queue_.stop();
}

TEST_F(BlockingQueueTest, AJobThatRunsCannotBeWithdrawn) {
    TestJob job;
    queue_.submit(job);
    job.calls.wait_for(1);
    EXPECT_FALSE(queue_.withdraw(job));
    job.let_go();
    expect_end(job, End::kReturned, 1);
    EXPECT_FALSE(queue_.withdraw(job));
    EXPECT_FALSE(queue_.abandon(job));
    queue_.stop();
}

TEST_F(BlockingQueueTest, AnAbandonedJobEndsWhenItsCallReturns) {
    TestJob job;
    queue_.submit(job);
    job.calls.wait_for(1);
    EXPECT_TRUE(queue_.abandon(job));
    EXPECT_FALSE(queue_.abandon(job));
    EXPECT_EQ(job.ends.value(), 0);
    job.let_go();
    expect_end(job, End::kAbandoned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, OthersNeedNotWaitForAbandonedJobs) {
    std::deque<TestJob> hung(4);
    for (TestJob& job : hung) lose(job);
    TestJob job(false);
    queue_.submit(job);
    expect_end(job, End::kReturned, 1);
    for (TestJob& hanging : hung) hanging.let_go();
    for (TestJob& hanging : hung) expect_end(hanging, End::kAbandoned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, WhatWaitedForAnAbandonedJobGoesOn) {
    TestJob hung[2], waiting(false);
    for (TestJob& job : hung) queue_.submit(job);
    for (TestJob& job : hung) job.calls.wait_for(1);
    queue_.submit(waiting);
    EXPECT_EQ(waiting.calls.value(), 0);
    queue_.abandon(hung[0]);
    expect_end(waiting, End::kReturned, 1);
    hung[0].let_go();
    hung[1].let_go();
    queue_.stop();
    expect_end(hung[1], End::kReturned, 1);
    hung[0].ends.wait_for(1);
}

TEST_F(BlockingQueueTest, StopDoesNotWaitForAbandonedJobs) {
    TestJob hung;
    lose(hung);
    queue_.stop();
    EXPECT_EQ(hung.ends.value(), 0);

    queue_.start(allocator_, limit_, "test:block");
    TestJob job(false);
    queue_.submit(job);
    expect_end(job, End::kReturned, 1);
    hung.let_go();
    expect_end(hung, End::kAbandoned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, StopEndsWhatNoThreadCanRun) {
    std::deque<TestJob> hung(16);
    for (TestJob& job : hung) lose(job);
    TestJob job(false);
    queue_.submit(job);
    queue_.stop();
    expect_end(job, End::kNoThread, 0);
    for (TestJob& hanging : hung) hanging.let_go();
    for (TestJob& hanging : hung) hanging.ends.wait_for(1);
}

TEST_F(BlockingQueueTest, MoreLostThreadsThanThatAreNotReplaced) {
    std::deque<TestJob> hung(16);
    for (TestJob& job : hung) lose(job);
    TestJob job(false);
    queue_.submit(job);
    hung.front().let_go();  // the thread whose call now returns takes `job`
    expect_end(job, End::kReturned, 1);
    for (TestJob& hanging : hung) hanging.let_go();
    for (TestJob& hanging : hung) hanging.ends.wait_for(1);
    queue_.stop();
}

#if defined(__GLIBC__)
TEST_F(BlockingQueueTest, WithoutAThreadAJobEndsAtOnce) {
    TestJob job;
    {
        const NoThreads none;
        queue_.submit(job);
    }
    expect_end(job, End::kNoThread, 0);
    TestJob later(false);
    queue_.submit(later);
    expect_end(later, End::kReturned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, OneThreadIsEnough) {
    TestJob first, second(false);
    queue_.submit(first);
    {
        const NoThreads none;
        queue_.submit(second);
    }
    first.let_go();
    expect_end(second, End::kReturned, 1);
    queue_.stop();
}

TEST_F(BlockingQueueTest, OneThreadIsNotEnoughIfItsCallMayHang) {
    queue_.stop();
    queue_.start(allocator_, limit_, "test:block", limit_, BlockingQueue::Calls::kMayHang);
    TestJob first, second;
    queue_.submit(first);
    {
        const NoThreads none;
        queue_.submit(second);
    }
    expect_end(second, End::kNoThread, 0);
    first.let_go();
    expect_end(first, End::kReturned, 1);
    queue_.stop();
}

// The first thread is lost and the second thread is in a call, so no thread can run the job that waits.
TEST_F(BlockingQueueTest, AJobThatWaitsEndsIfNoThreadTakesThePlaceOfALostOneAndCallsMayHang) {
    queue_.stop();
    queue_.start(allocator_, limit_, "test:block", BlockingQueue::kMaxLost, BlockingQueue::Calls::kMayHang);
    TestJob first, second, waits;
    for (TestJob* job : {&first, &second}) {
        queue_.submit(*job);
        job->calls.wait_for(1);
    }
    queue_.submit(waits);
    {
        const NoThreads none;
        EXPECT_TRUE(queue_.abandon(first));
    }
    expect_end(waits, End::kNoThread, 0);
    for (TestJob* job : {&first, &second}) job->let_go();
    expect_end(first, End::kAbandoned, 1);
    expect_end(second, End::kReturned, 1);
    queue_.stop();
}
#endif

TEST_F(BlockingQueueTest, AJobThatHasEndedCanBeSubmittedAgain) {
    TestJob job(false);
    for (int i = 1; i <= 100; ++i) {
        queue_.submit(job);
        job.ends.wait_for(i);
    }
    EXPECT_EQ(job.calls.value(), 100);
    queue_.stop();
}

TEST_F(BlockingQueueTest, EachJobEndsOnceWhicheverThreadEndsIt) {
    constexpr int kThreads = 3;
    constexpr int kJobs = 2000;
    std::atomic<int> ended{0}, given_up{0};
    const auto play = [&](int seed) {
        for (int i = 0; i < kJobs; ++i) {
            TestJob job(false);
            std::thread other;
            if (i % 8 == 0) other = std::thread([&] { given_up += queue_.abandon(job) ? 1 : 0; });
            queue_.submit(job);
            if (i % 3 == seed) given_up += queue_.withdraw(job) ? 1 : 0;
            if (other.joinable()) other.join();
            job.ends.wait_for(1);
            ended += job.how != End::kReturned ? 1 : 0;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(play, i);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(ended, given_up);
    queue_.stop();
}

}  // namespace
}  // namespace naio
