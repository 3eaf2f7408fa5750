// Tests the fields of a handle that a provider uses while an operation is in flight.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <cstddef>
#include <mutex>

#include "support/expect_abort.h"
#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// ---- naio_aio_add_count

TEST(AddCount, AddsUpAndCanBeReadInFlight) {
    Handle handle;
    naio_aio_finish(handle, NNG_OK, 100);
    nng_aio_wait(handle);
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, nullptr, nullptr));
    EXPECT_EQ(nng_aio_count(handle), 0u);
    EXPECT_EQ(naio_aio_add_count(handle, 3), 3u);
    EXPECT_EQ(naio_aio_add_count(handle, 0), 3u);
    EXPECT_EQ(naio_aio_add_count(handle, 4), 7u);
    EXPECT_EQ(nng_aio_count(handle), 7u);
    nng_aio_finish(handle, NNG_EAGAIN);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_count(handle), 7u);
}

TEST(AddCount, IsReplacedByAFinishWithACount) {
    Handle handle;
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, nullptr, nullptr));
    EXPECT_EQ(naio_aio_add_count(handle, 3), 3u);
    naio_aio_finish(handle, NNG_OK, 1);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_count(handle), 1u);
}

TEST(AddCount, CountsAnOperationWithoutAStart) {
    Handle handle;
    nng_aio_reset(handle);
    EXPECT_EQ(naio_aio_add_count(handle, 3), 3u);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_count(handle), 3u);
    nng_aio_reset(handle);
    EXPECT_EQ(nng_aio_count(handle), 0u);
}

TEST(AddCount, IsTheCountOfAnOperationThatARequestEnds) {
    Handle handle;
    const auto end = [](nng_aio* aio, void*, naio_cancel, nng_err reason) {
        nng_aio_finish(aio, reason);
        return true;
    };
    ASSERT_TRUE(naio_aio_start(handle, kPartial, end, nullptr, nullptr));
    EXPECT_EQ(naio_aio_add_count(handle, 5), 5u);
    EXPECT_TRUE(naio_aio_cancel(handle, kPartial, NNG_ECANCELED));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
    EXPECT_EQ(nng_aio_count(handle), 5u);
    EXPECT_EQ(naio_aio_outcome(handle), kPartial);
}

// A provider that works in pieces. Its lock orders the calls of naio_aio_add_count and the finish.
class Pieces {
  public:
    bool start(nng_aio* aio) {
        const std::lock_guard<std::mutex> lock(mutex_);
        done_ = 0;
        aio_ = naio_aio_start(aio, kPartial, cancel, nullptr, this) ? aio : nullptr;
        return aio_ != nullptr;
    }
    // Does a piece of the operation. False if the operation is over.
    bool work() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (aio_ == nullptr) return false;
        EXPECT_EQ(naio_aio_add_count(aio_, 1), ++done_);
        return true;
    }
    [[nodiscard]] size_t done() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return done_;
    }

  private:
    static bool cancel(nng_aio* aio, void* self, naio_cancel, nng_err reason) {
        auto& pieces = *static_cast<Pieces*>(self);
        const std::lock_guard<std::mutex> lock(pieces.mutex_);
        pieces.aio_ = nullptr;
        nng_aio_finish(aio, reason);
        return true;
    }

    std::mutex mutex_;
    nng_aio* aio_ = nullptr;
    size_t done_ = 0;
};

TEST(AddCount, IsExactIfATimeoutEndsTheOperationMeanwhile) {
    Pieces pieces;
    Handle handle;
    nng_aio_set_timeout(handle, 1);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(pieces.start(handle));
        while (pieces.work()) {
        }
        nng_aio_wait(handle);
        EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
        EXPECT_EQ(nng_aio_count(handle), pieces.done());
    }
}

TEST(AddCountDeathTest, AfterTheFinishIsMisuse) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto add_late = [] {
        Handle handle([](nng_aio* aio) {
            nng_aio_finish(aio, NNG_OK);  // its callback begins when this callback has returned
            naio_aio_add_count(aio, 1);
        });
        nng_sleep_aio(0, handle);
        nng_aio_wait(handle);
    };
    EXPECT_ABORT(add_late(), a_line_naming("naio_aio_add_count"));
}

}  // namespace
}  // namespace cancellation
