// Tries the faults that users have reported about the timers of other libraries. Each test names the reports.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <thread>
#include <vector>

#include "base/now.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"

namespace {

using namespace support;

constexpr std::int64_t kMs = 1'000'000;
constexpr nng_duration kLongest = std::numeric_limits<nng_duration>::max();

bool start(nng_aio* aio) {
    return nng_aio_start(
        aio, [](nng_aio* each, void*, nng_err reason) { nng_aio_finish(each, reason); }, nullptr);
}

std::uint64_t timer_entries() {
    naio_statistics stats{};
    stats.size = sizeof(stats);
    naio_stats(&stats);
    return stats.timer_entries;
}

// libuv #1105, #4773: a timer counts whole milliseconds, and is early by the fraction that it has dropped.
TEST(Reported, NoSleepIsEarlyByAFractionOfAMillisecond) {
    const Handle handle;
    for (int i = 0; i < 60; ++i) {
        for (const std::int64_t until = naio::now() + i * kMs / 60; naio::now() < until;) {
        }
        const std::int64_t begin = naio::now();
        nng_sleep_aio(1, handle);
        EXPECT_EQ(handle.wait(), NNG_OK);
        EXPECT_GE(naio::now() - begin, kMs);
    }
}

// libuv #1068: a timer that is started after a pause counts from the time before the pause.
TEST(Reported, ASleepThatBeginsAfterAPauseIsNotShorter) {
    const Handle handle;
    nng_sleep_aio(1, handle);
    EXPECT_EQ(handle.wait(), NNG_OK);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    const std::int64_t begin = naio::now();
    nng_sleep_aio(20, handle);
    EXPECT_EQ(handle.wait(), NNG_OK);
    EXPECT_GE(naio::now() - begin, 20 * kMs);
}

// libuv #4245: a callback that starts a timer of zero keeps all other timers from expiring.
TEST(Reported, ACallbackThatSleepsForNoTimeDelaysNoOtherSleep) {
    std::atomic<bool> again{true};
    Event over;
    Handle restless([&](nng_aio* aio) { again ? nng_sleep_aio(0, aio) : over.set(); });
    nng_sleep_aio(0, restless);
    const Handle other;
    for (int i = 0; i < 5; ++i) {
        nng_sleep_aio(2, other);
        EXPECT_EQ(other.wait(), NNG_OK);
    }
    again = false;
    EXPECT_TRUE(over.wait());
}

// tokio #849, Go #47762: a timer that is set to an earlier time goes off at the later one.
TEST(Reported, AnEarlierTimeoutIsNotPutOffByALaterOne) {
    const Handle handle;
    for (const nng_duration later : {60, 130, 600, 5000, 60'000, kLongest}) {
        nng_aio_set_timeout(handle, later);
        EXPECT_TRUE(start(handle));
        nng_aio_cancel(handle);
        EXPECT_EQ(handle.wait(), NNG_ECANCELED);
        nng_aio_set_timeout(handle, 2);
        EXPECT_TRUE(start(handle));
        EXPECT_EQ(handle.wait(), NNG_ETIMEDOUT);  // with the longest one, the test would not end
    }
}

// tokio #8334: while one timer is set for the farthest time, timers for the next milliseconds do not go off.
// node #5101, rpc-perf #180: a timer for the farthest time goes off at once, or at the end of the wheel.
TEST(Reported, TheLongestSleepsHaveNoEffectOnShortOnes) {
    Handle longest, farthest;
    nng_sleep_aio(kLongest, longest);
    nng_aio_set_expire(farthest, std::numeric_limits<nng_time>::max() / kMs - 1);
    EXPECT_TRUE(start(farthest));
    const Handle brief;
    for (int i = 0; i < 20; ++i) {
        nng_sleep_aio(static_cast<nng_duration>(1 + i % 3), brief);
        EXPECT_EQ(brief.wait(), NNG_OK);
    }
    EXPECT_EQ(longest.callbacks() + farthest.callbacks(), 0);
    nng_aio_cancel(longest);
    nng_aio_cancel(farthest);
    EXPECT_EQ(longest.wait(), NNG_ECANCELED);
    EXPECT_EQ(farthest.wait(), NNG_ECANCELED);
}

// Asio #878: a timer that is cancelled when it expires reports either, whatever cancel has returned.
TEST(Reported, ARefusedRequestHasNoEffectOnASleepWhoseTimeHasCome) {
    const Handle handle;
    for (int i = 0; i < 300; ++i) {
        const std::int64_t begin = naio::now();
        nng_sleep_aio(1, handle);
        for (const std::int64_t until = begin + kMs + (i % 50 - 10) * 2000; naio::now() < until;) {
        }
        const bool accepted = naio_aio_cancel(handle, NAIO_CANCEL_ALL, NNG_ECANCELED);
        const nng_err result = handle.wait();
        EXPECT_TRUE(result == NNG_OK || (accepted && result == NNG_ECANCELED)) << result;
    }
}

// netty #2541, #14959: cancelled timers keep memory until their time comes, or are counted twice when they go.
TEST(Reported, NoEntryIsLeftOfHandlesThatWereFreed) {
    const Restarted restarted({});
    {
        std::deque<Handle> handles(500);
        for (int round = 0; round < 3; ++round) {
            for (Handle& each : handles) {
                nng_aio_set_timeout(each, 5);
                EXPECT_TRUE(start(each) || nng_aio_result(each) == NNG_ETIMEDOUT);
            }
            EXPECT_LE(timer_entries(), handles.size());
            for (Handle& each : handles) nng_aio_cancel(each);
            for (Handle& each : handles) nng_aio_wait(each);
        }
    }
    EXPECT_EQ(timer_entries(), 0u);
}

// Asio #316: once a month, a timerfd that is watched with EPOLLET has expired, and no thread wakes. Timeouts expire
// here while the timer's thread is in a callback that blocks, begins to sleep, or spins for the next one.
TEST(Reported, NoExpiryIsLostWhenTheThreadIsAboutToSleep) {
    constexpr int kSleeps = 400;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([t] {
            int i = 0;
            const Handle handle([&](nng_aio*) {
                if (t == 0 && i % 16 == 0) nng_msleep(3);
            });
            for (; i < kSleeps; ++i) {
                const std::int64_t begin = naio::now();
                nng_sleep_aio(1, handle);
                EXPECT_EQ(handle.wait(), NNG_OK);
                EXPECT_GE(naio::now() - begin, kMs);
                for (const std::int64_t until = naio::now() + i * 137 % 1000 * 300; naio::now() < until;) {
                }
            }
        });
    }
    for (std::thread& each : threads) each.join();
}

// libevent #46: after the process was stopped, timers that are overdue keep a new timer from going off in time.
TEST(Reported, AnOverdueTimerDoesNotPutOffANewOne) {
    Event inside, go_on;
    Handle blocked;
    nng_aio_set_timeout(blocked, 1);
    struct Gate {
        Event &inside, &go_on;
    } gate{inside, go_on};
    ASSERT_TRUE(nng_aio_start(
        blocked,
        [](nng_aio* aio, void* arg, nng_err reason) {
            static_cast<Gate*>(arg)->inside.set();
            EXPECT_TRUE(static_cast<Gate*>(arg)->go_on.wait());  // blocks the timer's thread
            nng_aio_finish(aio, reason);
        },
        &gate));
    ASSERT_TRUE(inside.wait());
    Handle overdue, next;
    nng_sleep_aio(2, overdue);
    nng_msleep(5);
    nng_sleep_aio(3, next);
    go_on.set();
    EXPECT_EQ(overdue.wait(), NNG_OK);
    EXPECT_EQ(next.wait(), NNG_OK);
    EXPECT_EQ(blocked.wait(), NNG_ETIMEDOUT);
}

}  // namespace
