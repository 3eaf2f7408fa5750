// Tests what <nng/nng.h> promises about nng_aio_set_expire.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstdint>
#include <limits>

#include "expiry.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(Expire, EndsTheOperationAtThatTimeNotBefore) {
    Handle handle;
    Operation operation;
    nng_time ended = 0;
    operation.on_cancel = [&](nng_aio*, nng_err) { ended = nng_clock(); };
    for (nng_time delay = 3; delay < 20; ++delay) {
        const nng_time expire = nng_clock() + delay;
        nng_aio_set_expire(handle, expire);
        if (operation.start(handle)) {
            nng_aio_wait(handle);
            EXPECT_GE(ended, expire);
        }  // if the start was refused, the test's thread was delayed until after `expire`
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
    }
}

TEST(Expire, IsAbsoluteHoweverLateTheOperationStarts) {
    Handle handle;
    Operation operation;
    const nng_time expire = nng_clock() + 10;
    nng_aio_set_expire(handle, expire);
    while (nng_clock() <= expire) nng_msleep(1);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Expire, InTheFarFutureNeverComes) {
    for (const nng_time expire :
         {nng_clock() + kLong, std::numeric_limits<nng_time>::max() / 1'000'000,
          std::numeric_limits<nng_time>::max() / 1'000'000 + 1,
          static_cast<nng_time>(std::numeric_limits<std::int64_t>::max()),
          static_cast<nng_time>(std::numeric_limits<std::int64_t>::max()) + 1, std::numeric_limits<nng_time>::max()}) {
        Handle handle;
        Operation operation;
        nng_aio_set_expire(handle, expire);
        ASSERT_TRUE(operation.start(handle)) << expire;
        EXPECT_TRUE(operation.stays_uncancelled()) << expire;
        operation.finish();
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), Results{NNG_OK}) << expire;
    }
}

TEST(Expire, NeverEndsAnOperationWithoutACancelFunction) {
    Handle handle;
    Operation operation;
    nng_aio_set_expire(handle, nng_clock() + 10);
    if (operation.start_uncancellable(handle)) {
        EXPECT_TRUE(handle.stays_silent());
        operation.finish();
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), Results{NNG_OK});
    }
}

// Expects that the next operation has the long timeout again: it is neither refused nor ended.
void expect_the_timeout_to_be_back(Handle& handle) {
    Operation operation;
    expect_not_to_expire(handle, operation);
}

TEST(Expire, IsForOneOperationThatIsFinished) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, nng_clock() + 20);
    operation.start(handle);
    operation.finish();
    nng_aio_wait(handle);
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationThatIsCancelled) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, nng_clock() + 20);
    operation.start(handle);
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationThatExpires) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, nng_clock() + 2);
    operation.start(handle);
    nng_aio_wait(handle);
    ASSERT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationThatIsRefused) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, 1);
    ASSERT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationThatSleeps) {
    Handle handle;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, nng_clock() + 2);
    nng_sleep_aio(kLong, handle);
    nng_aio_wait(handle);
    ASSERT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationThatSleepsNotAtAll) {
    Handle handle;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, nng_clock() + 10);
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    ASSERT_EQ(handle.results(), Results{NNG_OK});
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationThatEndsWithoutAStart) {
    Handle handle;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, nng_clock() + 2);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    expect_the_timeout_to_be_back(handle);
}

TEST(Expire, IsForOneOperationWhichDoesNotSuspendAShortTimeoutForLonger) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, 2);
    nng_aio_set_expire(handle, nng_clock() + kLong);
    ASSERT_TRUE(operation.start(handle));
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
    nng_aio_wait(handle);
    expect_to_expire(handle, operation);
}

TEST(Expire, SetInFlightIsForTheNextOperation) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_set_expire(handle, 1);
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
    nng_aio_wait(handle);
    ASSERT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
}

TEST(Expire, SetAfterTheTimeoutWins) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, kLong);
    nng_aio_set_expire(handle, 1);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);

    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_aio_set_expire(handle, nng_clock() + kLong);
    expect_not_to_expire(handle, operation);
}

TEST(Expire, SetBeforeTheTimeoutLoses) {
    Handle handle;
    Operation operation;
    nng_aio_set_expire(handle, 1);
    nng_aio_set_timeout(handle, kLong);
    expect_not_to_expire(handle, operation);

    nng_aio_set_expire(handle, nng_clock() + kLong);
    nng_aio_set_timeout(handle, 2);
    expect_to_expire(handle, operation);

    nng_aio_set_expire(handle, nng_clock() + kLong);
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);

    nng_aio_set_expire(handle, 1);
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    expect_not_to_expire(handle, operation);
}

TEST(Expire, SurvivesReset) {
    Handle handle;
    Operation operation;
    nng_aio_set_expire(handle, 1);
    nng_aio_reset(handle);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Expire, IsHonouredBySleep) {
    Handle handle;
    const nng_time expire = nng_clock() + 10;
    nng_aio_set_expire(handle, expire);
    nng_sleep_aio(kLong, handle);
    nng_aio_wait(handle);
    EXPECT_GE(nng_clock(), expire);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Expire, InThePastIsHonouredBySleep) {
    Handle handle;
    nng_aio_set_expire(handle, 1);
    nng_sleep_aio(kLong, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Expire, AfterTheEndOfTheSleepLetsItSucceed) {
    Handle handle;
    nng_aio_set_timeout(handle, 1);  // the expiry, which is set later, replaces this timeout
    nng_aio_set_expire(handle, nng_clock() + kLong);
    nng_sleep_aio(3, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Expire, OfASleepWithoutEndIsHonoured) {
    Handle handle;
    nng_aio_set_expire(handle, nng_clock() + 5);
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

}  // namespace
}  // namespace conformance
