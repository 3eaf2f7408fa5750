// Tests Watchdog: a thread that is inside wait() wakes at the time that was set last.
#include "loop/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "support/clock.h"
#include "support/event.h"

namespace naio {
namespace {

using namespace support;

std::int64_t now() { return monotonic_ns(); }

class WatchdogTest : public testing::Test {
  protected:
    WatchdogTest() { EXPECT_EQ(watchdog_.open(), NNG_OK); }
    ~WatchdogTest() override { watchdog_.close(); }

    void set(std::int64_t deadline) {
        const Lock lock(order_);
        deadline_ = deadline;
        watchdog_.set(deadline);
    }

    // Blocks until the deadline that was set last has passed.
    void wait() {
        do {
            watchdog_.wait();
        } while (now() < deadline_);
    }

    void expect_to_sleep_until_now_is_set() {
        Event woken;
        std::thread sleeper([&] {
            wait();
            woken.set();
        });
        EXPECT_TRUE(woken.stays_away());
        set(Watchdog::kNow);
        EXPECT_TRUE(woken.wait());
        sleeper.join();
    }

    Mutex order_;
    std::atomic<std::int64_t> deadline_{kNever};
    Watchdog watchdog_;
};

TEST_F(WatchdogTest, ItWakesAtItsTime) {
    for (int i = 0; i < 10; ++i) {
        const std::int64_t deadline = now() + i * kMillisecond / 2;
        set(deadline);
        wait();
        EXPECT_GE(now(), deadline);
    }
}

TEST_F(WatchdogTest, WhatIsPastWakesAtOnce) {
    set(Watchdog::kNow);
    wait();
    set(now() - 1);
    wait();
}

TEST_F(WatchdogTest, AnEarlierTimeWakesTheThreadThatSleepsForALaterOne) {
    set(now() + 3'600'000 * kMillisecond);
    expect_to_sleep_until_now_is_set();
}

TEST_F(WatchdogTest, ALaterTimePutsItOff) {
    for (const std::int64_t later : {now() + 3'600'000 * kMillisecond, kNever}) {
        set(now() + kMillisecond);
        set(later);
        expect_to_sleep_until_now_is_set();
    }
}

TEST_F(WatchdogTest, NoTimeIsMissedHoweverOftenItIsSet) {
    constexpr int kRounds = 20'000;
    Event woken;
    std::thread sleeper([&] {
        for (int i = 0; i < kRounds; ++i) {
            wait();
            deadline_ = kNever;
            woken.set();
        }
    });
    for (int i = 1; i <= kRounds && !HasFailure(); ++i) {
        if (i % 3 == 0) set(now() + kMillisecond);
        if (i % 2 == 0) set(kNever);
        set(i % 5 == 0 ? now() + 10'000 : Watchdog::kNow);
        ASSERT_TRUE(woken.wait(i));
    }
    sleeper.join();
}

}  // namespace
}  // namespace naio
