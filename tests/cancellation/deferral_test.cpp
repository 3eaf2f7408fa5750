// Tests begin, defer and finish as NNG 1 has them, on the handle itself, because <naio/nng1.h> cannot be included with
// the headers of these tests. tests/nng1 has tests of the public functions.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "aio/aio.h"
#include "base/clock.h"
#include "support/expect_abort.h"
#include "support/handle.h"

namespace cancellation {
namespace {

using namespace support;

// A provider that keeps one operation under a lock, which its cancel function takes, too.
struct Provider {
    std::mutex mutex;
    nng_aio* kept = nullptr;
    std::atomic<int> calls{0};
    std::atomic<int> reason{0};
    std::atomic<int> declines{0};  // the number of calls that have yet to defer the operation again

    void keep(nng_aio* aio) {
        const std::lock_guard lock(mutex);
        aio->defer_nng1(cancel, this, aio->own_limit(), false);
        kept = aio;
    }
    bool finish(int code) {
        nng_aio* aio = nullptr;
        {
            const std::lock_guard lock(mutex);
            std::swap(aio, kept);
        }
        if (aio != nullptr) aio->finish_nng1(static_cast<nng_err>(code));
        return aio != nullptr;
    }
    static void cancel(nng_aio* aio, void* self, int reason) {
        auto& provider = *static_cast<Provider*>(self);
        provider.reason = reason;
        ++provider.calls;
        if (provider.declines > 0) {
            --provider.declines;
            aio->defer_nng1(cancel, self, aio->own_limit(), false);
            return;
        }
        provider.finish(reason);
    }
};

class DeferralTest : public testing::Test {
  protected:
    Provider provider;
    Handle handle;
    nng_aio& aio = *static_cast<nng_aio*>(handle);
};

TEST_F(DeferralTest, BeginMakesTheHandleBusyUntilTheFinish) {
    ASSERT_TRUE(aio.begin_nng1());
    EXPECT_TRUE(nng_aio_busy(handle));
    aio.finish_nng1(NNG_EPROTO);
    EXPECT_EQ(handle.wait(), NNG_EPROTO);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST_F(DeferralTest, BeginOnAStoppedHandleHasNoCallback) {
    nng_aio_stop(handle);
    EXPECT_FALSE(aio.begin_nng1());
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_TRUE(handle.stays_silent());
}

TEST_F(DeferralTest, ARequestBeforeDeferCallsTheFunctionAfterIt) {
    ASSERT_TRUE(aio.begin_nng1());
    nng_aio_abort(handle, NNG_EINTR);
    EXPECT_EQ(provider.calls, 0);
    provider.keep(handle);
    EXPECT_EQ(handle.wait(), NNG_EINTR);
    EXPECT_EQ(provider.calls, 1);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST_F(DeferralTest, AFinishWithoutDeferBeatsAnEarlierRequest) {
    ASSERT_TRUE(aio.begin_nng1());
    nng_aio_cancel(handle);
    aio.finish_nng1(NNG_OK);
    EXPECT_EQ(handle.wait(), NNG_OK);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST_F(DeferralTest, AStopBeforeDeferEndsTheOperationOnce) {
    ASSERT_TRUE(aio.begin_nng1());
    std::thread stopper([&] { aio.stop(NNG_ECANCELED); });
    while (!aio.refuses()) std::this_thread::yield();
    provider.keep(handle);
    stopper.join();
    EXPECT_EQ(provider.reason, NNG_ECANCELED);
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

TEST_F(DeferralTest, AReapBeforeDeferEndsTheOperationOnce) {
    nng_aio* const reaped = handle.release();
    ASSERT_TRUE(reaped->begin_nng1());
    nng_aio_reap(reaped);
    provider.keep(reaped);
    ASSERT_TRUE(handle.called_back());
    EXPECT_EQ(provider.reason, NNG_ECLOSED);
}

TEST_F(DeferralTest, TheTimeoutRunsFromDefer) {
    nng_aio_set_timeout(handle, 30);
    ASSERT_TRUE(aio.begin_nng1());
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    EXPECT_EQ(provider.calls, 0);
    const naio::Nanoseconds at = naio::now();
    provider.keep(handle);
    EXPECT_EQ(handle.wait(), NNG_ETIMEDOUT);
    EXPECT_GE(naio::now() - at, 30 * naio::kMillisecond);
}

TEST_F(DeferralTest, AZeroTimeoutAndAPastExpiryCallTheFunctionAtOnce) {
    nng_aio_set_timeout(handle, 0);
    ASSERT_TRUE(aio.begin_nng1());
    provider.keep(handle);
    EXPECT_EQ(handle.wait(), NNG_ETIMEDOUT);
    nng_aio_set_expire(handle, 0);
    ASSERT_TRUE(aio.begin_nng1());
    provider.keep(handle);
    EXPECT_EQ(handle.wait(), NNG_ETIMEDOUT);
    EXPECT_EQ(provider.calls, 2);
    EXPECT_FALSE(aio.refuses()) << "the timer has taken the expiry for a reap";
}

TEST_F(DeferralTest, AFunctionThatDefersAgainIsAskedByTheNextRequest) {
    provider.declines = 2;
    nng_aio_set_timeout(handle, 10);
    ASSERT_TRUE(aio.begin_nng1());
    provider.keep(handle);
    EXPECT_EQ(handle.wait(), NNG_ETIMEDOUT);
    EXPECT_EQ(provider.calls, 3);
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    provider.declines = 1;
    ASSERT_TRUE(aio.begin_nng1());
    provider.keep(handle);
    nng_aio_abort(handle, NNG_EAGAIN);
    EXPECT_TRUE(nng_aio_busy(handle));
    nng_aio_abort(handle, NNG_EBUSY);
    EXPECT_EQ(handle.wait(), NNG_EBUSY);
}

TEST_F(DeferralTest, WithoutACancelFunctionNothingButFinishEndsTheOperation) {
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(aio.begin_nng1());
    nng_aio_cancel(handle);
    aio.defer_nng1(nullptr, nullptr, aio.own_limit(), false);
    nng_aio_cancel(handle);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(nng_aio_busy(handle));
    aio.finish_nng1(NNG_OK);
    EXPECT_EQ(handle.wait(), NNG_OK);
}

TEST_F(DeferralTest, TheCallbackMayBeginTheNextOperation) {
    std::atomic<int> rounds{0};
    Handle chain([&](nng_aio* self) {
        if (++rounds == 4 || !self->begin_nng1()) return;
        if (rounds % 2 == 0) nng_aio_cancel(self);
        if (rounds == 3) return provider.keep(self), static_cast<void>(provider.finish(NNG_OK));
        self->finish_nng1(NNG_OK);
    });
    ASSERT_TRUE(static_cast<nng_aio*>(chain)->begin_nng1());
    static_cast<nng_aio*>(chain)->finish_nng1(NNG_OK);
    nng_aio_wait(chain);
    EXPECT_EQ(chain.callbacks(), 4);
}

TEST_F(DeferralTest, AStopWithdrawsAnOperationThatWasNotBegunIfItsFunctionDoesNotEndIt) {
    const auto ignore = [](nng_aio*, void* calls, int) { ++*static_cast<std::atomic<int>*>(calls); };
    ASSERT_TRUE(aio.begin_nng1());
    aio.defer_nng1(ignore, &provider.calls, aio.own_limit(), true);
    nng_aio_cancel(handle);
    nng_aio_cancel(handle);
    EXPECT_TRUE(nng_aio_busy(handle));
    aio.stop(NNG_ECANCELED);
    EXPECT_EQ(provider.calls, 1);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(handle.results(), Results{});
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
}

// A group counts the callbacks of its members, so an inline callback runs.
TEST_F(DeferralTest, AStopCallsBackTheGroupOfAnOperationThatWasNotBegun) {
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 1), NNG_OK);
    ASSERT_TRUE(naio_group_start(group, handle, 1, 0, NAIO_CANCEL_ALL));
    nng_aio& member = *naio_group_aio(group, 0);
    ASSERT_TRUE(member.begin_nng1());
    member.defer_nng1([](nng_aio*, void*, int) {}, nullptr, member.own_limit(), true);
    naio_group_seal(group);
    member.close(NNG_ECANCELED);
    nng_aio_wait(handle);
    EXPECT_EQ(member.result(), NNG_ECANCELED);
    naio_group_free(group);
}

TEST_F(DeferralTest, ASecondDeferBeforeTheCallEndsTheProcess) {
    ASSERT_TRUE(aio.begin_nng1());
    provider.keep(handle);
    EXPECT_ABORT(provider.keep(handle), a_line_naming("nng_aio_defer"));
    EXPECT_TRUE(provider.finish(NNG_OK));
}

// The provider begins and defers or finishes, while other threads abort, stop and finish, and a timeout may pass. In
// each round there is one callback, and the cancel function is called once at most.
TEST(DeferralRace, EveryOperationHasOneCallback) {
    constexpr int kRounds = 200;
    Provider provider;
    std::atomic<nng_aio*> target{nullptr};
    std::atomic<bool> over{false};
    std::atomic<int> users{0};
    const auto with_target = [&](auto act) {
        ++users;
        if (nng_aio* const aio = target.load()) act(aio);
        --users;
    };
    std::thread canceler([&] {
        while (!over) with_target([](nng_aio* aio) { nng_aio_abort(aio, NNG_EINTR); });
    });
    std::thread finisher([&] {
        while (!over) provider.finish(NNG_OK);
    });
    for (int i = 0; i < kRounds; ++i) {
        Handle handle;
        nng_aio& aio = *static_cast<nng_aio*>(handle);
        nng_aio_set_timeout(handle, i % 3 - 1);
        target = handle;
        std::thread stopper;
        if (i % 16 == 0) stopper = std::thread([&] { aio.stop(NNG_ECANCELED); });
        provider.calls = 0;
        const bool began = aio.begin_nng1();
        if (began && i % 5 == 0) aio.finish_nng1(NNG_OK);
        if (began && i % 5 != 0) provider.keep(handle);
        nng_aio_wait(handle);
        if (stopper.joinable()) stopper.join();
        EXPECT_EQ(handle.callbacks(), began ? 1 : 0);
        EXPECT_LE(provider.calls, 1);
        target = nullptr;
        while (users != 0) std::this_thread::yield();
    }
    over = true;
    canceler.join();
    finisher.join();
}

}  // namespace
}  // namespace cancellation
