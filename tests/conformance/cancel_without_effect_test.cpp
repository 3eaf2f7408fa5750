// Tests what <nng/nng.h> promises about nng_aio_abort and nng_aio_cancel while no operation is in flight.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <thread>

#include "support/checkpoint.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(Cancel, OfAFreshHandleHasNoEffect) {
    Handle handle;
    nng_aio_cancel(handle);
    nng_aio_abort(handle, NNG_ECLOSED);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(handle.callbacks(), 0);
}

TEST(Cancel, OfAnIdleHandleLeavesTheResultUntouched) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    operation.finish(NNG_EPROTO);
    nng_aio_wait(handle);
    nng_aio_cancel(handle);
    nng_aio_abort(handle, NNG_ECLOSED);
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
    EXPECT_EQ(operation.cancels(), 0);
}

TEST(Cancel, OfAnIdleHandleDoesNotPoisonTheNextOperation) {
    Handle handle;
    Operation operation;
    nng_aio_abort(handle, NNG_ECLOSED);
    ASSERT_TRUE(operation.start(handle));
    EXPECT_EQ(operation.cancels(), 0);
    EXPECT_TRUE(nng_aio_busy(handle));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Cancel, OfAnIdleHandleDoesNotPoisonTheNextSleep) {
    Handle handle;
    nng_aio_cancel(handle);
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Cancel, OfAnIdleHandleDoesNotPoisonABareFinish) {
    Handle handle;
    nng_aio_cancel(handle);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Cancel, OfAStoppedHandleHasNoEffect) {
    Handle handle;
    nng_aio_stop(handle);
    nng_aio_cancel(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(handle.callbacks(), 0);
}

TEST(Cancel, WhileTheCallbackRunsHasNoEffect) {
    Event running;
    Event cancelled;
    Handle handle([&](nng_aio* aio) {
        running.set();
        EXPECT_TRUE(cancelled.wait());
        EXPECT_EQ(nng_aio_result(aio), NNG_EPROTO);
    });
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    operation.finish(NNG_EPROTO);
    ASSERT_TRUE(running.wait());
    nng_aio_cancel(handle);
    nng_aio_abort(handle, NNG_ECLOSED);
    cancelled.set();
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
    EXPECT_EQ(handle.callbacks(), 1);
    EXPECT_EQ(operation.cancels(), 0);
}

TEST(Cancel, InTheOwnCallbackHasNoEffectOnThisNorOnTheNextOperation) {
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        nng_aio_cancel(aio);
        EXPECT_EQ(nng_aio_result(aio), NNG_OK);
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        operation.finish();
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_OK}));
    EXPECT_EQ(operation.cancels(), 0);
}

// The handle's next callback waits until the running one returns, so the completion stays queued as long as the test
// wants.
TEST(Cancel, WhileTheCallbackIsQueuedHasNoEffect) {
    Checkpoint finished;
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        EXPECT_TRUE(operation.finish(NNG_EPROTO));
        finished.pass();
        EXPECT_EQ(nng_aio_result(aio), NNG_EPROTO);
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(finished.reached());
    nng_aio_cancel(handle);
    nng_aio_abort(handle, NNG_ECLOSED);
    EXPECT_EQ(operation.cancels(), 0);
    finished.open();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_EPROTO}));
}

TEST(Cancel, OfAFinishedOperationThatItsCancelFunctionStillHoldsBackHasNoEffect) {
    Checkpoint inside;
    Handle handle;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) { inside.pass(); };
    ASSERT_TRUE(operation.start(handle));
    std::thread canceller([&] { nng_aio_cancel(handle); });
    ASSERT_TRUE(inside.reached());
    ASSERT_TRUE(operation.finish(NNG_EPROTO));
    nng_aio_abort(handle, NNG_ECLOSED);
    inside.open();
    canceller.join();
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

}  // namespace
}  // namespace conformance
