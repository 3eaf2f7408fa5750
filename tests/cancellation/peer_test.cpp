// Tests the situations of the Asio programs in peer/ with naio. These tests do not need Asio.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <thread>

#include "signals.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/typed_operation.h"

namespace {

using namespace support;

using cancellation::Signal;

class Group {
  public:
    explicit Group(unsigned size) {
        if (naio_group_alloc(&group_, size) != NNG_OK) std::abort();
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() { naio_group_free(group_); }

    operator naio_group*() const { return group_; }
    nng_aio* operator[](unsigned i) const { return naio_group_aio(group_, i); }

  private:
    naio_group* group_ = nullptr;
};

// asio_completion_meets_request.cpp
TEST(AsioPeer, ACompletionThatMeetsARequestWaitsForIt) {
    Event arrived, go;
    std::atomic<bool> inside{false};
    TypedOperation next;
    TypedOperation operation([&](TypedOperation&, naio_cancel, nng_err) {
        inside = true;
        arrived.set();
        EXPECT_TRUE(go.wait());
        inside = false;
        return true;
    });
    Handle handle([&](nng_aio* aio) {
        EXPECT_FALSE(inside);
        if (nng_aio_result(aio) == NNG_ESTOPPED) return;
        EXPECT_TRUE(next.start(aio, kTotal));
    });
    Signal signal;
    signal.bind(handle);
    ASSERT_TRUE(operation.start(handle, kTotal));

    std::thread emitter([&] { EXPECT_TRUE(signal.emit(kTotal)); });
    ASSERT_TRUE(arrived.wait());
    EXPECT_TRUE(operation.finish());
    EXPECT_TRUE(handle.stays_silent());
    go.set();
    emitter.join();
    EXPECT_TRUE(handle.called_back());
    EXPECT_TRUE(next.stays_unasked());
    nng_aio_stop(handle);
}

// asio_forgotten_request.cpp
TEST(AsioPeer, ARequestBetweenTwoStepsIsNotForgottenWhenAnotherFollows) {
    Signal signal;
    Handle handle;
    signal.bind(handle);
    const auto step = [](naio_op* op, void* self, nng_err result, size_t) {
        if (result != NNG_OK) return naio_op_finish(op, result, 4);
        EXPECT_TRUE(static_cast<Signal*>(self)->emit(kTerminal));
        EXPECT_FALSE(static_cast<Signal*>(self)->emit(kTotal));
        EXPECT_EQ(naio_aio_cancelled(naio_op_aio(op)), kTerminal);
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_op_child(op));
    };
    ASSERT_EQ(naio_compose(handle, kPartial, step, nullptr, &signal), NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(handle), kPartial);
    EXPECT_EQ(nng_aio_count(handle), 4U);
}

// asio_request_during_launch.cpp
TEST(AsioPeer, ARequestDuringTheLaunchOfAGroupEndsAllMembers) {
    Signal signal;
    Handle handle;
    signal.bind(handle);
    const Group group(2);
    ASSERT_TRUE(naio_group_start(group, handle, 2, 0, kNone));
    nng_sleep_aio(NNG_DURATION_INFINITE, group[0]);
    std::thread([&] { EXPECT_TRUE(signal.emit(kAll)); }).join();
    nng_sleep_aio(NNG_DURATION_INFINITE, group[1]);
    naio_group_seal(group);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    for (const unsigned i : {0U, 1U}) {
        EXPECT_EQ(nng_aio_result(group[i]), NNG_ECANCELED);
        EXPECT_EQ(naio_aio_outcome(group[i]), kTotal);
    }
}

// asio_second_request_to_group.cpp
TEST(AsioPeer, AGroupPassesARequestForLessOnAfterItsMembersHaveRefusedMore) {
    Handle handle;
    TypedOperation slow;
    const Group group(2);
    ASSERT_TRUE(naio_group_start(group, handle, 1, 0, kTotal));
    nng_sleep_aio(1, group[0]);
    EXPECT_TRUE(slow.start(group[1], kPartial));
    naio_group_seal(group);
    EXPECT_TRUE(slow.stays_unasked());
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);  // the group needed only one member
    EXPECT_EQ(nng_aio_result(group[1]), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(group[1]), kPartial);
}

}  // namespace
