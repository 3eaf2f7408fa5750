// Tests what <nng/nng.h> promises about stop, free, reap and wait in the handle's own callback.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST(OwnCallback, MayFreeItsHandle) {
    Handle handle([&](nng_aio*) { nng_aio_free(handle.release()); });
    nng_aio_finish(handle, NNG_OK);
    EXPECT_TRUE(handle.called_back());
}

TEST(OwnCallback, MayReapItsHandle) {
    Handle handle([&](nng_aio*) { nng_aio_reap(handle.release()); });
    nng_aio_finish(handle, NNG_OK);
    EXPECT_TRUE(handle.called_back());
}

TEST(OwnCallback, MayFreeTheHandlesOfManyOperations) {
    constexpr int kHandles = 200;
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < kHandles; ++i) {
        handles.push_back(std::make_unique<Handle>(
            [&handles, i](nng_aio*) { nng_aio_free(handles[static_cast<std::size_t>(i)]->release()); }));
    }
    for (const auto& handle : handles) nng_sleep_aio(1, *handle);
    for (const auto& handle : handles) ASSERT_TRUE(handle->called_back());
}

template <class End>
void expect_an_operation_started_before_to_be_ended(End end) {
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        end(handle);
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(handle.called_back(2));
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ESTOPPED}));
    EXPECT_EQ(operation.cancels(), 1);
}

TEST(OwnCallback, ThatFreesItsHandleEndsTheOperationItHasJustStarted) {
    expect_an_operation_started_before_to_be_ended([](Handle& handle) { nng_aio_free(handle.release()); });
}

TEST(OwnCallback, ThatReapsItsHandleEndsTheOperationItHasJustStarted) {
    expect_an_operation_started_before_to_be_ended([](Handle& handle) { nng_aio_reap(handle.release()); });
}

TEST(OwnCallback, ThatStopsItsHandleEndsTheOperationItHasJustStarted) {
    expect_an_operation_started_before_to_be_ended([](Handle& handle) { nng_aio_stop(handle); });
}

TEST(OwnCallback, MayStopItsHandleWhichMarksItAndReturns) {
    Operation operation;
    bool refused = false;
    Handle handle([&](nng_aio* aio) {
        if (nng_aio_result(aio) == NNG_ESTOPPED) return;
        nng_aio_stop(aio);
        refused = !operation.start(aio);
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(handle.called_back(2));
    EXPECT_TRUE(refused);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ESTOPPED}));
}

TEST(OwnCallback, MayStopItsHandleTwiceAndThenFreeIt) {
    Handle handle([&](nng_aio* aio) {
        nng_aio_stop(aio);
        nng_aio_stop(aio);
        nng_aio_free(handle.release());
    });
    nng_aio_finish(handle, NNG_OK);
    EXPECT_TRUE(handle.called_back());
}

TEST(OwnCallback, MayStopItsHandleWhileTheConsumerStopsIt) {
    for (int i = 0; i < 100; ++i) {
        Handle handle([&](nng_aio* aio) { nng_aio_stop(aio); });
        nng_aio_finish(handle, NNG_OK);
        nng_aio_stop(handle);
        ASSERT_EQ(handle.callbacks(), 1);
    }
}

TEST(OwnCallback, MayWaitForItsHandleWhichReturnsAtOnce) {
    Handle handle([](nng_aio* aio) { nng_aio_wait(aio); });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(handle.called_back());
    nng_aio_wait(handle);
}

TEST(OwnCallback, MayWaitForItsHandleEvenAfterItStartedTheNextOperation) {
    Operation operation;
    int begun = 0;
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        nng_aio_wait(aio);
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(handle.called_back());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.callbacks(), 2);
}

}  // namespace
}  // namespace conformance
