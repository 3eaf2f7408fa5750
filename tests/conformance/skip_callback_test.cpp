// Tests what <nng/nng.h> promises about nng_aio_skip_callback.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(SkipCallback, OfAnOperationThatCompletesWithoutStartSetsTheFlagAndRunsNoCallback) {
    Handle handle;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    EXPECT_FALSE(skip);
    nng_aio_finish(handle, NNG_EPROTO);
    EXPECT_TRUE(skip);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
    EXPECT_TRUE(handle.stays_silent());
}

TEST(SkipCallback, ClearsTheFlagWhenItIsArmed) {
    Handle handle;
    bool skip = true;
    nng_aio_skip_callback(handle, &skip);
    EXPECT_FALSE(skip);
}

TEST(SkipCallback, StaysArmedThroughReset) {
    Handle handle;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    nng_aio_reset(handle);
    EXPECT_FALSE(skip);
    nng_aio_finish(handle, NNG_OK);
    EXPECT_TRUE(skip);
    EXPECT_TRUE(handle.stays_silent());
}

TEST(SkipCallback, IsDisarmedByAStartAndTheFlagStaysFalse) {
    Handle handle;
    Operation operation;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(SkipCallback, IsDisarmedByAStartForTheOperationsAfterItToo) {
    Handle handle;
    Operation operation;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.callbacks(), 2);
}

TEST(SkipCallback, IsDisarmedByARefusedStart) {
    Handle handle;
    Operation operation;
    bool skip = false;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_aio_skip_callback(handle, &skip);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(SkipCallback, IsDisarmedByAStartOnAStoppedHandle) {
    Handle handle;
    Operation operation;
    bool skip = false;
    nng_aio_stop(handle);
    nng_aio_skip_callback(handle, &skip);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(SkipCallback, IsForOneOperation) {
    Handle handle;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    nng_aio_finish(handle, NNG_OK);
    EXPECT_TRUE(skip);
    skip = false;
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST(SkipCallback, MayBeArmedAgainForEveryOperation) {
    Handle handle;
    for (int i = 0; i < 100; ++i) {
        bool skip = false;
        nng_aio_skip_callback(handle, &skip);
        nng_aio_finish(handle, NNG_OK);
        ASSERT_TRUE(skip);
    }
    EXPECT_TRUE(handle.stays_silent());
}

TEST(SkipCallback, OfAHandleWithoutACallbackSetsTheFlagAllTheSame) {
    const SilentHandle aio = make_silent_handle();
    bool skip = false;
    nng_aio_skip_callback(aio.get(), &skip);
    nng_aio_finish(aio.get(), NNG_EPROTO);
    EXPECT_TRUE(skip);
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_EPROTO);
}

TEST(SkipCallback, AppliesToASleepOfZero) {
    Handle handle;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    nng_sleep_aio(0, handle);
    EXPECT_TRUE(skip);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_TRUE(handle.stays_silent());
}

TEST(SkipCallback, DoesNotApplyToASleepOfZeroOnAStoppedHandle) {
    Handle handle;
    bool skip = false;
    nng_aio_stop(handle);
    nng_aio_skip_callback(handle, &skip);
    nng_sleep_aio(0, handle);  // refused
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(SkipCallback, DoesNotApplyToASleepThatSleeps) {
    Handle handle;
    bool skip = false;
    nng_aio_skip_callback(handle, &skip);
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    EXPECT_FALSE(skip);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(SkipCallback, WorksInTheOwnCallback) {
    Handle handle([](nng_aio* aio) {
        for (int i = 0; i < 3; ++i) {
            bool skip = false;
            nng_aio_skip_callback(aio, &skip);
            nng_aio_finish(aio, NNG_EPROTO);
            EXPECT_TRUE(skip);
            EXPECT_EQ(nng_aio_result(aio), NNG_EPROTO);
        }
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(SkipCallback, IsNotTouchedByACompletionAfterTheFlagIsGone) {
    Handle handle;
    Operation operation;
    {
        bool skip = false;
        nng_aio_skip_callback(handle, &skip);
        ASSERT_TRUE(operation.start(handle));
        EXPECT_FALSE(skip);
    }
    operation.finish();  // a sanitizer would report a write to `skip`
    nng_aio_wait(handle);
    EXPECT_EQ(handle.callbacks(), 1);
}

}  // namespace
}  // namespace conformance
