// Tests the functions for providers that NNG has only inside its library.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "support/expect_abort.h"
#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// A timeout ends the operation. The operation's release function waits for another timeout, so the timer must go on
// while that function runs.
TEST(Release, OfAHandleWithoutACallbackMayWaitForATimeout) {
    const SilentHandle handle = make_silent_handle();
    const SilentHandle other = make_silent_handle();
    const auto finish = [](nng_aio* aio, void*, naio_cancel, nng_err reason) {
        naio_aio_finish(aio, reason, 0);
        return true;
    };
    const auto sleep = [](void* aio) {
        nng_sleep_aio(5, static_cast<nng_aio*>(aio));
        nng_aio_wait(static_cast<nng_aio*>(aio));
    };
    nng_aio_set_timeout(handle.get(), 5);
    ASSERT_TRUE(naio_aio_start(handle.get(), NAIO_CANCEL_TOTAL, finish, sleep, other.get()));
    nng_aio_wait(handle.get());
    EXPECT_EQ(nng_aio_result(handle.get()), NNG_ETIMEDOUT);
    EXPECT_FALSE(nng_aio_busy(other.get()));
}

TEST(Finish, SetsResultAndCount) {
    Handle handle;
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, nullptr, nullptr));
    naio_aio_finish(handle, NNG_EAGAIN, 12);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EAGAIN);
    EXPECT_EQ(nng_aio_count(handle), 12u);
}

TEST(Finish, WithoutAStartIsAnOperationOfItsOwn) {
    Handle handle;
    bool skipped = false;
    naio_aio_finish(handle, NNG_OK, 5);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_count(handle), 5u);
    nng_aio_skip_callback(handle, &skipped);
    naio_aio_finish(handle, NNG_OK, 6);
    EXPECT_TRUE(skipped);
    EXPECT_EQ(nng_aio_count(handle), 6u);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST(FinishMsg, HandsTheMessageOverWithItsLength) {
    nng_msg* message = nullptr;
    ASSERT_EQ(nng_msg_alloc(&message, 11), 0);
    Handle handle;
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, nullptr, nullptr));
    naio_aio_finish_msg(handle, message);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(nng_aio_count(handle), 11u);
    EXPECT_EQ(nng_aio_get_msg(handle), message);
    nng_msg_free(message);
}

TEST(FinishSync, RunsTheCallbackInTheCall) {
    Handle handle;
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, nullptr, nullptr));
    naio_aio_finish_sync(handle, NNG_OK, 3);
    EXPECT_EQ(handle.callbacks(), 1);
    EXPECT_EQ(handle.thread(), std::this_thread::get_id());
    EXPECT_FALSE(nng_aio_busy(handle));
}

TEST(FinishSync, ReleasesTheProvidersStateFirst) {
    TypedOperation operation;
    Handle handle([&](nng_aio*) { EXPECT_EQ(operation.releases(), 1); });
    ASSERT_TRUE(operation.start(handle, kTotal));
    naio_aio_finish_sync(handle, NNG_OK, 0);
    EXPECT_EQ(operation.releases(), 1);
}

TEST(FinishSync, LeavesAHeldCompletionToTheThreadThatHoldsIt) {
    Handle handle([&](nng_aio* aio) {
        if (nng_aio_result(aio) != NNG_OK) return;
        ASSERT_TRUE(naio_aio_start(aio, kNone, nullptr, nullptr, nullptr));
        naio_aio_finish_sync(aio, NNG_EAGAIN, 0);  // the handle's first callback is running
    });
    ASSERT_TRUE(naio_aio_start(handle, kNone, nullptr, nullptr, nullptr));
    naio_aio_finish_sync(handle, NNG_OK, 0);
    EXPECT_TRUE(handle.called_back(2));
}

struct Nested {
    nng_aio* outer = nullptr;
    nng_aio* inner = nullptr;
    int waits = 0;
};

TEST(FinishSync, InAnotherCallbackKnowsBothAsRunning) {
    Nested nested;
    const auto outer = [](void* arg) {
        nng_aio_reset(static_cast<Nested*>(arg)->inner);
        naio_aio_finish_sync(static_cast<Nested*>(arg)->inner, NNG_OK, 0);
    };
    const auto inner = [](void* arg) {
        auto& both = *static_cast<Nested*>(arg);
        nng_aio_wait(both.outer);  // both waits return at once, because both callbacks run on this thread
        nng_aio_wait(both.inner);
        ++both.waits;
    };
    ASSERT_EQ(nng_aio_alloc(&nested.outer, outer, &nested), NNG_OK);
    ASSERT_EQ(nng_aio_alloc(&nested.inner, inner, &nested), NNG_OK);
    nng_sleep_aio(0, nested.outer);
    nng_aio_wait(nested.outer);
    EXPECT_EQ(nested.waits, 1);
    nng_aio_free(nested.inner);
    nng_aio_free(nested.outer);
}

TEST(GetTimeout, IsWhatWasSet) {
    Handle handle;
    EXPECT_EQ(naio_aio_get_timeout(handle), NNG_DURATION_INFINITE);
    nng_aio_set_timeout(handle, 123);
    EXPECT_EQ(naio_aio_get_timeout(handle), 123);
}

class Iov : public testing::Test {
  protected:
    void set(std::initializer_list<size_t> lengths) {
        std::vector<nng_iov> list;
        char* at = memory_;
        for (const size_t length : lengths) {
            list.push_back({at, length});
            at += length;
        }
        EXPECT_EQ(nng_aio_set_iov(handle_, static_cast<unsigned>(list.size()), list.data()), NNG_OK);
    }
    std::vector<std::pair<ptrdiff_t, size_t>> left() {
        const nng_iov* list = nullptr;
        std::vector<std::pair<ptrdiff_t, size_t>> pieces;
        const unsigned n = naio_aio_get_iov(handle_, &list);
        for (unsigned i = 0; i < n; ++i)
            pieces.push_back({static_cast<char*>(list[i].iov_buf) - memory_, list[i].iov_len});
        return pieces;
    }
    using Pieces = std::vector<std::pair<ptrdiff_t, size_t>>;

    char memory_[100];
    Handle handle_;
};

TEST_F(Iov, IsWhatWasSet) {
    EXPECT_EQ(left(), Pieces{});
    set({3, 0, 5});
    EXPECT_EQ(left(), Pieces({{0, 3}, {3, 0}, {3, 5}}));
}

TEST_F(Iov, AdvancesWithinAndAcrossPieces) {
    set({3, 0, 5});
    EXPECT_EQ(naio_aio_iov_advance(handle_, 2), 0u);
    EXPECT_EQ(left(), Pieces({{2, 1}, {3, 0}, {3, 5}}));
    EXPECT_EQ(naio_aio_iov_advance(handle_, 2), 0u);
    EXPECT_EQ(left(), Pieces({{4, 4}}));
    EXPECT_EQ(naio_aio_iov_advance(handle_, 4), 0u);
    EXPECT_EQ(left(), Pieces{});
}

TEST_F(Iov, SaysHowMuchIsTooMuch) {
    set({3, 5});
    EXPECT_EQ(naio_aio_iov_advance(handle_, 10), 2u);
    EXPECT_EQ(left(), Pieces{});
    EXPECT_EQ(naio_aio_iov_advance(handle_, 1), 1u);
}

// ---- a handle's own slot

// True if the slot admits an operation that starts now.
bool lets_in(naio_slot* slot) {
    Handle inner;
    naio_aio_bind_slot(inner, slot, kAll);
    const bool started = nng_aio_start(inner, nullptr, nullptr);
    if (started) nng_aio_finish(inner, NNG_OK);
    nng_aio_wait(inner);
    return started;
}

TEST(OwnSlotTest, LearnsOfARequestToAPlainOperationThatCameBeforeIt) {
    Handle handle;
    const auto passes_on = [](nng_aio* aio, void*, nng_err reason) { naio_aio_forward(aio, kAll, reason); };
    ASSERT_TRUE(nng_aio_start(handle, passes_on, nullptr));
    nng_aio_cancel(handle);
    EXPECT_FALSE(lets_in(naio_aio_slot(handle)));
    nng_aio_finish(handle, NNG_ECANCELED);
}

TEST(OwnSlotTest, ForgetsWhatTheCancelFunctionThatMakesItDeclines) {
    Handle handle;
    const auto declines = [](nng_aio* aio, void*, naio_cancel, nng_err) {
        EXPECT_FALSE(lets_in(naio_aio_slot(aio)));
        return false;
    };
    ASSERT_TRUE(naio_aio_start(handle, kTotal, declines, nullptr, nullptr));
    EXPECT_FALSE(naio_aio_cancel(handle, kTotal, NNG_OK));
    EXPECT_TRUE(lets_in(naio_aio_slot(handle)));
    nng_aio_finish(handle, NNG_OK);
}

TEST(OwnSlotTest, RefusesLaterStartsForTheReasonThatWasPassedOnFirst) {
    Handle outer, inner;
    ASSERT_TRUE(naio_aio_start(outer, kTotal, nullptr, nullptr, nullptr));
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    naio_aio_forward(outer, kTotal, NNG_EINTR);
    naio_aio_forward(outer, kTerminal, NNG_EBUSY);
    EXPECT_FALSE(naio_aio_start(inner, kTotal, nullptr, nullptr, nullptr));
    nng_aio_wait(inner);
    EXPECT_EQ(nng_aio_result(inner), NNG_EINTR);
    nng_aio_finish(outer, NNG_OK);
}

// ---- broken contracts

class MisuseDeathTest : public testing::Test {
  protected:
    MisuseDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(MisuseDeathTest, ASecondStartInFlight) {
    const auto twice = [] {
        Handle handle;
        static_cast<void>(naio_aio_start(handle, kTotal, nullptr, nullptr, nullptr));
        static_cast<void>(naio_aio_start(handle, kTotal, nullptr, nullptr, nullptr));
    };
    EXPECT_ABORT(twice(), a_line_naming("naio_aio_start"));
}

TEST_F(MisuseDeathTest, AFreeAfterReap) {
    const auto both = [] {
        nng_aio* keeps_the_memory = nullptr;
        nng_aio* aio = nullptr;
        static_cast<void>(nng_aio_alloc(&keeps_the_memory, nullptr, nullptr));
        static_cast<void>(nng_aio_alloc(&aio, nullptr, nullptr));
        static_cast<void>(naio_aio_start(aio, kTotal, nullptr, nullptr, nullptr));
        nng_aio_reap(aio);
        nng_aio_free(aio);
    };
    EXPECT_ABORT(both(), a_line_naming("nng_aio_free"));
}

TEST_F(MisuseDeathTest, ASecondFinish) {
    const auto twice = [] {
        static std::atomic<bool> running{false};
        nng_aio* aio = nullptr;
        static_cast<void>(nng_aio_alloc(
            &aio,
            [](void*) {
                for (running = true;;) {
                }
            },
            nullptr));
        static_cast<void>(naio_aio_start(aio, kTotal, nullptr, nullptr, nullptr));
        naio_aio_finish(aio, NNG_OK, 0);
        while (!running) {
        }
        for (int i = 0; i < 2; ++i) naio_aio_finish(aio, NNG_OK, 0);  // the first call is an operation without a start
    };
    EXPECT_ABORT(twice(), a_line_naming("naio_aio_finish"));
}

TEST_F(MisuseDeathTest, APermitForAnOperationThatGaveNoGuarantee) {
    const auto permit = [] {
        Handle handle;
        static_cast<void>(nng_aio_start(handle, nullptr, nullptr));
        naio_aio_permit(handle, kTotal);
    };
    EXPECT_ABORT(permit(), a_line_naming("naio_aio_permit"));
}

TEST_F(MisuseDeathTest, AQueryOfRequestsToAnOperationThatGaveNoGuarantee) {
    const auto query = [] {
        Handle handle;
        static_cast<void>(nng_aio_start(handle, nullptr, nullptr));
        naio_aio_cancelled(handle);
    };
    EXPECT_ABORT(query(), a_line_naming("naio_aio_cancelled"));
    const auto acknowledge = [] {
        Handle handle;
        static_cast<void>(nng_aio_start(handle, nullptr, nullptr));
        naio_aio_acknowledge(handle, kAll);
    };
    EXPECT_ABORT(acknowledge(), a_line_naming("naio_aio_acknowledge"));
}

TEST_F(MisuseDeathTest, BindingInFlight) {
    const auto bind = [] {
        Handle handle;
        static_cast<void>(naio_aio_start(handle, kTotal, nullptr, nullptr, nullptr));
        naio_aio_bind_slot(handle, nullptr, kAll);
    };
    EXPECT_ABORT(bind(), a_line_naming("naio_aio_bind_slot"));
}

TEST_F(MisuseDeathTest, AQueueIsChangedInFlight) {
    const auto change = [] {
        Handle handle;
        static_cast<void>(naio_aio_start(handle, kTotal, nullptr, nullptr, nullptr));
        naio_aio_set_queue(handle, nullptr);
    };
    EXPECT_ABORT(change(), a_line_naming("naio_aio_set_queue"));
}

TEST_F(MisuseDeathTest, AMemberThatIsNotThere) {
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 2), NNG_OK);
    EXPECT_ABORT(naio_group_aio(group, 2), a_line_naming("naio_group_aio"));
    naio_group_free(group);
}

TEST_F(MisuseDeathTest, ASealWithAMemberThatWasNotSubmitted) {
    const auto seal = [] {
        naio_group* group = nullptr;
        static_cast<void>(naio_group_alloc(&group, 1));
        Handle handle;
        static_cast<void>(naio_group_start(group, handle, 1, 0, 0));
        naio_group_seal(group);
    };
    EXPECT_ABORT(seal(), a_line_naming("naio_group_seal"));
}

TEST_F(MisuseDeathTest, AGroupThatIsFreedWhileItRuns) {
    const auto free_it = [] {
        naio_group* group = nullptr;
        static_cast<void>(naio_group_alloc(&group, 1));
        Handle handle;
        static_cast<void>(naio_group_start(group, handle, 1, 0, 0));
        naio_group_free(group);
    };
    EXPECT_ABORT(free_it(), a_line_naming("naio_group_free"));
}

TEST_F(MisuseDeathTest, ACompositionThatEndsWithAChildInFlight) {
    const auto end = [] {
        Handle handle;
        const auto step = [](naio_op* op, void*, nng_err, size_t) {
            nng_sleep_aio(NNG_DURATION_INFINITE, naio_op_child(op));
            naio_op_finish(op, NNG_OK, 0);
        };
        static_cast<void>(naio_compose(handle, 0, step, nullptr, nullptr));
    };
    EXPECT_ABORT(end(), a_line_naming("naio_op_finish"));
}

TEST_F(MisuseDeathTest, NullHandles) {
    EXPECT_ABORT(naio_aio_outcome(nullptr), a_line_naming("naio_aio_outcome"));
    EXPECT_ABORT(naio_aio_finish(nullptr, NNG_OK, 0), a_line_naming("naio_aio_finish"));
    EXPECT_ABORT(naio_signal_slot(nullptr), a_line_naming("naio_signal_slot"));
    EXPECT_ABORT(naio_group_seal(nullptr), a_line_naming("naio_group_seal"));
    EXPECT_ABORT(naio_queue_fd(nullptr), a_line_naming("naio_queue_fd"));
}

}  // namespace
}  // namespace cancellation
