// Tests naio_aio_default_timeout: what NNG_DURATION_DEFAULT means for one operation, and that the next operation has no
// default unless its own provider sets one.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "support/expect_abort.h"
#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

constexpr nng_duration kShort = 5;
constexpr nng_duration kLong = 3'600'000;

nng_time from_now(nng_duration duration) { return nng_clock() + static_cast<nng_time>(duration); }

// A handle whose timeout is the provider's default.
class DefaultTimeout : public testing::Test {
  protected:
    DefaultTimeout() { nng_aio_set_timeout(handle_, NNG_DURATION_DEFAULT); }

    // Expects that the operation times out by itself long before kLong.
    void expect_to_time_out() {
        EXPECT_TRUE(naio_aio_wait_until(handle_, from_now(60'000)));
        nng_aio_cancel(handle_);
        EXPECT_EQ(handle_.wait(), NNG_ETIMEDOUT);
    }
    // Expects that an operation that starts now has no deadline: it is neither refused nor ended.
    void expect_no_deadline() {
        ASSERT_TRUE(operation_.start(handle_, kTotal));
        EXPECT_TRUE(operation_.stays_unasked());
        operation_.finish();
        EXPECT_EQ(handle_.wait(), NNG_OK);
    }

    Handle handle_;
    TypedOperation operation_;
};

TEST_F(DefaultTimeout, EndsTheOperationNotBefore) {
    const nng_time begin = nng_clock();
    naio_aio_default_timeout(handle_, 20);
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    expect_to_time_out();
    EXPECT_GE(nng_clock(), begin + 20);
    EXPECT_EQ(naio_aio_outcome(handle_), kTotal);
}

TEST_F(DefaultTimeout, OfZeroOrLessRefusesTheStart) {
    for (const nng_duration timeout : {0, -3, -1000}) {
        naio_aio_default_timeout(handle_, timeout);
        EXPECT_FALSE(operation_.start(handle_, kTotal)) << timeout;
        EXPECT_EQ(handle_.wait(), NNG_ETIMEDOUT) << timeout;
    }
}

TEST_F(DefaultTimeout, MayBeNone) {
    for (const nng_duration timeout : {NNG_DURATION_INFINITE, NNG_DURATION_DEFAULT}) {
        naio_aio_default_timeout(handle_, timeout);
        expect_no_deadline();
    }
}

TEST_F(DefaultTimeout, LeavesATimeoutOfTheConsumerAlone) {
    for (const nng_duration timeout : {kLong, NNG_DURATION_INFINITE}) {
        nng_aio_set_timeout(handle_, timeout);
        naio_aio_default_timeout(handle_, 0);
        expect_no_deadline();
    }
    nng_aio_set_timeout(handle_, kShort);
    naio_aio_default_timeout(handle_, kLong);
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    expect_to_time_out();
}

TEST_F(DefaultTimeout, LeavesAnExpiryOfTheConsumerAlone) {
    nng_aio_set_expire(handle_, from_now(kLong));
    naio_aio_default_timeout(handle_, 0);
    expect_no_deadline();
    nng_aio_set_expire(handle_, from_now(kShort));
    naio_aio_default_timeout(handle_, kLong);
    nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
    expect_to_time_out();
}

TEST_F(DefaultTimeout, IsThatOfTheFirstCall) {
    naio_aio_default_timeout(handle_, NNG_DURATION_INFINITE);
    naio_aio_default_timeout(handle_, 0);
    expect_no_deadline();
    naio_aio_default_timeout(handle_, kShort);
    naio_aio_default_timeout(handle_, kLong);
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    expect_to_time_out();
}

TEST_F(DefaultTimeout, DoesNotLengthenALimit) {
    naio_aio_limit(handle_, from_now(kShort));
    naio_aio_default_timeout(handle_, NNG_DURATION_INFINITE);
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    expect_to_time_out();
}

TEST_F(DefaultTimeout, AsksForTheTimeoutsTypes) {
    naio_aio_set_timeout_types(handle_, NAIO_CANCEL_NONE);
    naio_aio_default_timeout(handle_, 0);
    expect_no_deadline();
}

TEST_F(DefaultTimeout, IsForOneOperationHoweverThatEnds) {
    const std::vector<std::function<void(nng_aio*)>> operations = {
        [](nng_aio* aio) { nng_sleep_aio(NNG_DURATION_INFINITE, aio); },  // the default ends this sleep
        [](nng_aio* aio) { nng_sleep_aio(0, aio); },
        [](nng_aio* aio) { nng_aio_finish(aio, NNG_ECLOSED); },
        [](nng_aio* aio) {
            if (nng_aio_start(aio, nullptr, nullptr)) nng_aio_finish(aio, NNG_OK);
        },
    };
    for (const auto& operation : operations) {
        for (const nng_duration timeout : {0, 2}) {
            naio_aio_default_timeout(handle_, timeout);
            operation(handle_);
            nng_aio_wait(handle_);
            EXPECT_EQ(naio_aio_get_timeout(handle_), NNG_DURATION_DEFAULT);
            expect_no_deadline();
        }
    }
}

TEST_F(DefaultTimeout, HoldsForACallbackThatStartsAgain) {
    int calls = 0;
    Handle handle([&](nng_aio* aio) {
        if (++calls == 2) return;
        naio_aio_default_timeout(aio, 2);
        nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    });
    nng_aio_set_timeout(handle, NNG_DURATION_DEFAULT);
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ETIMEDOUT}));
}

TEST(DefaultTimeoutDeathTest, OfAnOperationInFlightIsMisuse) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Handle handle;
    TypedOperation operation;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_ABORT(naio_aio_default_timeout(handle, 1), a_line_naming("naio_aio_default_timeout"));
    operation.finish();
    nng_aio_wait(handle);
}

// The consumer may set timeouts and expiries while the provider sets its default.
TEST_F(DefaultTimeout, MayMeetATimeoutThatTheConsumerSets) {
    std::atomic<bool> over{false};
    std::thread consumer([&] {
        while (!over.load(std::memory_order_relaxed)) {
            nng_aio_set_expire(handle_, from_now(kLong));
            nng_aio_set_timeout(handle_, NNG_DURATION_DEFAULT);
        }
    });
    for (int i = 0; i < 2000; ++i) {
        naio_aio_default_timeout(handle_, kLong);
        naio_aio_default_timeout(handle_, kLong);
        ASSERT_TRUE(nng_aio_start(handle_, nullptr, nullptr));
        nng_aio_finish(handle_, NNG_OK);
        nng_aio_wait(handle_);
    }
    over = true;
    consumer.join();
}

}  // namespace
}  // namespace cancellation
