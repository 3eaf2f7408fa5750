// Tests outcomes, timeouts by type, and the release of a provider's state.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>

#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

TEST(Outcome, IsTheGuaranteeThatHolds) {
    for (const naio_cancel guarantee : {kTerminal, kPartial, kTotal}) {
        TypedOperation operation;
        Handle handle;
        ASSERT_TRUE(operation.start(handle, guarantee));
        EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));  // the weakest type suffices
        nng_aio_wait(handle);
        EXPECT_EQ(naio_aio_outcome(handle), guarantee);
    }
}

TEST(Outcome, IsNoneForAnOperationThatEndsByItself) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    EXPECT_TRUE(operation.finish(NNG_ECONNRESET));  // the operation has failed by itself
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(Outcome, IsNoneForSuccess) {
    TypedOperation operation(TypedOperation::takes_up);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    EXPECT_TRUE(operation.finish(NNG_OK, 3));
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(Outcome, ComesWithTheCountOfWhatWasDone) {
    TypedOperation operation([](TypedOperation& self, naio_cancel, nng_err reason) { return self.finish(reason, 42); });
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kPartial));
    EXPECT_TRUE(naio_aio_cancel(handle, kPartial, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kPartial);
    EXPECT_EQ(nng_aio_count(handle), 42u);
}

// A request has ended the previous operation of the handle. Both operations have the result NNG_ECANCELED.
TEST(Outcome, IsNoneForAnOperationThatSkipsItsCallback) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    nng_aio_wait(handle);
    bool skipped = false;
    nng_aio_skip_callback(handle, &skipped);
    nng_aio_reset(handle);
    nng_aio_finish(handle, NNG_ECANCELED);
    EXPECT_TRUE(skipped);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(Outcome, OfARefusedStartIsTotal) {
    TypedOperation operation;
    Handle handle;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    EXPECT_FALSE(operation.start(handle, kTerminal));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(Outcome, IsGoneWithTheNextOperation) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    nng_aio_wait(handle);
    nng_aio_reset(handle);
    nng_aio_finish(handle, NNG_ECANCELED);
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

// ---- timeouts

TEST(TimeoutTypes, AreAllUnlessSet) {
    TypedOperation operation;
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start(handle, kPartial));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls(), Calls({{kPartial | kTerminal, NNG_ETIMEDOUT}}));
    EXPECT_EQ(naio_aio_outcome(handle), kPartial);
}

TEST(TimeoutTypes, AreWhatTheTimeoutAsksFor) {
    TypedOperation operation;
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    naio_aio_set_timeout_types(handle, kTotal);
    for (int i = 0; i < 2; ++i) {  // the types persist
        ASSERT_TRUE(operation.start(handle, kTotal));
        nng_aio_wait(handle);
        EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_ETIMEDOUT}}));
    }
}

TEST(TimeoutTypes, ThatAreNotPermittedLeaveTheOperationAlone) {
    TypedOperation operation;
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    naio_aio_set_timeout_types(handle, kTotal);
    ASSERT_TRUE(operation.start(handle, kTerminal));
    EXPECT_TRUE(operation.stays_unasked());
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_EINTR));  // the operation can still be asked
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EINTR);
}

// Expects that a sleep goes on beyond the deadline that the test has set, because this deadline asks for no types. Then
// expects that a second, short sleep succeeds, too.
void expect_to_sleep_on(Handle& handle) {
    for (const nng_duration duration : {40, 1}) {
        const nng_time begin = nng_clock();
        nng_sleep_aio(duration, handle);
        EXPECT_TRUE(naio_aio_wait_until(handle, begin + 60'000));
        nng_aio_cancel(handle);
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), NNG_OK);
        EXPECT_EQ(naio_aio_outcome(handle), kNone);
        EXPECT_GE(nng_clock(), begin + static_cast<nng_time>(duration));
    }
}

TEST(TimeoutTypes, OfNoneLetASleepGoOnToItsEnd) {
    for (const nng_duration timeout : {20, 1, 0, -5}) {
        Handle handle;
        naio_aio_set_timeout_types(handle, kNone);
        nng_aio_set_timeout(handle, timeout);
        expect_to_sleep_on(handle);
    }
    for (const bool past : {true, false}) {
        Handle handle;
        naio_aio_set_timeout_types(handle, kNone);
        nng_aio_set_expire(handle, past ? 1 : nng_clock() + 20);
        expect_to_sleep_on(handle);
        naio_aio_limit(handle, past ? 1 : nng_clock() + 20);
        expect_to_sleep_on(handle);
    }
}

TEST(TimeoutTypes, OfNoneRefuseNothing) {
    TypedOperation operation;
    Handle handle;
    naio_aio_set_timeout_types(handle, kNone);
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.stays_unasked());
    EXPECT_TRUE(operation.finish());
}

TEST(TimeoutTypes, DoNotKeepASleepFromEnding) {
    Handle handle;
    naio_aio_set_timeout_types(handle, kNone);
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

// ---- release

TEST(Release, ComesBeforeTheCallbackAndOnItsThread) {
    std::atomic<int> releases{0};
    std::thread::id released_on;
    struct State {
        std::atomic<int>& releases;
        std::thread::id& on;
    } state{releases, released_on};
    int seen = 0;
    Handle handle([&](nng_aio*) { seen = releases; });
    const auto release = [](void* arg) {
        auto& s = *static_cast<State*>(arg);
        s.on = std::this_thread::get_id();
        ++s.releases;
    };
    ASSERT_TRUE(naio_aio_start(handle, kTotal, nullptr, release, &state));
    naio_aio_finish(handle, NNG_OK, 0);
    nng_aio_wait(handle);
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(releases, 1);
    EXPECT_EQ(released_on, handle.thread());
}

TEST(Release, ComesForAHandleWithoutCallbackToo) {
    TypedOperation operation;
    const SilentHandle handle = make_silent_handle();
    ASSERT_TRUE(operation.start(handle.get(), kTotal));
    EXPECT_TRUE(operation.finish());
    nng_aio_wait(handle.get());
    EXPECT_EQ(operation.releases(), 1);
}

TEST(Release, DoesNotComeForARefusedStart) {
    TypedOperation operation;
    Handle handle;
    nng_aio_stop(handle);
    EXPECT_FALSE(operation.start(handle, kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.releases(), 0);
}

TEST(Release, ComesOnceForEachOperationOfAResubmittingCallback) {
    TypedOperation operation;
    int left = 100;
    Handle handle([&](nng_aio* aio) {
        if (--left > 0 && operation.start(aio, kTotal)) operation.finish();
    });
    ASSERT_TRUE(operation.start(handle, kTotal));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(operation.releases(), 100);
}

}  // namespace
}  // namespace cancellation
