// Tests what <nng/nng.h> promises about nng_aio_start and nng_aio_finish.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(Completion, AFreshHandleIsIdleAndEmpty) {
    const Handle handle;
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(nng_aio_count(handle), 0u);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.callbacks(), 0);
}

TEST(Completion, AnAcceptedStartLeadsToExactlyOneCallback) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Completion, AStartAloneRunsNoCallback) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    EXPECT_TRUE(handle.stays_silent());
    operation.finish();
}

TEST(Completion, ABareFinishPostsTheCallbackOnce) {
    Handle handle;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Completion, AHandleServesOneOperationAfterAnother) {
    constexpr int kOperations = 1000;
    Handle handle;
    Operation operation;
    for (int i = 1; i <= kOperations; ++i) {
        ASSERT_TRUE(operation.start(handle));
        ASSERT_TRUE(operation.finish());
        nng_aio_wait(handle);
        ASSERT_EQ(handle.callbacks(), i);
    }
}

TEST(Completion, EveryBareFinishPostsACallbackOfItsOwn) {
    constexpr int kOperations = 1000;
    Handle handle;
    for (int i = 1; i <= kOperations; ++i) {
        nng_aio_finish(handle, NNG_OK);
        nng_aio_wait(handle);
        ASSERT_EQ(handle.callbacks(), i);
    }
}

TEST(Completion, TheCallbackGetsTheArgumentOfAlloc) {
    int touched = 0;
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(
                  &aio, [](void* arg) { *static_cast<int*>(arg) = 42; }, &touched),
              NNG_OK);
    nng_aio_finish(aio, NNG_OK);
    nng_aio_wait(aio);
    EXPECT_EQ(touched, 42);
    nng_aio_free(aio);
}

TEST(Completion, EveryResultCodePassesThrough) {
    const Results codes = {NNG_OK,
                           NNG_EINTR,
                           NNG_ENOMEM,
                           NNG_ETIMEDOUT,
                           NNG_ECANCELED,
                           NNG_ESTOPPED,
                           NNG_ESYSERR,
                           NNG_ETRANERR,
                           static_cast<nng_err>(NNG_ESYSERR | 4711),
                           static_cast<nng_err>(12345)};
    Handle handle;
    Operation operation;
    for (const nng_err code : codes) {
        ASSERT_TRUE(operation.start(handle));
        operation.finish(code);
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), code);
    }
    EXPECT_EQ(handle.results(), codes);
}

TEST(Completion, TheCallbackNeverRunsInTheStackOfFinish) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_NE(handle.thread(), std::this_thread::get_id());
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_NE(handle.thread(), std::this_thread::get_id());
}

TEST(Completion, TheCallbackNeverRunsInTheStackOfCancel) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_NE(handle.thread(), std::this_thread::get_id());
}

TEST(Completion, TheCallbackNeverRunsInTheStackOfStop) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_stop(handle);
    EXPECT_NE(handle.thread(), std::this_thread::get_id());
}

TEST(Completion, TheCallbackNeverRunsInTheStackOfARefusedStart) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    ASSERT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_NE(handle.thread(), std::this_thread::get_id());
}

TEST(Completion, TheCallbackNeverRunsInTheStackOfSleep) {
    Handle handle;
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    EXPECT_NE(handle.thread(), std::this_thread::get_id());
}

// Handle fails the test if a callback begins inside another callback.
TEST(Completion, AFinishInACallbackDoesNotRunTheOtherCallbackInsideIt) {
    Handle second;
    Handle first([&](nng_aio*) { nng_aio_finish(second, NNG_OK); });
    for (int i = 1; i <= 100; ++i) {
        nng_aio_finish(first, NNG_OK);
        ASSERT_TRUE(second.called_back(i));
        nng_aio_wait(second);
        nng_aio_wait(first);
    }
}

TEST(Completion, ACallbackMayWaitForTheCallbackOfAnotherHandle) {
    Handle second;
    Handle first([&](nng_aio*) {
        nng_aio_finish(second, NNG_OK);
        nng_aio_wait(second);
        EXPECT_EQ(second.callbacks(), 1);
    });
    nng_aio_finish(first, NNG_OK);
    nng_aio_wait(first);
    EXPECT_EQ(first.callbacks(), 1);
}

TEST(Completion, ABlockedCallbackDelaysNoOtherHandle) {
    Event blocked;
    Event release;
    Handle other;
    Handle stuck([&](nng_aio*) {
        blocked.set();
        EXPECT_TRUE(release.wait());
    });
    nng_aio_finish(stuck, NNG_OK);
    ASSERT_TRUE(blocked.wait());
    for (int i = 1; i <= 100; ++i) {
        nng_aio_finish(other, NNG_OK);
        ASSERT_TRUE(other.called_back(i));
        nng_aio_wait(other);
    }
    release.set();
}

TEST(Completion, FinishedInTheCallersPlaceWhenTheCallbackIsNull) {
    const SilentHandle aio = make_silent_handle();
    Operation operation;
    ASSERT_TRUE(operation.start(aio.get()));
    EXPECT_TRUE(nng_aio_busy(aio.get()));
    operation.finish(NNG_EPROTO);
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_EPROTO);
    nng_aio_wait(aio.get());
}

TEST(Completion, ABareFinishOfANullCallbackCompletesInPlaceToo) {
    const SilentHandle aio = make_silent_handle();
    for (const nng_err code : {NNG_EPROTO, NNG_OK, NNG_ECLOSED}) {
        nng_aio_finish(aio.get(), code);
        EXPECT_FALSE(nng_aio_busy(aio.get()));
        EXPECT_EQ(nng_aio_result(aio.get()), code);
    }
}

TEST(Completion, TheHandleIsBusyFromTheStartUntilTheCallbackHasReturned) {
    Event running;
    Event release;
    Handle handle([&](nng_aio* aio) {
        EXPECT_TRUE(nng_aio_busy(aio));
        running.set();
        EXPECT_TRUE(release.wait());
    });
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    EXPECT_TRUE(nng_aio_busy(handle));
    operation.finish();
    ASSERT_TRUE(running.wait());
    EXPECT_TRUE(nng_aio_busy(handle));
    release.set();
    nng_aio_wait(handle);
    EXPECT_FALSE(nng_aio_busy(handle));
}

TEST(Completion, ACallbackMayStartTheNextOperation) {
    constexpr int kOperations = 1000;
    Operation operation;
    int left = kOperations;
    Handle handle([&](nng_aio* aio) {
        if (--left == 0) return;
        EXPECT_TRUE(operation.start(aio));
        operation.finish();
    });
    ASSERT_TRUE(operation.start(handle));
    operation.finish();
    nng_aio_wait(handle);  // the handle is not idle before the last callback has returned
    EXPECT_EQ(left, 0);
    EXPECT_EQ(handle.callbacks(), kOperations);
}

TEST(Completion, ABareFinishInTheOwnCallbackPostsAnotherOne) {
    constexpr int kOperations = 100;
    int left = kOperations;
    Handle handle([&](nng_aio* aio) {
        if (--left != 0) nng_aio_finish(aio, NNG_OK);
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.callbacks(), kOperations);
}

TEST(Completion, ManyThreadsFinishManyHandles) {
    constexpr int kThreads = 4;
    constexpr int kOperations = 500;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([] {
            Handle handle;
            Operation operation;
            for (int i = 1; i <= kOperations; ++i) {
                ASSERT_TRUE(operation.start(handle));
                operation.finish();
                nng_aio_wait(handle);
                ASSERT_EQ(handle.callbacks(), i);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace conformance
