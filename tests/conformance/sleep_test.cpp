// Tests what <nng/nng.h> promises about nng_sleep_aio.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

constexpr nng_duration kLong = 3'600'000;

TEST(Sleep, SucceedsAfterItsDurationNotBefore) {
    Handle handle;
    for (const nng_duration duration : {1, 2, 3, 7, 20}) {
        const std::int64_t before = monotonic_ns();
        nng_sleep_aio(duration, handle);
        nng_aio_wait(handle);
        EXPECT_GE(monotonic_ns() - before, duration * kMillisecond);
        EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    }
    EXPECT_EQ(handle.results(), Results(5, NNG_OK));
}

TEST(Sleep, NeverEndsEarlyHoweverOften) {
    std::atomic<std::int64_t> ended{0};
    Handle handle([&](nng_aio*) { ended = monotonic_ns(); });
    for (int i = 0; i < 100; ++i) {
        const std::int64_t before = monotonic_ns();
        nng_sleep_aio(1, handle);
        nng_aio_wait(handle);
        EXPECT_GE(ended - before, kMillisecond);
    }
}

TEST(Sleep, OnManyHandlesAtOnceNeverEndsEarly) {
    constexpr int kHandles = 300;
    std::vector<std::unique_ptr<Handle>> handles;
    std::vector<std::int64_t> earliest;
    std::vector<std::int64_t> ended(kHandles);
    for (int i = 0; i < kHandles; ++i) {
        std::int64_t& end = ended[static_cast<std::size_t>(i)];
        handles.push_back(std::make_unique<Handle>([&end](nng_aio*) { end = monotonic_ns(); }));
        const nng_duration duration = 1 + (i * 37) % 90;
        earliest.push_back(monotonic_ns() + duration * kMillisecond);
        nng_sleep_aio(duration, *handles.back());
    }
    for (std::size_t i = 0; i < handles.size(); ++i) {
        nng_aio_wait(*handles[i]);
        EXPECT_EQ(handles[i]->results(), Results{NNG_OK});
        EXPECT_GE(ended[i], earliest[i]);
    }
}

TEST(Sleep, OfZeroSucceedsAtOnce) {
    Handle handle;
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Sleep, OfZeroCompletesInPlaceIfTheCallbackIsNull) {
    const SilentHandle aio = make_silent_handle();
    nng_aio_finish(aio.get(), NNG_EPROTO);
    nng_sleep_aio(0, aio.get());
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_OK);
}

TEST(Sleep, OfZeroSucceedsEvenIfTheTimeoutIsZero) {
    Handle handle;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Sleep, WithoutEndSleepsUntilItIsCancelled) {
    Handle handle;
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_TRUE(nng_aio_busy(handle));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

TEST(Sleep, OfTheDefaultDurationSucceedsAtOnce) {
    Handle handle;
    nng_sleep_aio(NNG_DURATION_DEFAULT, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Sleep, OfAnotherNegativeDurationSucceedsAtOnce) {
    for (const nng_duration duration : {-3, -1000, std::numeric_limits<nng_duration>::min()}) {
        Handle handle;
        nng_sleep_aio(duration, handle);
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), Results{NNG_OK}) << duration;
    }
}

TEST(Sleep, LongerThanTheTimeoutTimesOutThen) {
    Handle handle;
    nng_aio_set_timeout(handle, 5);
    const std::int64_t before = monotonic_ns();
    nng_sleep_aio(kLong, handle);
    nng_aio_wait(handle);
    EXPECT_GE(monotonic_ns() - before, 5 * kMillisecond);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Sleep, LongerThanTheTimeoutByOneMillisecondTimesOut) {
    Handle handle;
    nng_aio_set_timeout(handle, 5);
    for (int i = 0; i < 10; ++i) {
        nng_sleep_aio(6, handle);
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
    }
}

TEST(Sleep, WithoutEndTimesOutToo) {
    Handle handle;
    nng_aio_set_timeout(handle, 5);
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Sleep, WithAZeroTimeoutTimesOutAtOnce) {
    Handle handle;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_sleep_aio(kLong, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Sleep, EqualToTheTimeoutSucceeds) {
    Handle handle;
    for (const nng_duration duration : {1, 2, 5, 10}) {
        nng_aio_set_timeout(handle, duration);
        const std::int64_t before = monotonic_ns();
        nng_sleep_aio(duration, handle);
        nng_aio_wait(handle);
        EXPECT_GE(monotonic_ns() - before, duration * kMillisecond);
        EXPECT_EQ(nng_aio_result(handle), NNG_OK) << duration;
    }
}

TEST(Sleep, ShorterThanTheTimeoutSucceeds) {
    Handle handle;
    nng_aio_set_timeout(handle, kLong);
    nng_sleep_aio(3, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Sleep, WithTheDefaultTimeoutSucceeds) {
    Handle handle;
    nng_aio_set_timeout(handle, NNG_DURATION_DEFAULT);
    nng_sleep_aio(3, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Sleep, LeavesTheTimeoutForTheNextOperation) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 5);
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ETIMEDOUT}));
}

TEST(Sleep, LeavesTheNextOperationWithoutADeadline) {
    Handle handle;
    Operation operation;
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    ASSERT_TRUE(operation.start(handle));
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

TEST(Sleep, CanBeAbortedWithEveryCode) {
    Handle handle;
    for (const nng_err code : {NNG_ECLOSED, NNG_ETIMEDOUT, NNG_EINTERNAL}) {
        nng_sleep_aio(kLong, handle);
        nng_aio_abort(handle, code);
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), code);
    }
    EXPECT_EQ(handle.callbacks(), 3);
}

TEST(Sleep, OfTheGreatestDurationCanBeCancelled) {
    Handle handle;
    nng_sleep_aio(std::numeric_limits<nng_duration>::max(), handle);
    EXPECT_TRUE(handle.stays_silent());
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

TEST(Sleep, ClearsTheResultOfThePreviousOperation) {
    Handle handle;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_EPROTO, NNG_OK}));
    EXPECT_EQ(nng_aio_count(handle), 0u);
}

TEST(Sleep, IsEndedByStopFreeAndReap) {
    Handle stopped;
    nng_sleep_aio(kLong, stopped);
    nng_aio_stop(stopped);
    EXPECT_EQ(stopped.results(), Results{NNG_ESTOPPED});

    Handle freed;
    nng_sleep_aio(kLong, freed);
    nng_aio_free(freed.release());
    EXPECT_EQ(freed.results(), Results{NNG_ESTOPPED});

    Handle reaped;
    nng_sleep_aio(NNG_DURATION_INFINITE, reaped);
    nng_aio_reap(reaped.release());
    ASSERT_TRUE(reaped.called_back());
    EXPECT_EQ(reaped.results(), Results{NNG_ESTOPPED});
}

TEST(Sleep, OnAStoppedHandleReportsStopped) {
    Handle handle;
    nng_aio_stop(handle);
    nng_sleep_aio(kLong, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(Sleep, InItsOwnCallbackMakesAPeriodicTimerThatStopEnds) {
    Handle timer([](nng_aio* aio) { nng_sleep_aio(1, aio); });
    nng_sleep_aio(1, timer);
    ASSERT_TRUE(timer.called_back(5));
    nng_aio_stop(timer);
    EXPECT_FALSE(nng_aio_busy(timer));
    EXPECT_EQ(nng_aio_result(timer), NNG_ESTOPPED);
    EXPECT_TRUE(timer.stays_silent());
}

TEST(Sleep, OfZeroInEachOfItsCallbacksEndsWhenItIsStopped) {
    Handle handle([](nng_aio* aio) { nng_sleep_aio(0, aio); });
    nng_sleep_aio(0, handle);
    ASSERT_TRUE(handle.called_back(5));
    nng_aio_stop(handle);
    EXPECT_FALSE(nng_aio_busy(handle));
}

TEST(Sleep, OfZeroInEachOfItsCallbacksEndsWhenItIsFreed) {
    Handle handle([](nng_aio* aio) { nng_sleep_aio(0, aio); });
    nng_sleep_aio(0, handle);
    ASSERT_TRUE(handle.called_back(5));
    nng_aio_free(handle.release());
}

}  // namespace
}  // namespace conformance
