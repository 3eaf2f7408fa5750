// Tests what <nng/nng.h> promises about timeouts.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "expiry.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(Timeout, EndsTheOperationWithTimedOut) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 5);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(operation.reason(), NNG_ETIMEDOUT);
    EXPECT_EQ(operation.cancelled_aio(), static_cast<nng_aio*>(handle));
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Timeout, EndsTheOperationOfAHandleWithoutACallback) {
    const SilentHandle aio = make_silent_handle();
    Operation operation;
    nng_aio_set_timeout(aio.get(), 5);
    ASSERT_TRUE(operation.start(aio.get()));
    nng_aio_wait(aio.get());
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_ETIMEDOUT);
}

TEST(Timeout, PersistsAcrossOperations) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 2);
    for (int i = 0; i < 5; ++i) expect_to_expire(handle, operation);
}

TEST(Timeout, PersistsAcrossOperationsThatEndOtherwise) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 20);
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    expect_to_expire(handle, operation);
}

TEST(Timeout, SetInFlightLeavesTheCurrentOperationAlone) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_set_timeout(handle, 1);
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    expect_to_expire(handle, operation);  // the next operation has the new timeout
}

TEST(Timeout, TakenAwayInFlightStillEndsTheCurrentOperation) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 10);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
    expect_not_to_expire(handle, operation);  // the next operation has no timeout
}

TEST(Timeout, SetInTheCallbackAppliesToTheOperationStartedThere) {
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        nng_aio_set_timeout(aio, 2);
        EXPECT_TRUE(operation.start(aio));
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ETIMEDOUT}));
}

TEST(Timeout, InfiniteIsNone) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 1);
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    expect_not_to_expire(handle, operation);
}

TEST(Timeout, DefaultIsNone) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 1);
    nng_aio_set_timeout(handle, NNG_DURATION_DEFAULT);
    expect_not_to_expire(handle, operation);
}

TEST(Timeout, OfAFreshHandleIsNone) {
    Handle handle;
    Operation operation;
    expect_not_to_expire(handle, operation);
}

TEST(Timeout, OtherwiseNegativeExpiresAtOnce) {
    for (const nng_duration timeout : {-3, -4, -1000, std::numeric_limits<nng_duration>::min()}) {
        Handle handle;
        Operation operation;
        nng_aio_set_timeout(handle, timeout);
        operation.start(handle);  // either the start fails or the operation is cancelled
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT}) << timeout;
    }
}

TEST(Timeout, NeverEndsAnOperationWithoutACancelFunction) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start_uncancellable(handle));
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_TRUE(nng_aio_busy(handle));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Timeout, CallsTheCancelFunctionAtMostOnceEvenIfItIgnoresTheRequest) {
    Handle handle;
    Operation operation(Operation::OnCancel::Ignore);
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start(handle));
    ASSERT_TRUE(operation.cancelled());
    EXPECT_TRUE(operation.stays_uncancelled());
    nng_aio_cancel(handle);
    EXPECT_EQ(operation.cancels(), 1);
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Timeout, AfterACancelThatWasIgnoredCallsTheCancelFunctionNotAgain) {
    Handle handle;
    Operation operation(Operation::OnCancel::Ignore);
    nng_aio_set_timeout(handle, 5);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    ASSERT_EQ(operation.cancels(), 1);
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
}

TEST(Timeout, NeverComesEarly) {
    Handle handle;
    Operation operation;
    for (int i = 0; i < 100; ++i) {
        const nng_duration timeout = 1 + i % 7;
        nng_aio_set_timeout(handle, timeout);
        const std::int64_t before = monotonic_ns();
        ASSERT_TRUE(operation.start(handle));
        nng_aio_wait(handle);
        EXPECT_GE(operation.cancel_time() - before, timeout * kMillisecond);
    }
}

TEST(Timeout, NeverComesEarlyWhenManyRunAtOnce) {
    constexpr int kHandles = 300;
    std::vector<std::unique_ptr<Handle>> handles;
    std::vector<std::unique_ptr<Operation>> operations;
    std::vector<std::int64_t> earliest;
    for (int i = 0; i < kHandles; ++i) {
        handles.push_back(std::make_unique<Handle>());
        operations.push_back(std::make_unique<Operation>());
        const nng_duration timeout = 1 + (i * 37) % 90;
        nng_aio_set_timeout(*handles.back(), timeout);
        earliest.push_back(monotonic_ns() + timeout * kMillisecond);
        ASSERT_TRUE(operations.back()->start(*handles.back()));
    }
    for (std::size_t i = 0; i < handles.size(); ++i) {
        nng_aio_wait(*handles[i]);
        EXPECT_EQ(handles[i]->results(), Results{NNG_ETIMEDOUT});
        EXPECT_GE(operations[i]->cancel_time(), earliest[i]);
        EXPECT_EQ(operations[i]->cancels(), 1);
    }
}

TEST(Timeout, OfAFinishedOperationDoesNotEndTheNextOne) {
    Handle handle;
    Operation operation;
    for (int i = 0; i < 20; ++i) {
        nng_aio_set_timeout(handle, 1);
        ASSERT_TRUE(operation.start(handle));
        operation.finish();
        nng_aio_wait(handle);
    }
    const int cancels = operation.cancels();  // on a slow machine some operations have expired
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    expect_not_to_expire(handle, operation);
    EXPECT_EQ(operation.cancels(), cancels);
}

TEST(Timeout, LongerThanThePreviousOneIsNotCutShortByIt) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 10);
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    nng_aio_set_timeout(handle, 40);
    const std::int64_t before = monotonic_ns();
    expect_to_expire(handle, operation);
    EXPECT_GE(operation.cancel_time() - before, 40 * kMillisecond);
}

TEST(Timeout, ShorterThanThePreviousOneIsNotDelayedByIt) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, kLong);
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    nng_aio_set_timeout(handle, 2);
    expect_to_expire(handle, operation);
}

TEST(Timeout, ShorterThanAllOthersIsNotDelayedByThem) {
    Handle patient;
    Operation others_operation;
    nng_aio_set_timeout(patient, kLong);
    ASSERT_TRUE(others_operation.start(patient));
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 2);
    expect_to_expire(handle, operation);
    EXPECT_EQ(others_operation.cancels(), 0);
}

TEST(Timeout, OfAllLengthsIsAccepted) {
    for (const nng_duration timeout :
         {1, 1000, 60'000, kLong, 86'400'000, 2'000'000'000, std::numeric_limits<nng_duration>::max()}) {
        Handle handle;
        Operation operation;
        nng_aio_set_timeout(handle, timeout);
        ASSERT_TRUE(operation.start(handle)) << timeout;
        operation.finish();
        nng_aio_wait(handle);
        if (timeout >= 60'000) {
            EXPECT_EQ(nng_aio_result(handle), NNG_OK) << timeout;
        }
    }
}

TEST(Timeout, OfTheGreatestLengthDoesNotExpire) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, std::numeric_limits<nng_duration>::max());
    expect_not_to_expire(handle, operation);
}

TEST(Timeout, OfAStoppedHandleFiresNoMore) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 2);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    EXPECT_TRUE(operation.stays_uncancelled());
    EXPECT_EQ(handle.callbacks(), 1);
}

}  // namespace
}  // namespace conformance
