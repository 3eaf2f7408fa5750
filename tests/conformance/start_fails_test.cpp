// Tests what <nng/nng.h> promises about a start that is refused, also because of a zero timeout.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <atomic>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(StartFails, OnAStoppedHandleWithTheResultStopped) {
    Handle handle;
    Operation operation;
    nng_aio_stop(handle);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(nng_aio_result(handle), NNG_ESTOPPED);
    EXPECT_EQ(operation.cancels(), 0);
}

TEST(StartFails, OnAHandleThatStopInterruptedEarlier) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    ASSERT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_FALSE(operation.start(handle));  // the consumer makes this start, not the callback
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_ESTOPPED, NNG_ESTOPPED}));
}

TEST(StartFails, EachTimeTheConsumerTriesAgainOnAStoppedHandle) {
    Handle handle;
    Operation operation;
    nng_aio_stop(handle);
    for (int i = 1; i <= 3; ++i) {
        EXPECT_FALSE(operation.start(handle));
        nng_aio_wait(handle);
        EXPECT_EQ(handle.callbacks(), i);
        EXPECT_EQ(nng_aio_result(handle), NNG_ESTOPPED);
    }
}

TEST(StartFails, InACallbackAfterAnOperationThatWasOnlyAbortedWithStopped) {
    Operation operation;
    Handle handle([&](nng_aio* aio) {
        if (nng_aio_result(aio) == NNG_OK) nng_aio_stop(aio);
        static_cast<void>(operation.start(aio));
    });
    ASSERT_TRUE(operation.start(handle));
    nng_aio_abort(handle, NNG_ESTOPPED);  // does not stop the handle: its callback starts the next operation
    ASSERT_TRUE(handle.called_back(1));
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_ESTOPPED, NNG_OK, NNG_ESTOPPED}));
}

TEST(StartFails, OnAStoppedHandleWithoutACallbackInPlace) {
    const SilentHandle aio = make_silent_handle();
    Operation operation;
    nng_aio_stop(aio.get());
    EXPECT_FALSE(operation.start(aio.get()));
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_ESTOPPED);
}

TEST(StartFails, WithAZeroTimeout) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
    EXPECT_EQ(operation.cancels(), 0);
}

TEST(StartFails, WithAZeroTimeoutEvenIfNothingCouldCancelIt) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start_uncancellable(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(StartFails, WithAZeroTimeoutInPlaceIfTheCallbackIsNull) {
    const SilentHandle aio = make_silent_handle();
    Operation operation;
    nng_aio_set_timeout(aio.get(), NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start(aio.get()));
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_ETIMEDOUT);
}

TEST(StartFails, WithAPastExpiry) {
    Handle handle;
    Operation operation;
    nng_aio_set_expire(handle, nng_clock() - 1);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
    EXPECT_EQ(operation.cancels(), 0);
}

TEST(StartFails, WithTheExpiryZero) {
    Handle handle;
    Operation operation;
    nng_aio_set_expire(handle, 0);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(StartFails, WithStoppedRatherThanTimedOutIfBothAreTrue) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_aio_stop(handle);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(StartFails, AndTheHandleStaysUsableUnlessStopped) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    for (int i = 1; i <= 3; ++i) {
        EXPECT_FALSE(operation.start(handle));
        nng_aio_wait(handle);
        ASSERT_EQ(handle.callbacks(), i);
    }
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    ASSERT_TRUE(operation.start(handle));
    operation.finish(NNG_EPROTO);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
    EXPECT_EQ(handle.callbacks(), 4);
}

TEST(StartFails, InTheOwnCallbackAndIsReportedByAnotherCallback) {
    Operation operation;
    int refused = 0;
    Handle handle([&](nng_aio* aio) {
        if (refused == 3) return;
        ++refused;
        EXPECT_FALSE(operation.start(aio));
    });
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results(4, NNG_ETIMEDOUT));
}

TEST(StartFails, AndTheHandleIsBusyUntilItsCallbackHasReturned) {
    Event running;
    Event release;
    Operation operation;
    Handle handle([&](nng_aio*) {
        running.set();
        EXPECT_TRUE(release.wait());
    });
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start(handle));
    EXPECT_TRUE(nng_aio_busy(handle));
    ASSERT_TRUE(running.wait());
    EXPECT_TRUE(nng_aio_busy(handle));
    release.set();
    nng_aio_wait(handle);
    EXPECT_FALSE(nng_aio_busy(handle));
}

// The running callback learns NNG_ESTOPPED from its own result. Another thread that starts an operation at that time
// does not see this result, so the refusal of its start has a callback of its own.
TEST(StartFails, AnotherThreadThatStartsWhileTheCallbackRunsWithStoppedGetsACallbackOfItsOwn) {
    Event called, started;
    Handle handle([&](nng_aio*) {
        called.set();
        EXPECT_TRUE(started.wait());
    });
    naio_aio_close(handle);
    nng_sleep_aio(1, handle);
    ASSERT_TRUE(called.wait());
    nng_sleep_aio(1, handle);
    started.set();
    EXPECT_TRUE(handle.called_back(2));
    EXPECT_EQ(handle.results(), (Results{NNG_ESTOPPED, NNG_ESTOPPED}));
}

TEST(StartFails, ButACallbackThatRunsWithStoppedIsNotCalledAgain) {
    Operation operation;
    std::atomic<int> refused{0};
    Handle handle([&](nng_aio* aio) {
        if (nng_aio_result(aio) == NNG_ESTOPPED && !operation.start(aio)) ++refused;
    });
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(nng_aio_result(handle), NNG_ESTOPPED);
    EXPECT_FALSE(nng_aio_busy(handle));
}

TEST(StartFails, AndIsReportedOnceToACallbackThatAlwaysStartsAgain) {
    Operation operation;
    Handle handle([&](nng_aio* aio) { EXPECT_FALSE(operation.start(aio)); });
    nng_aio_stop(handle);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(StartFails, SoStopReturnsThoughTheCallbackAlwaysStartsAgain) {
    for (int i = 0; i < 100; ++i) {
        Operation operation;
        Handle handle([&](nng_aio* aio) {
            if (operation.start(aio)) operation.finish();
        });
        ASSERT_TRUE(operation.start(handle));
        operation.finish();
        ASSERT_TRUE(handle.called_back());
        nng_aio_stop(handle);
        EXPECT_FALSE(nng_aio_busy(handle));
        EXPECT_EQ(nng_aio_result(handle), NNG_ESTOPPED);
    }
}

// Many providers call nng_aio_reset before nng_aio_start, because NNG's documentation asks for it.
TEST(StartFails, SoStopReturnsThoughTheProviderResetsTheHandleBeforeItStartsAgain) {
    Operation operation;
    Handle handle([&](nng_aio* aio) {
        nng_aio_reset(aio);
        operation.start(aio);
    });
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(StartFails, SoFreeReturnsThoughTheCallbackAlwaysStartsAgain) {
    for (int i = 0; i < 100; ++i) {
        Operation operation;
        Handle handle([&](nng_aio* aio) {
            if (operation.start(aio)) operation.finish();
        });
        ASSERT_TRUE(operation.start(handle));
        operation.finish();
        ASSERT_TRUE(handle.called_back());
        nng_aio_free(handle.release());
    }
}

}  // namespace
}  // namespace conformance
