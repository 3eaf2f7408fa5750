// Tests composed operations, among them read-all and write-all over a byte pipe.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <numeric>
#include <string>
#include <thread>

#include "signals.h"
#include "support/clock.h"
#include "support/handle.h"
#include "support/typed_operation.h"
#include "transfer.h"

namespace cancellation {
namespace {

using namespace support;

class Composed : public testing::Test {
  protected:
    ~Composed() override {
        Transfer::between = {};
        EXPECT_EQ(Transfer::alive(), 0) << "each composition is released";
    }

    static void set_iov(nng_aio* aio, std::string& text) {
        const nng_iov iov{text.data(), text.size()};
        EXPECT_EQ(nng_aio_set_iov(aio, 1, &iov), NNG_OK);
    }
    void put(const std::string& text) {
        std::string copy = text;
        Handle writer;
        set_iov(writer, copy);
        EXPECT_EQ(write_all(pipe_, writer), NNG_OK);
        nng_aio_wait(writer);
        EXPECT_EQ(nng_aio_result(writer), NNG_OK);
    }

    BytePipe pipe_{64, 7};
};

TEST_F(Composed, TakesAsManyOperationsAsItNeeds) {
    std::string sent(1000, '\0'), received(1000, '\0');
    std::iota(sent.begin(), sent.end(), '\0');
    Handle writer, reader;
    set_iov(writer, sent);
    set_iov(reader, received);
    EXPECT_EQ(write_all(pipe_, writer), NNG_OK);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_wait(writer);
    nng_aio_wait(reader);
    EXPECT_EQ(writer.results(), support::Results{NNG_OK});
    EXPECT_EQ(reader.results(), support::Results{NNG_OK});
    EXPECT_EQ(nng_aio_count(reader), 1000u);
    EXPECT_EQ(sent, received);
}

TEST_F(Composed, TimesOutWithAnExactCount) {
    std::string received(20, '\0');
    put("0123456789");
    Handle reader;
    set_iov(reader, received);
    nng_aio_set_timeout(reader, 20);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_ETIMEDOUT);
    EXPECT_EQ(nng_aio_count(reader), 10u);
    EXPECT_EQ(naio_aio_outcome(reader), kPartial);
    EXPECT_EQ(received.substr(0, 10), "0123456789");
}

TEST_F(Composed, GoesOnWhereItWasCutOff) {
    std::string received(20, '\0');
    put("0123456789");
    Handle reader;
    set_iov(reader, received);
    nng_aio_set_timeout(reader, 1);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_wait(reader);
    ASSERT_EQ(nng_aio_result(reader), NNG_ETIMEDOUT);
    put("abcdefghij");
    nng_aio_set_timeout(reader, NNG_DURATION_INFINITE);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);  // the iov begins after the bytes that were read
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_OK);
    EXPECT_EQ(received, "0123456789abcdefghij");
}

TEST_F(Composed, IsCancelledWithAnExactCount) {
    std::string received(20, '\0');
    put("01234");
    Event read;
    Transfer::between = [&](size_t transferred) {
        if (transferred == 5) read.set();
    };
    Handle reader;
    set_iov(reader, received);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    ASSERT_TRUE(read.wait());
    EXPECT_FALSE(naio_aio_cancel(reader, kTotal, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(reader, kPartial, NNG_OK));
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_ECANCELED);
    EXPECT_EQ(nng_aio_count(reader), 5u);
    EXPECT_EQ(naio_aio_outcome(reader), kPartial);
}

TEST_F(Composed, CanBeCancelledBetweenFramesAndNotInsideOne) {
    std::string received(10, '\0');
    Handle reader;
    set_iov(reader, received);
    EXPECT_EQ(read_all(pipe_, reader, kTotal), NNG_OK);
    EXPECT_TRUE(naio_aio_cancel(reader, kTotal, NNG_OK));
    nng_aio_wait(reader);
    EXPECT_EQ(naio_aio_outcome(reader), kTotal);
    EXPECT_EQ(nng_aio_count(reader), 0u);

    put("01234");
    Event read;
    Transfer::between = [&](size_t transferred) {
        if (transferred == 5) read.set();
    };
    EXPECT_EQ(read_all(pipe_, reader, kTotal), NNG_OK);
    ASSERT_TRUE(read.wait());
    EXPECT_FALSE(naio_aio_cancel(reader, kTotal, NNG_OK));
    put("56789");
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_OK);
    EXPECT_EQ(received, "0123456789");
}

TEST_F(Composed, DoesNotLoseARequestBetweenTwoSteps) {
    std::string received(20, '\0');
    put("0123456789");
    Handle reader;
    set_iov(reader, received);
    Transfer::between = [&](size_t transferred) {
        if (transferred == 7) {
            EXPECT_TRUE(naio_aio_cancel(reader, kPartial, NNG_EINTR));  // no child is in flight
        }
    };
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_EINTR);
    EXPECT_EQ(nng_aio_count(reader), 7u);
    EXPECT_EQ(pipe_.size(), 3u);
}

TEST_F(Composed, DoesNotLoseARequestBeforeItsFirstOperation) {
    std::string received(20, '\0');
    put("0123456789");
    Handle reader;
    set_iov(reader, received);
    Transfer::between = [&](size_t) { EXPECT_TRUE(naio_aio_cancel(reader, kPartial, NNG_OK)); };
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_ECANCELED);
    EXPECT_EQ(nng_aio_count(reader), 0u);
    EXPECT_EQ(pipe_.size(), 10u);
}

TEST_F(Composed, ReceivesRequestsThroughItsSlot) {
    Signal signal;
    std::string received(20, '\0');
    Handle reader;
    signal.bind(reader);
    set_iov(reader, received);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    EXPECT_TRUE(signal.emit(kPartial));
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_ECANCELED);
}

TEST_F(Composed, EndsWhenItIsStopped) {
    std::string received(20, '\0');
    Handle reader;
    set_iov(reader, received);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_stop(reader);
    EXPECT_EQ(reader.results(), support::Results{NNG_ESTOPPED});
}

TEST_F(Composed, OnAStoppedHandleReleasesItsStateAndReports) {
    std::string received(20, '\0');
    Handle reader;
    nng_aio_stop(reader);
    set_iov(reader, received);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    EXPECT_EQ(Transfer::alive(), 0);
    nng_aio_wait(reader);
    EXPECT_EQ(nng_aio_result(reader), NNG_ESTOPPED);
}

TEST_F(Composed, ThatIsRefusedMayBeReapedByItsCallback) {
    for (int i = 0; i < 1000; ++i) {
        Handle handle([](nng_aio* aio) { nng_aio_reap(aio); });
        nng_aio* const aio = handle.release();
        naio_aio_close(aio);
        const auto step = [](naio_op*, void*, nng_err, size_t) { FAIL() << "it was refused"; };
        EXPECT_EQ(naio_compose(aio, kTerminal, step, nullptr, nullptr), NNG_OK);
        EXPECT_TRUE(handle.called_back());
    }
}

TEST_F(Composed, IsReapedInFlight) {
    std::string received(20, '\0');
    Handle reader;
    set_iov(reader, received);
    EXPECT_EQ(read_all(pipe_, reader), NNG_OK);
    nng_aio_reap(reader.release());
    EXPECT_TRUE(reader.called_back());
}

// ---- steps of other kinds

TEST_F(Composed, MayEndInItsFirstStep) {
    Handle handle;
    const auto step = [](naio_op* op, void*, nng_err result, size_t count) {
        EXPECT_EQ(result, NNG_OK);
        EXPECT_EQ(count, 0u);
        naio_op_finish(op, NNG_EPROTO, 3);
    };
    EXPECT_EQ(naio_compose(handle, kNone, step, nullptr, nullptr), NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
    EXPECT_EQ(nng_aio_count(handle), 3u);
}

struct Sleeps {
    int left;
    nng_duration each;
    static void step(naio_op* op, void* self, nng_err result, size_t) {
        auto& sleeps = *static_cast<Sleeps*>(self);
        if (result != NNG_OK || sleeps.left-- == 0) return naio_op_finish(op, result, 0);
        nng_sleep_aio(sleeps.each, naio_op_child(op));
    }
};

TEST_F(Composed, IsTerminalByDefault) {
    Sleeps sleeps{1, NNG_DURATION_INFINITE};
    Handle handle;
    EXPECT_EQ(naio_compose(handle, kNone, Sleeps::step, nullptr, &sleeps), NNG_OK);
    EXPECT_FALSE(naio_aio_cancel(handle, kPartial | kTotal, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kTerminal);
}

TEST_F(Composed, OfManyOperationsThatEndAtOnceDoesNotRecurse) {
    Sleeps sleeps{100'000, 0};
    Handle handle;
    EXPECT_EQ(naio_compose(handle, kNone, Sleeps::step, nullptr, &sleeps), NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

struct CleanUp {
    TypedOperation* work;
    bool cleaning = false;
    bool cleaned = false;
    static void step(naio_op* op, void* self, nng_err result, size_t) {
        auto& state = *static_cast<CleanUp*>(self);
        nng_aio* const child = naio_op_child(op);
        if (state.cleaning) {
            state.cleaned = result == NNG_OK;
            return naio_op_finish(op, naio_aio_reason(naio_op_aio(op)), 0);
        }
        if (result == NNG_OK) {
            static_cast<void>(state.work->start(child, kTotal));
            return;
        }
        state.cleaning = true;
        EXPECT_EQ(naio_aio_acknowledge(naio_op_aio(op), kAll), kTerminal);
        nng_sleep_aio(1, child);
    }
};

TEST_F(Composed, MayCleanUpAfterForgettingTheRequest) {
    TypedOperation work;
    CleanUp state{&work};
    Handle handle;
    EXPECT_EQ(naio_compose(handle, kTerminal, CleanUp::step, nullptr, &state), NNG_OK);
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_EINTR));
    nng_aio_wait(handle);
    EXPECT_TRUE(state.cleaned);
    EXPECT_EQ(nng_aio_result(handle), NNG_EINTR);
}

struct Outer {
    Sleeps inner{1, NNG_DURATION_INFINITE};
    static void step(naio_op* op, void* self, nng_err result, size_t count) {
        auto& outer = *static_cast<Outer*>(self);
        if (outer.inner.left == 0) return naio_op_finish(op, result, count);
        EXPECT_EQ(naio_compose(naio_op_child(op), kTotal, Sleeps::step, nullptr, &outer.inner), NNG_OK);
    }
};

TEST_F(Composed, MayBeNested) {
    Outer outer;
    Handle handle;
    EXPECT_EQ(naio_compose(handle, kPartial, Outer::step, nullptr, &outer), NNG_OK);
    EXPECT_TRUE(naio_aio_cancel(handle, kPartial, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
}

TEST_F(Composed, EndsWhenTheLibraryGoesDown) {
    std::string received(20, '\0');
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
    set_iov(aio, received);
    EXPECT_EQ(read_all(pipe_, aio), NNG_OK);
    nng_fini();
    EXPECT_EQ(nng_aio_result(aio), NNG_ESTOPPED);
    EXPECT_EQ(Transfer::alive(), 0);
    nng_aio_free(aio);
}

// A step that starts another operation after each NNG_ESTOPPED, and finishes kLong after the first of them. It goes on
// for so long because the outer operation's slot may refuse many starts before nng_fini, which asks the outer operation
// to end, closes the child.
struct Stubborn {
    static constexpr std::int64_t kLong = 300 * support::kMillisecond;
    static void step(naio_op* op, void* self, nng_err result, size_t) {
        auto& stubborn = *static_cast<Stubborn*>(self);
        if (result == NNG_ESTOPPED) {
            const std::int64_t now = support::monotonic_ns();
            if (stubborn.refusals++ == 0) stubborn.first = now;
            if (now - stubborn.first >= kLong) return naio_op_finish(op, NNG_ESTOPPED, 0);
        }
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_op_child(op));
    }
    int refusals = 0;
    std::int64_t first = 0;  // when the first one came
};

TEST(ComposedWhenTheLibraryGoesDown, LearnsThatEachOfItsOperationsIsRefused) {
    Stubborn stubborn;
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
    EXPECT_EQ(naio_compose(aio, kTerminal, Stubborn::step, nullptr, &stubborn), NNG_OK);
    nng_fini();
    EXPECT_GT(stubborn.refusals, 1);
    EXPECT_EQ(nng_aio_result(aio), NNG_ESTOPPED);
    nng_aio_free(aio);
}

// Records the thread that runs its second step.
struct Located {
    static void step(naio_op* op, void* self, nng_err, size_t) {
        auto& located = *static_cast<Located*>(self);
        if (located.steps++ == 0) return nng_sleep_aio(1, naio_op_child(op));
        located.thread = std::this_thread::get_id();
        naio_op_finish(op, NNG_OK, 0);
    }
    int steps = 0;
    std::thread::id thread;
};

TEST(ComposedOnAQueue, RunsItsStepsOnTheQueuesThread) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Located located;
    {
        Handle handle;
        naio_aio_set_queue(handle, queue);
        EXPECT_EQ(naio_compose(handle, kTerminal, Located::step, nullptr, &located), NNG_OK);
        while (nng_aio_busy(handle)) naio_queue_run(queue, NNG_DURATION_INFINITE);
    }
    EXPECT_EQ(located.thread, std::this_thread::get_id());
    naio_queue_free(queue);
}

TEST(ForwardingProvider, PassesRequestsOnToWhatIsBoundToItsSlot) {
    TypedOperation operation;
    Handle outer, inner;
    ASSERT_TRUE(naio_aio_start(outer, kTotal, nullptr, nullptr, nullptr));
    naio_slot* const slot = naio_aio_slot(outer);
    ASSERT_NE(slot, nullptr);
    naio_aio_bind_slot(inner, slot, kAll);
    ASSERT_TRUE(operation.start(inner, kTotal));
    EXPECT_TRUE(naio_aio_cancel(outer, kTotal, NNG_EINTR));
    nng_aio_wait(inner);
    EXPECT_EQ(nng_aio_result(inner), NNG_EINTR);
    naio_aio_finish(outer, NNG_EINTR, 0);
    nng_aio_wait(outer);
    naio_aio_bind_slot(inner, nullptr, kAll);
}

TEST(ForwardingProvider, RemembersARequestFromBeforeItsSlotWasAskedFor) {
    TypedOperation operation;
    Handle outer, inner;
    ASSERT_TRUE(naio_aio_start(outer, kTotal, nullptr, nullptr, nullptr));
    EXPECT_TRUE(naio_aio_cancel(outer, kTotal, NNG_EINTR));
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    EXPECT_FALSE(operation.start(inner, kTotal));
    nng_aio_wait(inner);
    EXPECT_EQ(nng_aio_result(inner), NNG_EINTR);
    naio_aio_finish(outer, NNG_EINTR, 0);
    nng_aio_wait(outer);
    EXPECT_TRUE(naio_aio_start(outer, kTotal, nullptr, nullptr, nullptr));  // the next operation has no requests yet
    EXPECT_TRUE(operation.start(inner, kTotal));
    EXPECT_TRUE(operation.finish());
    naio_aio_finish(outer, NNG_OK, 0);
}

}  // namespace
}  // namespace cancellation
