// Tests what <nng/nng.h> promises about stop, free and reap; own_callback_test.cpp tests these calls in the handle's
// own callback.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

// --- in flight ------------------------------------------------------------------------------------------------

TEST(Stop, EndsTheOperationWithStoppedAndReturnsAfterTheCallback) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(operation.reason(), NNG_ESTOPPED);
    EXPECT_FALSE(nng_aio_busy(handle));
}

TEST(Free, EndsTheOperationWithStoppedAndReturnsAfterTheCallback) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_free(handle.release());
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(operation.reason(), NNG_ESTOPPED);
}

TEST(Reap, EndsTheOperationWithStoppedAndRunsTheCallbackLater) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_reap(handle.release());
    ASSERT_TRUE(handle.called_back());
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(operation.reason(), NNG_ESTOPPED);
}

TEST(Stop, EndsTheOperationOfAHandleWithoutACallback) {
    const SilentHandle aio = make_silent_handle();
    Operation operation;
    ASSERT_TRUE(operation.start(aio.get()));
    nng_aio_stop(aio.get());
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_ESTOPPED);
}

TEST(Free, EndsTheOperationOfAHandleWithoutACallback) {
    SilentHandle aio = make_silent_handle();
    Operation operation;
    ASSERT_TRUE(operation.start(aio.get()));
    aio.reset();
    EXPECT_EQ(operation.cancels(), 1);
}

TEST(Reap, EndsTheOperationOfAHandleWithoutACallback) {
    SilentHandle aio = make_silent_handle();
    Operation operation;
    ASSERT_TRUE(operation.start(aio.get()));
    nng_aio_reap(aio.release());
    ASSERT_TRUE(operation.cancelled());
    EXPECT_EQ(operation.reason(), NNG_ESTOPPED);
}

// Calls `end` while an operation is in flight that no request can end. Expects `end` to return only after the provider
// has finished the operation.
template <class End>
void expect_to_wait_for_the_provider(bool (Operation::*start)(nng_aio*), End end) {
    Operation operation(Operation::OnCancel::Ignore);
    Handle handle;
    ASSERT_TRUE((operation.*start)(handle));
    Event returned;
    std::thread caller([&] {
        end(handle);
        returned.set();
    });
    EXPECT_TRUE(returned.stays_away());
    EXPECT_EQ(handle.callbacks(), 0);
    operation.finish(NNG_EPROTO);
    EXPECT_TRUE(returned.wait());
    caller.join();
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Stop, WaitsForAProviderThatGoesOn) {
    expect_to_wait_for_the_provider(&Operation::start, [](Handle& handle) { nng_aio_stop(handle); });
}

TEST(Free, WaitsForAProviderThatGoesOn) {
    expect_to_wait_for_the_provider(&Operation::start, [](Handle& handle) { nng_aio_free(handle.release()); });
}

TEST(Stop, WaitsForAProviderWithoutACancelFunction) {
    expect_to_wait_for_the_provider(&Operation::start_uncancellable, [](Handle& handle) { nng_aio_stop(handle); });
}

TEST(Free, WaitsForAProviderWithoutACancelFunction) {
    expect_to_wait_for_the_provider(&Operation::start_uncancellable,
                                    [](Handle& handle) { nng_aio_free(handle.release()); });
}

TEST(Reap, DoesNotWaitForAProviderThatGoesOn) {
    Handle handle;
    Operation operation(Operation::OnCancel::Ignore);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_reap(handle.release());
    ASSERT_TRUE(operation.cancelled());
    EXPECT_TRUE(handle.stays_silent());
    operation.finish(NNG_EPROTO);
    ASSERT_TRUE(handle.called_back());
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Reap, DoesNotWaitForAProviderWithoutACancelFunction) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start_uncancellable(handle));
    nng_aio_reap(handle.release());
    EXPECT_TRUE(handle.stays_silent());
    operation.finish(NNG_EPROTO);
    ASSERT_TRUE(handle.called_back());
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Stop, DoesNotCallACancelFunctionThatWasCalledBefore) {
    Handle handle;
    Operation operation(Operation::OnCancel::Ignore);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    std::thread provider([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // stop is probably waiting by now
        operation.finish();
    });
    nng_aio_stop(handle);
    provider.join();
    EXPECT_EQ(operation.cancels(), 1);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

// --- idle -----------------------------------------------------------------------------------------------------

TEST(Stop, OfAnIdleHandleRunsNoCallback) {
    Handle handle;
    nng_aio_stop(handle);
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

TEST(Stop, OfAnIdleHandleLeavesTheLastResult) {
    Handle handle;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    nng_aio_stop(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST(Free, OfAnIdleHandleRunsNoCallback) {
    Handle handle;
    nng_aio_free(handle.release());
    EXPECT_TRUE(handle.stays_silent());
}

TEST(Reap, OfAnIdleHandleRunsNoCallback) {
    Handle handle;
    nng_aio_reap(handle.release());
    EXPECT_TRUE(handle.stays_silent());
}

// --- repeated and concurrent calls -----------------------------------------------------------------------------

TEST(Stop, TwiceIsFine) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    nng_aio_stop(handle);
    EXPECT_EQ(handle.callbacks(), 1);
    EXPECT_EQ(operation.cancels(), 1);
}

TEST(Stop, ThenFreeIsFine) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    nng_aio_free(handle.release());
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST(Stop, ThenReapIsFine) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    nng_aio_reap(handle.release());
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST(Stop, ByManyThreadsAtOnceReturnsToAllOfThemAfterTheCallback) {
    for (int i = 0; i < 50; ++i) {
        bool returned = false;
        Handle handle([&](nng_aio*) {
            std::this_thread::yield();
            returned = true;
        });
        Operation operation;
        ASSERT_TRUE(operation.start(handle));
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t) {
            threads.emplace_back([&] {
                nng_aio_stop(handle);
                EXPECT_TRUE(returned);
            });
        }
        for (std::thread& thread : threads) thread.join();
        ASSERT_EQ(handle.results(), Results{NNG_ESTOPPED});
        ASSERT_EQ(operation.cancels(), 1);
    }
}

TEST(Stop, RacingWithTheProviderLeavesExactlyOneOutcome) {
    for (int i = 0; i < 200; ++i) {
        Handle handle;
        Operation operation;
        ASSERT_TRUE(operation.start(handle));
        std::thread provider([&] { operation.finish(); });
        nng_aio_stop(handle);
        ASSERT_EQ(handle.callbacks(), 1);
        provider.join();
    }
}

TEST(Stop, WaitsForACallbackInTheQueue) {
    Event finished;
    Event release;
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        operation.finish();  // the completion is delivered after this callback has returned
        finished.set();
        EXPECT_TRUE(release.wait());
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(finished.wait());
    std::thread releaser([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // a stop that returns too early does so now
        release.set();
    });
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_OK}));
    releaser.join();
}

TEST(Reap, ReturnsWhileTheCallbackIsRunning) {
    Event running;
    Event release;
    Handle handle([&](nng_aio*) {
        running.set();
        EXPECT_TRUE(release.wait());
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(running.wait());
    nng_aio_reap(handle.release());
    release.set();
    EXPECT_TRUE(handle.called_back());
}

TEST(Stop, InTheCallbackOfAnotherHandleWaits) {
    Handle victim;
    Operation operation;
    Handle other([&](nng_aio*) {
        nng_aio_stop(victim);
        EXPECT_EQ(victim.callbacks(), 1);
    });
    ASSERT_TRUE(operation.start(victim));
    nng_aio_finish(other, NNG_OK);
    nng_aio_wait(other);
    EXPECT_EQ(victim.results(), Results{NNG_ESTOPPED});
}

TEST(Reap, InTheCallbackOfAnotherHandle) {
    Handle victim;
    Operation operation;
    Handle other([&](nng_aio*) { nng_aio_reap(victim.release()); });
    ASSERT_TRUE(operation.start(victim));
    nng_aio_finish(other, NNG_OK);
    nng_aio_wait(other);
    ASSERT_TRUE(victim.called_back());
    EXPECT_EQ(victim.results(), Results{NNG_ESTOPPED});
}

// --- the reaper -----------------------------------------------------------------------------------------------

TEST(Reap, IsNotDelayedByTheStuckOperationOfAnotherHandle) {
    Handle stuck;
    Operation goes_on(Operation::OnCancel::Ignore);
    ASSERT_TRUE(goes_on.start(stuck));
    nng_aio_reap(stuck.release());
    ASSERT_TRUE(goes_on.cancelled());  // the reaper has handled `stuck`

    for (int i = 0; i < 10; ++i) {
        Handle other;
        Operation operation;
        ASSERT_TRUE(operation.start(other));
        nng_aio_reap(other.release());
        ASSERT_TRUE(other.called_back());
        EXPECT_EQ(other.results(), Results{NNG_ESTOPPED});
    }

    EXPECT_EQ(stuck.callbacks(), 0);
    goes_on.finish();
    EXPECT_TRUE(stuck.called_back());
}

TEST(Reap, IsNotDelayedByAnotherHandlesCallback) {
    Event running;
    Event release;
    Handle slow([&](nng_aio*) {
        running.set();
        EXPECT_TRUE(release.wait());
    });
    nng_aio_finish(slow, NNG_OK);
    ASSERT_TRUE(running.wait());
    nng_aio_reap(slow.release());

    Handle other;
    Operation operation;
    ASSERT_TRUE(operation.start(other));
    nng_aio_reap(other.release());
    ASSERT_TRUE(other.called_back());

    release.set();
    EXPECT_TRUE(slow.called_back());
}

TEST(Reap, OfManyHandlesInAllStatesRunsEveryCallbackOnce) {
    constexpr std::size_t kHandles = 300;
    std::vector<std::unique_ptr<Handle>> handles;
    std::vector<std::unique_ptr<Operation>> operations;
    for (std::size_t i = 0; i < kHandles; ++i) {
        handles.push_back(std::make_unique<Handle>());
        operations.push_back(std::make_unique<Operation>());
        Handle& handle = *handles.back();
        if (i % 3 == 0) nng_aio_set_timeout(handle, 1);
        if (i % 3 != 2) {  // every third handle stays idle
            ASSERT_TRUE(operations.back()->start(handle));
        }
        if (i % 2 == 0) operations.back()->finish();
        nng_aio_reap(handle.release());
    }
    for (std::size_t i = 0; i < kHandles; ++i) {
        if (i % 3 == 2) {
            EXPECT_EQ(handles[i]->callbacks(), 0);
        } else {
            ASSERT_TRUE(handles[i]->called_back());
            EXPECT_EQ(handles[i]->callbacks(), 1);
        }
    }
}

}  // namespace
}  // namespace conformance
