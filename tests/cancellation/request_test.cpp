// Tests how requests add up, which operations they reach, and which of their reasons counts.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <thread>

#include "support/handle.h"
#include "support/operation.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

TEST(Request, ThatIsRefusedLeavesTheOperationAlone) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTerminal));
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    EXPECT_EQ(operation.cancelled(), kNone);
    EXPECT_TRUE(operation.finish(NNG_OK, 7));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_count(handle), 7u);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(Request, EscalatesWithANewType) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));
    EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_ECANCELED}, {kTerminal, NNG_ECANCELED}}));
    EXPECT_EQ(operation.cancelled(), kTotal | kTerminal);
    EXPECT_TRUE(operation.finish());
}

TEST(Request, ForTheSameTypeIsDeliveredOnce) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(naio_aio_cancel(handle, kPartial, NNG_OK));
    EXPECT_EQ(operation.calls().size(), 1u);
    EXPECT_TRUE(operation.finish());
}

TEST(Request, OfAllDeliversOnlyWhatIsNew) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kPartial, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(handle, kAll, NNG_OK));
    EXPECT_EQ(operation.calls(), Calls({{kPartial, NNG_ECANCELED}, {kTotal | kTerminal, NNG_ECANCELED}}));
    EXPECT_TRUE(operation.finish());
}

TEST(Request, ThatIsAcceptedFirstGivesTheReason) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kPartial));
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal, NNG_EPROTO));  // refused, so its reason does not count
    EXPECT_TRUE(naio_aio_cancel(handle, kPartial, NNG_EINTR));
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_EBUSY));
    EXPECT_EQ(operation.calls(), Calls({{kPartial, NNG_EINTR}, {kTerminal, NNG_EINTR}}));
    EXPECT_EQ(operation.reason(), NNG_EINTR);
    EXPECT_TRUE(operation.finish(operation.reason()));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EINTR);
}

TEST(Request, WhoseReasonIsZeroMeansCanceled) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
}

TEST(Request, HasNoEffectAfterTheFinish) {
    TypedOperation operation;
    Event release;
    Handle handle([&](nng_aio* aio) {
        EXPECT_FALSE(naio_aio_cancel(aio, kAll, NNG_EINTR));
        release.set();
    });
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.finish());
    ASSERT_TRUE(release.wait());
    nng_aio_wait(handle);
    EXPECT_FALSE(naio_aio_cancel(handle, kAll, NNG_EINTR));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_TRUE(operation.calls().empty());
}

TEST(Request, DoesNotReachTheNextOperation) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    nng_aio_wait(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_EQ(operation.cancelled(), kNone);
    EXPECT_EQ(operation.reason(), NNG_OK);
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(Request, FromWithinTheCancelFunctionIsDeliveredAfterIt) {
    int depth = 0;
    Handle handle;
    TypedOperation operation([&](TypedOperation& self, naio_cancel types, nng_err reason) {
        EXPECT_EQ(depth++, 0);
        if (types == kTotal) {
            EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));
        } else {
            self.finish(reason);
        }
        --depth;
        return true;
    });
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_ECANCELED}, {kTerminal, NNG_ECANCELED}}));
    nng_aio_wait(handle);
}

TEST(Request, FromAnotherThreadIsHandedToTheOneInsideTheCancelFunction) {
    Event inside, handed;
    std::thread::id first, second;
    TypedOperation operation([&](TypedOperation& self, naio_cancel types, nng_err reason) {
        if (types == kTotal) {
            first = std::this_thread::get_id();
            inside.set();
            EXPECT_TRUE(handed.wait());
        } else {
            second = std::this_thread::get_id();
            self.finish(reason);
        }
        return true;
    });
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    std::thread canceler([&] { EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK)); });
    ASSERT_TRUE(inside.wait());
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));  // this request does not wait
    handed.set();
    canceler.join();
    EXPECT_EQ(first, second);
    nng_aio_wait(handle);
}

TEST(Request, HoldsTheCompletionBackUntilTheCancelFunctionReturns) {
    Event finished, go;
    TypedOperation operation([&](TypedOperation& self, naio_cancel, nng_err reason) {
        self.finish(reason);
        finished.set();
        EXPECT_TRUE(go.wait());
        return true;
    });
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    std::thread canceler([&] { EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK)); });
    ASSERT_TRUE(finished.wait());
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_EQ(operation.releases(), 0);
    go.set();
    canceler.join();
    EXPECT_TRUE(handle.called_back());
}

// ---- the functions of NNG

TEST(NngCancel, IsARequestForAllTypes) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kPartial));
    nng_aio_cancel(handle);
    EXPECT_EQ(operation.calls(), Calls({{kPartial | kTerminal, NNG_ECANCELED}}));
}

TEST(NngAbort, PassesAnyReasonThrough) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTerminal));
    nng_aio_abort(handle, static_cast<nng_err>(0x10000042));
    nng_aio_wait(handle);
    EXPECT_EQ(static_cast<int>(nng_aio_result(handle)), 0x10000042);
    EXPECT_EQ(naio_aio_outcome(handle), kTerminal);
}

TEST(NngStop, StaysStickyUntilTheProviderPermitsIt) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kNone));
    naio_aio_close(handle);  // requests the end as nng_aio_stop does, but does not wait
    EXPECT_TRUE(operation.calls().empty());
    EXPECT_EQ(operation.permit(kTerminal), kTerminal);
    EXPECT_TRUE(operation.asked());  // the timer's thread calls the cancel function
    nng_aio_stop(handle);
    EXPECT_EQ(operation.calls(), Calls({{kTerminal, NNG_ESTOPPED}}));
    EXPECT_EQ(handle.results(), support::Results{NNG_ESTOPPED});
}

TEST(Close, RefusesStartsAndDoesNotWait) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    naio_aio_close(handle);
    EXPECT_TRUE(nng_aio_busy(handle));
    EXPECT_EQ(operation.reason(), NNG_ESTOPPED);
    EXPECT_TRUE(operation.finish(NNG_ESTOPPED));
    nng_aio_wait(handle);
    TypedOperation next;
    EXPECT_FALSE(next.start(handle, kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ESTOPPED);
    naio_aio_close(nullptr);
}

}  // namespace
}  // namespace cancellation
