// Tests the sleep of a thread on a descriptor.
#include "exec/readiness_wait.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/clock.h"

namespace naio {
namespace {

#if defined(__linux__)

class ReadinessWaitTest : public testing::Test {
  protected:
    ReadinessWaitTest() {
        EXPECT_EQ(::pipe(ends_.data()), 0);
        waits_.open();
    }
    ~ReadinessWaitTest() override {
        waits_.close();
        for (const int end : ends_) ::close(end);
    }

    std::array<int, 2> ends_{};  // of a pipe
    ReadinessWaits waits_;
};

TEST_F(ReadinessWaitTest, EndsWhenTheDescriptorIsReadable) {
    ReadinessWait wait;
    ASSERT_TRUE(wait.prepare(waits_));
    EXPECT_FALSE(wait.sleep_until(ends_[0], now() + kMillisecond));
    EXPECT_EQ(::write(ends_[1], "x", 1), 1);
    EXPECT_TRUE(wait.sleep_until(ends_[0], kNever));
}

TEST_F(ReadinessWaitTest, EndsWhenItIsInterrupted) {
    ReadinessWait wait;
    ASSERT_TRUE(wait.prepare(waits_));
    std::thread other([&] { wait.interrupt(); });
    EXPECT_TRUE(wait.sleep_until(ends_[0], kNever));
    other.join();
    EXPECT_TRUE(wait.sleep_until(ends_[0], kNever)) << "later sleeps end, too";
}

// A thread that does not sleep yet has no descriptor. It learns of the interruption from the object that it waits for.
TEST_F(ReadinessWaitTest, CanBeInterruptedBeforeItIsPrepared) {
    ReadinessWait wait;
    wait.interrupt();
}

TEST_F(ReadinessWaitTest, MayBePreparedMoreThanOnce) {
    ReadinessWait wait;
    ASSERT_TRUE(wait.prepare(waits_));
    wait.interrupt();
    ASSERT_TRUE(wait.prepare(waits_));
    EXPECT_TRUE(wait.sleep_until(ends_[0], kNever));
}

// Otherwise the thread would try again and again.
TEST_F(ReadinessWaitTest, DoesNotSleepIfTheSystemRefusesToWatch) {
    ReadinessWait wait;
    ASSERT_TRUE(wait.prepare(waits_));
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit one{1, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &one);
    EXPECT_FALSE(wait.sleep_until(ends_[0], kNever));
    setrlimit(RLIMIT_NOFILE, &before);
}

#endif

}  // namespace
}  // namespace naio
