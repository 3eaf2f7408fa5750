// Tests the fields of a handle that a provider uses while an operation is in flight.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <cstddef>
#include <mutex>
#include <thread>

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

// ---- message, iov, inputs and outputs in flight

// A provider whose thread changes all fields of the operation in flight, again and again. A request may end the
// operation at any time.
class Changer {
  public:
    void run(nng_aio* aio, int round) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!naio_aio_start(aio, kPartial, cancel, nullptr, this)) return;
            aio_ = aio;
        }
        std::thread worker([&] {
            for (int i = 0; change(round + i); ++i) {
            }
        });
        nng_aio_cancel(aio);
        nng_aio_wait(aio);
        worker.join();
    }
    [[nodiscard]] void* last() const { return last_; }

  private:
    bool change(int number) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (aio_ == nullptr) return false;
        last_ = &numbers_[number % 8];
        nng_aio_set_msg(aio_, static_cast<nng_msg*>(last_));
        const nng_iov piece{last_, sizeof(int)};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &piece), NNG_OK);
        EXPECT_EQ(nng_aio_set_input(aio_, 3, last_), NNG_OK);
        EXPECT_EQ(nng_aio_set_output(aio_, 3, last_), NNG_OK);
        return true;
    }
    static bool cancel(nng_aio* aio, void* self, naio_cancel, nng_err reason) {
        auto& changer = *static_cast<Changer*>(self);
        changer.change(0);
        const std::lock_guard<std::mutex> lock(changer.mutex_);
        EXPECT_EQ(nng_aio_get_msg(aio), changer.last_);
        changer.aio_ = nullptr;
        nng_aio_finish(aio, reason);
        return true;
    }

    std::mutex mutex_;
    nng_aio* aio_ = nullptr;
    void* last_ = nullptr;
    int numbers_[8] = {};
};

TEST(InFlight, TheProviderMaySetAllFieldsAndTheConsumerFindsThemAtTheEnd) {
    Changer changer;
    Handle handle([&](nng_aio* aio) {
        const nng_iov* iov = nullptr;
        EXPECT_EQ(nng_aio_get_msg(aio), changer.last());
        ASSERT_EQ(naio_aio_get_iov(aio, &iov), 1u);
        EXPECT_EQ(iov[0].iov_buf, changer.last());
        EXPECT_EQ(nng_aio_get_input(aio, 3), changer.last());
        EXPECT_EQ(nng_aio_get_output(aio, 3), changer.last());
    });
    for (int round = 0; round < 50; ++round) {
        changer.run(handle, round);
        EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    }
    nng_aio_set_msg(handle, nullptr);
}

TEST(InFlight, AMessageThatTheProviderHasTakenIsNotReturnedByACancel) {
    nng_msg* message = nullptr;
    ASSERT_EQ(nng_msg_alloc(&message, 3), NNG_OK);
    Handle handle;
    TypedOperation operation;
    nng_aio_set_msg(handle, message);
    ASSERT_TRUE(operation.start(handle, kTerminal));
    EXPECT_EQ(nng_aio_get_msg(handle), message);
    nng_aio_set_msg(handle, nullptr);  // taken over
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_get_msg(handle), nullptr);
    nng_msg_free(message);
}

// ---- naio_aio_set_data, naio_aio_get_data

int things[4];

// A handle, and what its release function has found in the words.
struct Released {
    nng_aio* aio = nullptr;
    void* words[2] = {};
    static void read(void* self) {
        auto& released = *static_cast<Released*>(self);
        for (unsigned i = 0; i < 2; ++i) released.words[i] = naio_aio_get_data(released.aio, i);
    }
};

TEST(Data, IsKeptUntilTheReleaseFunctionHasReturned) {
    Handle handle;
    Released released{handle};
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, Released::read, &released));
    for (unsigned i = 0; i < 2; ++i) naio_aio_set_data(handle, i, &things[i]);
    for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(naio_aio_get_data(handle, i), &things[i]);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(released.words[i], &things[i]);
}

// A cancel function that waits for the provider's lock while another thread takes the operation out of a list and
// finishes it.
TEST(Data, CanBeReadByACancelFunctionThatComesLate) {
    Handle handle;
    const auto late = [](nng_aio* aio, void*, naio_cancel, nng_err) {
        naio_aio_set_data(aio, 0, nullptr);
        nng_aio_finish(aio, NNG_OK);
        EXPECT_EQ(naio_aio_get_data(aio, 0), nullptr);
        EXPECT_EQ(naio_aio_get_data(aio, 1), &things[1]);
        return true;
    };
    naio_aio_set_data(handle, 1, &things[1]);
    ASSERT_TRUE(naio_aio_start(handle, kTotal, late, nullptr, nullptr));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_ECANCELED));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

TEST(Data, MayBeSetBeforeTheStart) {
    Handle handle;
    void* seen = nullptr;
    naio_aio_set_data(handle, 1, &things[1]);
    const auto cancel = [](nng_aio* aio, void* arg, naio_cancel, nng_err reason) {
        *static_cast<void**>(arg) = naio_aio_get_data(aio, 1);
        nng_aio_finish(aio, reason);
        return true;
    };
    ASSERT_TRUE(naio_aio_start(handle, kTotal, cancel, nullptr, &seen));
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_ECANCELED));
    nng_aio_wait(handle);
    EXPECT_EQ(seen, &things[1]);
}

// No function that a provider calls in flight changes the words, and the words change nothing else.
TEST(Data, HasMemoryOfItsOwn) {
    Handle handle;
    char bytes[8] = {};
    nng_iov pieces[8];
    for (int i = 0; i < 8; ++i) pieces[i] = {&bytes[i], 1};
    ASSERT_TRUE(naio_aio_start(handle, kTotal, nullptr, nullptr, nullptr));
    for (unsigned i = 0; i < 2; ++i) naio_aio_set_data(handle, i, &things[i]);
    for (unsigned i = 0; i < 4; ++i) ASSERT_EQ(nng_aio_set_output(handle, i, &things[2]), NNG_OK);
    for (unsigned i = 0; i < 4; ++i) ASSERT_EQ(nng_aio_set_input(handle, i, &things[3]), NNG_OK);
    ASSERT_EQ(nng_aio_set_iov(handle, 8, pieces), NNG_OK);
    EXPECT_EQ(naio_aio_iov_advance(handle, 3), 0u);
    EXPECT_EQ(naio_aio_add_count(handle, 3), 3u);
    EXPECT_EQ(naio_aio_permit(handle, kPartial), kNone);
    nng_aio_set_timeout(handle, 10'000);
    naio_aio_limit(handle, nng_clock() + 10'000);
    naio_aio_set_name(handle, "words");
    EXPECT_NE(naio_aio_slot(handle), nullptr);
    for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(naio_aio_get_data(handle, i), &things[i]);
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(nng_aio_get_input(handle, i), &things[3]);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(nng_aio_get_output(handle, i), &things[2]);
    EXPECT_EQ(nng_aio_count(handle), 3u);
}

TEST(Data, OfAComposedOperationIsTheSteps) {
    Handle handle;
    const auto step = [](naio_op* op, void*, nng_err result, size_t) {
        nng_aio* const aio = naio_op_aio(op);
        if (naio_aio_get_data(aio, 0) == &things[0]) return naio_op_finish(op, result, 7);
        naio_aio_set_data(aio, 0, &things[0]);
        nng_sleep_aio(1, naio_op_child(op));
    };
    naio_aio_set_data(handle, 0, nullptr);
    ASSERT_EQ(naio_compose(handle, kTotal, step, nullptr, nullptr), NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_count(handle), 7u);
}

TEST(DataDeathTest, WithAWrongIndexIsMisuse) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Handle handle;
    EXPECT_ABORT(naio_aio_set_data(handle, 2, nullptr), a_line_naming("naio_aio_set_data"));
    EXPECT_ABORT(static_cast<void>(naio_aio_get_data(handle, ~0u)), a_line_naming("naio_aio_get_data"));
}

}  // namespace
}  // namespace cancellation
