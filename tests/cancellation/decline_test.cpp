// Tests cancel functions that decline, and guarantees that change while an operation is in flight.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <thread>

#include "support/handle.h"
#include "support/scale.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// Blocks until the timer's thread has handled everything that was due within a millisecond.
void wait_for_the_timer() {
    Handle handle;
    nng_sleep_aio(3, handle);
    nng_aio_wait(handle);
}

TEST(Decline, MakesTheRequestOneWithoutEffect) {
    TypedOperation operation(TypedOperation::declines);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    EXPECT_EQ(operation.cancelled(), kNone);
    EXPECT_EQ(operation.reason(), NNG_OK);
    EXPECT_TRUE(operation.finish(NNG_EINTR));
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(Decline, IsNotForGood) {
    TypedOperation operation(TypedOperation::declines);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    operation.on_cancel = TypedOperation::finishes;
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_EBUSY));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_EINTR}, {kTotal, NNG_EBUSY}}));
    EXPECT_EQ(nng_aio_result(handle), NNG_EBUSY);  // the declined request's reason is forgotten
}

TEST(Decline, LeavesTheTimeoutAlive) {
    TypedOperation operation([](TypedOperation& self, naio_cancel, nng_err reason) {
        return reason == NNG_ETIMEDOUT && self.finish(reason);
    });
    Handle handle;
    nng_aio_set_timeout(handle, 20);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(naio_aio_cancel(handle, kAll, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
}

TEST(Decline, OfATimeoutIsAskedAgainAfterAPermit) {
    TypedOperation operation(TypedOperation::declines);
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start(handle, kTotal));
    ASSERT_TRUE(operation.asked());
    wait_for_the_timer();  // until the decline has taken effect
    operation.on_cancel = TypedOperation::finishes;
    EXPECT_EQ(operation.permit(kTerminal), kTerminal);
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls().back(), (Call{kTerminal, NNG_ETIMEDOUT}));
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
}

TEST(Decline, OfATimeoutLeavesAScopesRequestAlone) {
    TypedOperation operation([](TypedOperation& self, naio_cancel, nng_err reason) {
        return reason != NNG_ETIMEDOUT && self.finish(reason);
    });
    naio_signal* scope = nullptr;
    ASSERT_EQ(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE), NNG_OK);
    Handle handle;
    naio_aio_bind_slot(handle, naio_signal_slot(scope), kAll);
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start(handle, kTotal));
    ASSERT_TRUE(operation.asked());
    wait_for_the_timer();  // until the decline has taken effect
    EXPECT_TRUE(naio_signal_emit(scope, kAll));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    naio_signal_free(scope);
}

TEST(Decline, DoesNotTakeBackWhatPermitHasReturned) {
    // The cancel function runs after the provider has taken the operation out of the provider's queue, and before the
    // provider has committed the operation.
    Event inside, permitted;
    TypedOperation operation([&](TypedOperation&, naio_cancel, nng_err) {
        inside.set();
        EXPECT_TRUE(permitted.wait());
        return false;
    });
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    std::thread canceler([&] { EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_EINTR)); });
    ASSERT_TRUE(inside.wait());
    EXPECT_EQ(operation.permit(kTerminal), kTotal);
    permitted.set();
    canceler.join();
    EXPECT_EQ(operation.reason(), NNG_EINTR);
    EXPECT_EQ(operation.permit(kTotal), kTotal);  // the request still counts, because permit has returned it before
    EXPECT_TRUE(operation.finish(operation.reason()));
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(Decline, LeavesWhatTheOperationRequestsByItself) {
    TypedOperation operation(TypedOperation::declines);
    Handle outer, inner;
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    ASSERT_TRUE(operation.start(outer, kTotal));
    EXPECT_FALSE(naio_aio_forward(outer, kAll, NNG_ECLOSED));  // no inner operation is in flight
    EXPECT_FALSE(naio_aio_cancel(outer, kAll, NNG_EINTR));
    TypedOperation late;
    if (late.start(inner, kTotal)) {
        ADD_FAILURE() << "the inner operation has started";
        late.finish();
    }
    nng_aio_wait(inner);
    EXPECT_EQ(nng_aio_result(inner), NNG_ECLOSED);
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(outer);
}

void expect_to_start(nng_aio* inner) {
    TypedOperation operation;
    EXPECT_TRUE(operation.start(inner, kTotal));
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(inner);
}

TEST(Decline, LeavesNothingOfWhatTheOperationBeforeRequestedByItself) {
    Handle outer, inner;
    TypedOperation operation(
        [&](auto&, auto... request) { return passes_on_and_declines(outer, nullptr, request...); });
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    ASSERT_TRUE(operation.start(outer, kTotal));
    EXPECT_FALSE(naio_aio_forward(outer, kAll, NNG_ECLOSED));  // no inner operation is in flight
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(outer);
    ASSERT_TRUE(operation.start(outer, kTotal));
    EXPECT_FALSE(naio_aio_cancel(outer, kTotal, NNG_EINTR));
    expect_to_start(inner);
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(outer);
}

TEST(Decline, LeavesNothingOfWhatTheOperationRequestedByItselfAndHasCleared) {
    Handle outer, inner;
    TypedOperation operation(TypedOperation::takes_up);
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    ASSERT_TRUE(operation.start(outer, kTotal));
    EXPECT_FALSE(naio_aio_forward(outer, kTotal, NNG_ECLOSED));  // no inner operation is in flight
    EXPECT_TRUE(naio_aio_cancel(outer, kTotal, NNG_EINTR));
    EXPECT_EQ(operation.acknowledge(kTotal), kTotal);
    operation.on_cancel = [&](auto&, auto... request) { return passes_on_and_declines(outer, nullptr, request...); };
    EXPECT_FALSE(naio_aio_cancel(outer, kTotal, NNG_EINTR));
    expect_to_start(inner);
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(outer);
}

TEST(Permit, ThatComesFirstRefusesTheRequest) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_EQ(operation.permit(kTerminal), kNone);
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal | kPartial, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kTerminal);
}

TEST(Permit, ThatComesSecondReturnsTheRequest) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    EXPECT_EQ(operation.permit(kTerminal), kTotal);
    EXPECT_TRUE(operation.finish(operation.reason()));
}

TEST(Permit, ThatWidensRequestsTheStickyTypes) {
    TypedOperation operation;
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    naio_aio_set_timeout_types(handle, kTotal);
    ASSERT_TRUE(operation.start(handle, kTerminal));
    wait_for_the_timer();
    EXPECT_TRUE(operation.calls().empty());
    EXPECT_EQ(operation.permit(kTotal), kTotal);
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_ETIMEDOUT}}));
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(Permit, ThatWidensDoesNotAskForWhatWasRefused) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kNone));
    EXPECT_FALSE(naio_aio_cancel(handle, kAll, NNG_OK));  // refused, and not remembered
    EXPECT_EQ(operation.permit(kTotal), kNone);
    EXPECT_TRUE(operation.stays_unasked());
    EXPECT_TRUE(operation.finish());
}

TEST(Permit, KeepsTheDeadlineAfterAReminder) {
    // The operation declines the scope's request. The timeout's request must still come at its time.
    TypedOperation operation([](TypedOperation& self, naio_cancel types, nng_err reason) {
        return (types & kTerminal) != 0 && self.finish(reason);
    });
    naio_signal* scope = nullptr;
    ASSERT_EQ(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE), NNG_OK);
    Handle handle;
    naio_aio_bind_slot(handle, naio_signal_slot(scope), kAll);
    nng_aio_set_timeout(handle, 60);
    ASSERT_TRUE(operation.start(handle, kNone));
    EXPECT_TRUE(naio_signal_emit(scope, kTotal));
    EXPECT_EQ(operation.permit(kTotal), kTotal);  // the reminder replaces the deadline in the timer
    ASSERT_TRUE(operation.asked(1));
    ASSERT_TRUE(operation.asked(2));  // the timeout's request
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls().back().types & kTerminal, kTerminal);
    naio_signal_free(scope);
}

TEST(Cancelled, TellsWhatWasAccepted) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kPartial));
    EXPECT_EQ(operation.cancelled(), kNone);
    EXPECT_TRUE(naio_aio_cancel(handle, kAll, NNG_OK));
    EXPECT_EQ(operation.cancelled(), kPartial | kTerminal);
    EXPECT_TRUE(operation.finish());
}

TEST(Cancelled, IsAQuerySoThatTheCancelFunctionMayDeclineAfterIt) {
    TypedOperation operation([](TypedOperation& self, naio_cancel, nng_err) {
        EXPECT_EQ(self.cancelled(), kTotal);
        return false;
    });
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    EXPECT_EQ(operation.cancelled(), kNone);
    EXPECT_EQ(operation.reason(), NNG_OK);
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancelled(), kNone);  // no operation is in flight
}

TEST(Acknowledge, MakesTheRequestOneThatNoDeclineTakesBack) {
    TypedOperation operation([](TypedOperation& self, naio_cancel, nng_err) {
        EXPECT_EQ(self.acknowledge(), kTotal);
        return false;
    });
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    EXPECT_EQ(operation.cancelled(), kTotal);
    EXPECT_TRUE(operation.finish(operation.reason()));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EINTR);
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

// A sleep of no time never waits. So a timeout of 0 cannot end the sleep, even if the request that would have refused
// the sleep is declined at the same moment.
TEST(Decline, TakesARefusalBackFromASleepOfNoTime) {
    Handle outer, inner;
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    ASSERT_TRUE(naio_aio_start(outer, kTotal, passes_on_and_declines, nullptr, nullptr));
    std::atomic<bool> running{true};
    std::thread asking([&] {
        while (running) naio_aio_cancel(outer, kTotal, NNG_OK);
    });
    nng_aio_set_timeout(inner, NNG_DURATION_ZERO);
    unsigned wrong = 0;
    for (unsigned round = 0; round < rounds(30'000); ++round) {
        nng_sleep_aio(0, inner);
        nng_aio_wait(inner);
        const nng_err result = nng_aio_result(inner);
        if (result != NNG_OK && result != NNG_ECANCELED) ++wrong;
    }
    running = false;
    asking.join();
    EXPECT_EQ(wrong, 0u);
    naio_aio_finish(outer, NNG_OK, 0);
}

TEST(Acknowledge, ForgetsTheTypesItClearsSoThatTheyCanBeRequestedAgain) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_EINTR));
    EXPECT_EQ(operation.acknowledge(kTotal), kTotal);
    EXPECT_EQ(operation.cancelled(), kNone);
    EXPECT_EQ(operation.reason(), NNG_EINTR);  // the reason for the cleanup stays
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_EBUSY));
    EXPECT_EQ(operation.calls().size(), 2u);
    EXPECT_TRUE(operation.finish(operation.reason()));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EINTR);
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(Acknowledge, DoesNotForgetStickyTypesThatWereNotAccepted) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kNone));
    naio_aio_close(handle);
    EXPECT_EQ(operation.acknowledge(kAll), kNone);
    EXPECT_EQ(operation.permit(kTotal), kTotal | kPartial | kTerminal);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ESTOPPED);
}

}  // namespace
}  // namespace cancellation
