// Tests what <nng/nng.h> promises about the order of a callback and the code after a wait, and about the callbacks of
// one handle.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

// --- order ----------------------------------------------------------------------------------------------------

// A callback that is running when a test calls wait, stop or free. Before it returns, it writes a variable that is not
// atomic. If wait, stop or free returned too early, the variable would have the old value, and ThreadSanitizer would
// report a race.
class SlowCallback {
  public:
    SlowCallback()
        : handle_([this](nng_aio*) {
              running_.set();
              EXPECT_TRUE(release_.wait());
              returned_ = true;
          }) {
        nng_aio_finish(handle_, NNG_OK);
        EXPECT_TRUE(running_.wait());
    }

    // Runs `call` while the callback is running, and lets the callback return a little later.
    template <class Call>
    void during(Call call) {
        std::thread releaser([this] {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));  // a call that returns too early does so now
            release_.set();
        });
        call(handle_);
        EXPECT_TRUE(returned_);
        EXPECT_EQ(handle_.callbacks(), 1);
        releaser.join();
    }

  private:
    Event running_;
    Event release_;
    bool returned_ = false;
    Handle handle_;
};

TEST(Order, TheCallbackHasReturnedBeforeWaitReturns) {
    SlowCallback slow;
    slow.during([](Handle& handle) { nng_aio_wait(handle); });
}

TEST(Order, TheCallbackHasReturnedBeforeStopReturns) {
    SlowCallback slow;
    slow.during([](Handle& handle) { nng_aio_stop(handle); });
}

TEST(Order, TheCallbackHasReturnedBeforeFreeReturns) {
    SlowCallback slow;
    slow.during([](Handle& handle) { nng_aio_free(handle.release()); });
}

TEST(Order, WhatTheCallbackTouchedIsVisibleAfterWait) {
    int touched = 0;
    Handle handle([&](nng_aio*) { ++touched; });
    for (int i = 1; i <= 1000; ++i) {
        nng_aio_finish(handle, NNG_OK);
        nng_aio_wait(handle);
        ASSERT_EQ(touched, i);
    }
}

TEST(Order, WhatTheCallbackTouchedIsVisibleAfterStop) {
    for (int i = 0; i < 200; ++i) {
        int touched = 0;
        Handle handle([&](nng_aio*) { ++touched; });
        nng_aio_finish(handle, NNG_OK);
        nng_aio_stop(handle);
        ASSERT_EQ(touched, 1);
    }
}

TEST(Order, WhatTheCallbackTouchedIsVisibleAfterFree) {
    for (int i = 0; i < 200; ++i) {
        int touched = 0;
        Handle handle([&](nng_aio*) { ++touched; });
        nng_aio_finish(handle, NNG_OK);
        nng_aio_free(handle.release());
        ASSERT_EQ(touched, 1);
    }
}

TEST(Order, WhatTheProviderWroteBeforeFinishIsVisibleToTheCallback) {
    int written = 0;
    int seen = 0;
    Handle handle([&](nng_aio*) { seen = written; });
    Operation operation;
    for (int i = 1; i <= 1000; ++i) {
        ASSERT_TRUE(operation.start(handle));
        written = i;
        operation.finish();
        nng_aio_wait(handle);
        ASSERT_EQ(seen, i);
    }
}

TEST(Order, SeveralThreadsMayWaitForOneHandle) {
    bool returned = false;
    Event release;
    Handle handle([&](nng_aio*) {
        EXPECT_TRUE(release.wait());
        returned = true;
    });
    nng_aio_finish(handle, NNG_OK);
    std::vector<std::thread> waiters;
    for (int i = 0; i < 4; ++i) {
        waiters.emplace_back([&] {
            nng_aio_wait(handle);
            EXPECT_TRUE(returned);
        });
    }
    release.set();
    for (std::thread& waiter : waiters) waiter.join();
}

TEST(Order, ACallbackMayFreeAnotherHandleWhoseCallbackIsRunning) {
    bool returned = false;
    Event running;
    Event release;
    Handle slow([&](nng_aio*) {
        running.set();
        EXPECT_TRUE(release.wait());
        returned = true;
    });
    Handle other([&](nng_aio*) {
        release.set();
        nng_aio_free(slow.release());
        EXPECT_TRUE(returned);
    });
    nng_aio_finish(slow, NNG_OK);
    ASSERT_TRUE(running.wait());
    nng_aio_finish(other, NNG_OK);
    nng_aio_wait(other);
    EXPECT_EQ(slow.callbacks(), 1);
}

// --- one handle -----------------------------------------------------------------------------------------------

TEST(OneHandle, ASecondCompletionWaitsForTheFirstCallbackToReturn) {
    Event restarted;
    Event release;
    Operation operation;
    std::atomic<int> begun{0};
    Handle handle([&](nng_aio* aio) {
        if (++begun != 1) return;
        EXPECT_TRUE(operation.start(aio));
        restarted.set();
        EXPECT_TRUE(release.wait());
        EXPECT_EQ(begun, 1);
    });
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(restarted.wait());
    operation.finish(NNG_EPROTO);  // workers are idle, but the second callback waits for the first one
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_EQ(begun, 1);
    release.set();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_EPROTO}));
}

TEST(OneHandle, CallbacksNeverOverlapHoweverFastTheProviderIs) {
    constexpr int kOperations = 2000;
    Event started;
    Operation operation;
    std::atomic<int> left{kOperations};
    Handle handle([&](nng_aio* aio) {  // Handle fails the test if callbacks overlap
        if (--left == 0) return;
        EXPECT_TRUE(operation.start(aio));
        started.set();
        std::this_thread::yield();
    });
    std::thread provider([&] {
        for (int i = 1; i < kOperations; ++i) {
            ASSERT_TRUE(started.wait(i));
            ASSERT_TRUE(operation.finish());
        }
    });
    nng_aio_finish(handle, NNG_OK);
    provider.join();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.callbacks(), kOperations);
}

}  // namespace
}  // namespace conformance
