// Tests what <nng/nng.h> promises about nng_aio_abort and nng_aio_cancel while an operation is in flight.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <thread>
#include <vector>

#include "support/checkpoint.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

// --- in flight ------------------------------------------------------------------------------------------------

TEST(Cancel, OfAnOperationInFlightEndsItWithCanceled) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(operation.reason(), NNG_ECANCELED);
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

TEST(Cancel, CallsTheCancelFunctionOnceOnTheCallersThreadWithTheProvidersArgument) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_abort(handle, NNG_ECLOSED);
    EXPECT_EQ(operation.cancels(), 1);  // the cancel function has run before nng_aio_abort returned
    EXPECT_EQ(operation.cancel_thread(), std::this_thread::get_id());
    EXPECT_EQ(operation.cancelled_aio(), static_cast<nng_aio*>(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancels(), 1);
}

TEST(Cancel, OnAnotherThreadRunsTheCancelFunctionThere) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    std::thread::id canceller;
    std::thread([&] {
        canceller = std::this_thread::get_id();
        nng_aio_cancel(handle);
    }).join();
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancel_thread(), canceller);
}

TEST(Cancel, InTheCallbackOfAnotherHandleRunsTheCancelFunctionThere) {
    Handle victim;
    Operation operation;
    Handle other([&](nng_aio*) { nng_aio_cancel(victim); });
    ASSERT_TRUE(operation.start(victim));
    nng_aio_finish(other, NNG_OK);
    nng_aio_wait(victim);
    EXPECT_EQ(operation.cancel_thread(), other.thread());
    EXPECT_EQ(victim.results(), Results{NNG_ECANCELED});
}

TEST(Cancel, LetsTheOperationEndOtherwise) {
    Handle handle;
    Operation operation(Operation::OnCancel::Ignore);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_TRUE(nng_aio_busy(handle));
    operation.finish(NNG_OK);  // as if the provider could not cancel the operation any more
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Cancel, CallsTheCancelFunctionAtMostOnceEvenIfItIgnoresTheRequest) {
    Handle handle;
    Operation operation(Operation::OnCancel::Ignore);
    ASSERT_TRUE(operation.start(handle));
    for (int i = 0; i < 3; ++i) {
        nng_aio_cancel(handle);
        nng_aio_abort(handle, NNG_ECLOSED);
    }
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(operation.reason(), NNG_ECANCELED);
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Cancel, CallsTheCancelFunctionAgainForTheNextOperation) {
    Handle handle;
    Operation operation;
    for (int i = 1; i <= 100; ++i) {
        ASSERT_TRUE(operation.start(handle));
        nng_aio_cancel(handle);
        nng_aio_wait(handle);
        ASSERT_EQ(operation.cancels(), i);
        ASSERT_EQ(handle.callbacks(), i);
    }
}

TEST(Cancel, HasNoEffectOnAnOperationWithoutACancelFunction) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start_uncancellable(handle));
    nng_aio_cancel(handle);
    nng_aio_abort(handle, NNG_ECLOSED);
    EXPECT_TRUE(handle.stays_silent());
    operation.finish(NNG_EPROTO);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});

    ASSERT_TRUE(operation.start(handle));  // the request does not affect the next operation
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

TEST(Cancel, EndsAnOperationOfAHandleWithoutACallback) {
    const SilentHandle aio = make_silent_handle();
    Operation operation;
    ASSERT_TRUE(operation.start(aio.get()));
    nng_aio_cancel(aio.get());
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_ECANCELED);
}

TEST(Cancel, OfAnOperationThatItsOwnCallbackStartedEndsThatOne) {
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        nng_aio_cancel(aio);
        EXPECT_EQ(operation.cancels(), 1);
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ECANCELED}));
}

TEST(Abort, PassesEveryCodeThrough) {
    const Results codes = {NNG_EINTR,
                           NNG_ENOMEM,
                           NNG_EINVAL,
                           NNG_EBUSY,
                           NNG_ETIMEDOUT,
                           NNG_ECONNREFUSED,
                           NNG_ECLOSED,
                           NNG_EAGAIN,
                           NNG_ENOTSUP,
                           NNG_EADDRINUSE,
                           NNG_ESTATE,
                           NNG_ENOENT,
                           NNG_EPROTO,
                           NNG_EUNREACHABLE,
                           NNG_EADDRINVAL,
                           NNG_EPERM,
                           NNG_EMSGSIZE,
                           NNG_ECONNABORTED,
                           NNG_ECONNRESET,
                           NNG_ECANCELED,
                           NNG_ENOFILES,
                           NNG_ENOSPC,
                           NNG_EEXIST,
                           NNG_EREADONLY,
                           NNG_EWRITEONLY,
                           NNG_ECRYPTO,
                           NNG_EPEERAUTH,
                           NNG_EBADTYPE,
                           NNG_ECONNSHUT,
                           NNG_ESTOPPED,
                           NNG_EINTERNAL,
                           NNG_ESYSERR,
                           NNG_ETRANERR,
                           static_cast<nng_err>(NNG_ESYSERR | 32),
                           static_cast<nng_err>(NNG_ETRANERR | 77),
                           static_cast<nng_err>(31415)};
    Handle handle;
    Operation operation;
    for (const nng_err code : codes) {
        ASSERT_TRUE(operation.start(handle));
        nng_aio_abort(handle, code);
        EXPECT_EQ(operation.reason(), code);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(handle.results(), codes);
}

TEST(Abort, PassesTheCodeOfSuccessThroughToo) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_abort(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(operation.reason(), NNG_OK);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Abort, WithStoppedDoesNotStopTheHandle) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_abort(handle, NNG_ESTOPPED);
    nng_aio_wait(handle);
    ASSERT_EQ(handle.results(), Results{NNG_ESTOPPED});
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_ESTOPPED, NNG_OK}));
}

TEST(Abort, WithStoppedLetsTheCallbackStartAgain) {
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));  // the handle's result is NNG_ESTOPPED, but the handle is not stopped
        operation.finish();
    });
    ASSERT_TRUE(operation.start(handle));
    nng_aio_abort(handle, NNG_ESTOPPED);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_ESTOPPED, NNG_OK}));
}

// --- no lock is held ------------------------------------------------------------------------------------------

TEST(CancelFunction, MayUseItsOwnHandle) {
    Handle handle;
    Operation operation;
    operation.on_cancel = [](nng_aio* aio, nng_err) {
        EXPECT_TRUE(nng_aio_busy(aio));
        EXPECT_EQ(nng_aio_set_output(aio, 0, aio), NNG_OK);
        nng_aio_cancel(aio);  // has no effect, because this cancel function was called already
        nng_aio_set_timeout(aio, 5000);
    };
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(nng_aio_get_output(handle, 0), static_cast<nng_aio*>(handle));
}

TEST(CancelFunction, MayUseOtherHandles) {
    Handle handle;
    Handle other;
    Operation others_operation;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) {
        const SilentHandle third = make_silent_handle();
        nng_sleep_aio(1, third.get());
        nng_aio_wait(third.get());
        EXPECT_TRUE(others_operation.start(other));
        nng_aio_stop(other);
    };
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(other.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

TEST(CancelFunction, OfAnExpiryMayUseOtherHandles) {
    Handle handle;
    Handle other;
    Operation others_operation;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) {  // must not wait, because a thread of the library calls it
        SilentHandle third = make_silent_handle();
        nng_sleep_aio(1, third.get());
        nng_aio_reap(third.release());
        EXPECT_TRUE(others_operation.start(other));
        nng_aio_abort(other, NNG_ECLOSED);
    };
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_wait(handle);
    nng_aio_wait(other);
    EXPECT_EQ(other.results(), Results{NNG_ECLOSED});
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(CancelFunction, HoldsUpNoOtherRequestAndNoOtherHandle) {
    Checkpoint inside;
    Handle handle;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) { inside.pass(); };
    ASSERT_TRUE(operation.start(handle));
    std::thread canceller([&] { nng_aio_cancel(handle); });
    ASSERT_TRUE(inside.reached());

    nng_aio_abort(handle, NNG_ECLOSED);  // this abort does not wait for the cancel function that is running
    EXPECT_TRUE(nng_aio_busy(handle));
    Handle other;
    Operation others_operation;
    nng_aio_set_timeout(other, 1);
    ASSERT_TRUE(others_operation.start(other));
    nng_aio_wait(other);
    EXPECT_EQ(other.results(), Results{NNG_ETIMEDOUT});

    inside.open();
    canceller.join();
    nng_aio_wait(handle);
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

// --- races ----------------------------------------------------------------------------------------------------

TEST(Cancel, RacingWithTheProviderLeavesExactlyOneOutcome) {
    constexpr int kOperations = 1000;
    Handle handle;
    Operation operation;
    Event started;
    Event done;
    std::thread canceller([&] {
        for (int i = 1; i <= kOperations; ++i) {
            ASSERT_TRUE(started.wait(i));
            nng_aio_cancel(handle);
            done.set();
        }
    });
    for (int i = 1; i <= kOperations; ++i) {
        ASSERT_TRUE(operation.start(handle));
        started.set();
        operation.finish();
        nng_aio_wait(handle);
        ASSERT_EQ(handle.callbacks(), i);
        const nng_err result = nng_aio_result(handle);
        ASSERT_TRUE(result == NNG_OK || result == NNG_ECANCELED) << result;
        ASSERT_TRUE(done.wait(i));  // so that a late cancel does not end the next operation
    }
    canceller.join();
}

TEST(Cancel, ByManyThreadsAtOnceCallsTheCancelFunctionOnce) {
    constexpr int kThreads = 4;
    constexpr int kOperations = 200;
    Handle handle;
    Operation operation;
    Event started;
    Event done;
    std::vector<std::thread> cancellers;
    for (int t = 0; t < kThreads; ++t) {
        cancellers.emplace_back([&] {
            for (int i = 1; i <= kOperations; ++i) {
                ASSERT_TRUE(started.wait(i));
                nng_aio_cancel(handle);
                done.set();
            }
        });
    }
    for (int i = 1; i <= kOperations; ++i) {
        ASSERT_TRUE(operation.start(handle));
        started.set();
        ASSERT_TRUE(done.wait(i * kThreads));
        nng_aio_wait(handle);
        ASSERT_EQ(operation.cancels(), i);
        ASSERT_EQ(handle.callbacks(), i);
    }
    for (std::thread& canceller : cancellers) canceller.join();
}

}  // namespace
}  // namespace conformance
