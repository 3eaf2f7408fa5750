// Tests what <nng/nng.h> promises about a cancel or an expiry that comes late.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "support/checkpoint.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

// A cancel function that blocks until the test releases it, and does not finish the operation.
class StuckCancel {
  public:
    StuckCancel() {
        operation.on_cancel = [this](nng_aio*, nng_err) {
            inside_.pass();
            returned_ = true;
        };
    }

    [[nodiscard]] bool entered() { return inside_.reached(); }
    void release() { inside_.open(); }
    [[nodiscard]] bool returned() const { return returned_; }

    Operation operation{Operation::OnCancel::Ignore};

  private:
    Checkpoint inside_;
    std::atomic<bool> returned_{false};
};

// Frees the handle, whose cancel function has been called and whose operation is finished. Expects nng_aio_free to wait
// until the cancel function has returned.
void expect_free_to_wait(StuckCancel& stuck, Handle& handle) {
    std::thread releaser([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));  // a free that returns too early does so now
        stuck.release();
    });
    nng_aio_free(handle.release());
    EXPECT_TRUE(stuck.returned());
    EXPECT_EQ(handle.callbacks(), 1);
    releaser.join();
}

TEST(LateCancel, HoldsTheCompletionBack) {
    StuckCancel stuck;
    Handle handle([&](nng_aio*) { EXPECT_TRUE(stuck.returned()); });
    ASSERT_TRUE(stuck.operation.start(handle));
    std::thread canceller([&] { nng_aio_cancel(handle); });
    ASSERT_TRUE(stuck.entered());
    ASSERT_TRUE(stuck.operation.finish(NNG_EPROTO));
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_TRUE(nng_aio_busy(handle));
    stuck.release();
    canceller.join();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(LateCancel, HoldsWaitBackIfTheCallbackIsNull) {
    StuckCancel stuck;
    const SilentHandle aio = make_silent_handle();
    ASSERT_TRUE(stuck.operation.start(aio.get()));
    std::thread canceller([&] { nng_aio_cancel(aio.get()); });
    ASSERT_TRUE(stuck.entered());
    ASSERT_TRUE(stuck.operation.finish(NNG_EPROTO));
    EXPECT_TRUE(nng_aio_busy(aio.get()));
    std::thread releaser([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));  // a wait that returns too early does so now
        stuck.release();
    });
    nng_aio_wait(aio.get());
    EXPECT_TRUE(stuck.returned());
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_EPROTO);
    releaser.join();
    canceller.join();
}

TEST(LateCancel, HoldsFreeBack) {
    StuckCancel stuck;
    Handle handle;
    ASSERT_TRUE(stuck.operation.start(handle));
    std::thread canceller([&] { nng_aio_cancel(handle); });
    ASSERT_TRUE(stuck.entered());
    ASSERT_TRUE(stuck.operation.finish());
    expect_free_to_wait(stuck, handle);
    canceller.join();
}

TEST(LateCancel, HoldsTheDestructionOfAReapedHandleBack) {
    StuckCancel stuck;
    Handle handle([&](nng_aio*) { EXPECT_TRUE(stuck.returned()); });
    nng_aio* const aio = handle;
    ASSERT_TRUE(stuck.operation.start(aio));
    std::thread canceller([&] { nng_aio_cancel(aio); });
    ASSERT_TRUE(stuck.entered());
    ASSERT_TRUE(stuck.operation.finish());
    nng_aio_reap(handle.release());
    EXPECT_TRUE(handle.stays_silent());
    stuck.release();
    canceller.join();
    EXPECT_TRUE(handle.called_back());
}

TEST(LateExpiry, HoldsTheCompletionBack) {
    StuckCancel stuck;
    Handle handle([&](nng_aio*) { EXPECT_TRUE(stuck.returned()); });
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(stuck.operation.start(handle));
    ASSERT_TRUE(stuck.entered());
    ASSERT_TRUE(stuck.operation.finish(NNG_EPROTO));
    EXPECT_TRUE(handle.stays_silent());
    EXPECT_TRUE(nng_aio_busy(handle));
    stuck.release();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(LateExpiry, HoldsFreeBack) {
    StuckCancel stuck;
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(stuck.operation.start(handle));
    ASSERT_TRUE(stuck.entered());
    ASSERT_TRUE(stuck.operation.finish());
    expect_free_to_wait(stuck, handle);
}

// A provider that numbers its operations. It records an error if its cancel function is called for an operation whose
// callback has run, or is running when the next operation starts.
class NumberedProvider {
  public:
    NumberedProvider() {
        operation_.on_cancel = [this](nng_aio*, nng_err) {
            const int number = current();
            std::this_thread::yield();  // gives the operation time to end
            if (current() != number) wrong_ = true;
        };
    }

    bool start(nng_aio* aio) {
        ++number_;
        return operation_.start(aio);
    }
    void finish() { operation_.finish(); }

    // Called by the callback. If the cancel function runs between this call and the next start, current() records an
    // error.
    void completed() { completed_ = number_.load(); }

    [[nodiscard]] bool met_the_wrong_one() const { return wrong_; }

  private:
    // Called by the cancel function. Returns the number of the operation in flight. Records an error if the callback of
    // this operation has run, because then the cancel function was called too late.
    int current() {
        if (completed_ == number_) wrong_ = true;
        return number_;
    }

    std::atomic<int> number_{0};
    std::atomic<int> completed_{0};
    std::atomic<bool> wrong_{false};
    Operation operation_;
};

TEST(LateCancel, NeverMeetsTheNextOperation) {
    constexpr int kOperations = 2000;
    NumberedProvider provider;
    std::atomic<bool> over{false};
    Handle handle([&](nng_aio*) { provider.completed(); });
    std::thread canceller([&] {
        while (!over) nng_aio_cancel(handle);
    });
    for (int i = 1; i <= kOperations; ++i) {
        ASSERT_TRUE(provider.start(handle));
        provider.finish();
        nng_aio_wait(handle);
        ASSERT_EQ(handle.callbacks(), i);
    }
    over = true;
    canceller.join();
    EXPECT_FALSE(provider.met_the_wrong_one());
}

TEST(LateExpiry, NeverMeetsTheNextOperation) {
    constexpr int kOperations = 200;
    NumberedProvider provider;
    Handle handle([&](nng_aio*) { provider.completed(); });
    nng_aio_set_timeout(handle, 1);
    for (int i = 1; i <= kOperations; ++i) {
        const std::int64_t due = monotonic_ns() + kMillisecond;
        ASSERT_TRUE(provider.start(handle));
        while (monotonic_ns() < due + (i % 100) * 1000) std::this_thread::yield();  // until about the expiry
        provider.finish();
        nng_aio_wait(handle);
        ASSERT_EQ(handle.callbacks(), i);
        const nng_err result = nng_aio_result(handle);
        ASSERT_TRUE(result == NNG_OK || result == NNG_ETIMEDOUT) << result;
    }
    EXPECT_FALSE(provider.met_the_wrong_one());
}

TEST(LateExpiry, NeverMeetsAFreedHandle) {
    constexpr int kOperations = 200;
    for (int i = 1; i <= kOperations; ++i) {
        Operation operation;
        Handle handle;
        nng_aio_set_timeout(handle, 1);
        const std::int64_t due = monotonic_ns() + kMillisecond;
        ASSERT_TRUE(operation.start(handle));
        while (monotonic_ns() < due + (i % 100) * 1000) std::this_thread::yield();  // until about the expiry
        operation.finish();
        nng_aio_free(handle.release());
        ASSERT_EQ(handle.callbacks(), 1);
    }
}

}  // namespace
}  // namespace conformance
