// Completion queues: callbacks on the program's own thread. And waits with a deadline.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <poll.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "../conformance/handle.h"
#include "../conformance/library.h"
#include "typed_operation.h"

namespace cancellation {
namespace {

using conformance::Handle;

class Queue : public testing::Test {
  protected:
    Queue() {
        EXPECT_EQ(naio_queue_alloc(&queue_), NNG_OK);
        naio_aio_set_queue(handle_, queue_);
    }
    ~Queue() override { naio_queue_free(queue_); }

    bool readable() {
        pollfd poll_for{naio_queue_fd(queue_), POLLIN, 0};
        return ::poll(&poll_for, 1, 0) == 1;
    }
    void complete() {
        nng_aio_reset(handle_);
        nng_aio_finish(handle_, NNG_OK);
    }

    naio_queue* queue_ = nullptr;
    Handle handle_;
};

TEST_F(Queue, RunsCallbacksOnTheThreadThatRunsIt) {
    nng_sleep_aio(1, handle_);
    EXPECT_TRUE(handle_.stays_silent());
    EXPECT_TRUE(nng_aio_busy(handle_));
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_INFINITE), 1u);
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
    EXPECT_FALSE(nng_aio_busy(handle_));
}

TEST_F(Queue, DoesNotWaitLongerThanItIsTold) {
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 0u);
    EXPECT_EQ(naio_queue_run(queue_, 1), 0u);
}

TEST_F(Queue, LeavesWhatBecomesReadyMeanwhileToTheNextCall) {
    int calls = 0;
    Handle again([&](nng_aio* aio) {
        if (++calls < 3) nng_sleep_aio(0, aio);
    });
    naio_aio_set_queue(again, queue_);
    nng_sleep_aio(0, again);
    for (int i = 1; i <= 3; ++i) {
        EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 1u);
        EXPECT_EQ(calls, i);
    }
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 0u);
}

TEST_F(Queue, HasADescriptorThatIsReadableWhileCallbacksAreReady) {
    complete();
    EXPECT_TRUE(readable());  // from before there was one
    EXPECT_TRUE(readable());
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 1u);
    EXPECT_FALSE(readable());
    complete();
    EXPECT_TRUE(readable());
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 1u);
    EXPECT_FALSE(readable());
}

TEST_F(Queue, IsRunByItsThreadWhileThatWaits) {
    nng_sleep_aio(1, handle_);
    nng_aio_wait(handle_);
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
    nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
    nng_aio_stop(handle_);
    EXPECT_EQ(handle_.results(), conformance::Results({NNG_OK, NNG_ESTOPPED}));
}

TEST_F(Queue, RunsOtherCallbacksToo) {
    Handle other;
    naio_aio_set_queue(other, queue_);
    nng_sleep_aio(0, other);
    nng_sleep_aio(1, handle_);
    nng_aio_wait(handle_);
    EXPECT_EQ(other.callbacks(), 1);
}

TEST_F(Queue, IsNotRunByAnotherThreadThatWaits) {
    nng_sleep_aio(0, handle_);
    std::thread waiter([&] { nng_aio_wait(handle_); });
    EXPECT_TRUE(handle_.stays_silent());
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_INFINITE), 1u);
    waiter.join();
}

TEST_F(Queue, TheWaitOfASilentHandleEndsWithoutACallback) {
    const conformance::SilentHandle silent = conformance::make_silent_handle();
    naio_aio_set_queue(silent.get(), queue_);
    nng_sleep_aio(1, silent.get());
    nng_aio_wait(silent.get());
    EXPECT_EQ(nng_aio_result(silent.get()), NNG_OK);
}

TEST_F(Queue, CanBeLeft) {
    naio_aio_set_queue(handle_, nullptr);
    nng_sleep_aio(0, handle_);
    EXPECT_TRUE(handle_.called_back());
    EXPECT_NE(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsRunByFini) {
    nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
    conformance::bring_library_down();
    EXPECT_EQ(handle_.results(), conformance::Results{NNG_ESTOPPED});
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsRunByFiniForAnOperationThatIsBuiltOnOneOfItsHandles) {
    struct Inner {
        nng_aio* outer;
        nng_aio* inner = nullptr;
    };
    const conformance::SilentHandle outer = conformance::make_silent_handle();
    Inner pair{outer.get()};
    const auto finish_outer = [](void* self) { naio_aio_finish(static_cast<Inner*>(self)->outer, NNG_ESTOPPED, 0); };
    ASSERT_EQ(nng_aio_alloc(&pair.inner, finish_outer, &pair), NNG_OK);
    naio_aio_set_queue(pair.inner, queue_);
    const auto cancel_inner = [](nng_aio*, void* self, naio_cancel, nng_err) {
        return naio_aio_cancel(static_cast<Inner*>(self)->inner, kAll, NNG_OK);
    };
    ASSERT_TRUE(naio_aio_start(outer.get(), kTotal, cancel_inner, nullptr, &pair));
    nng_sleep_aio(NNG_DURATION_INFINITE, pair.inner);
    conformance::bring_library_down();
    EXPECT_EQ(nng_aio_result(outer.get()), NNG_ESTOPPED);
    nng_aio_free(pair.inner);
}

TEST_F(Queue, IsRunByFiniBesideAThreadThatRunsItAlready) {
    // Each of the two is told what concerns it.
    for (int i = 0; i < 200; ++i) {
        nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
        std::atomic<bool> over{false};
        std::thread runner([&] {
            while (!over) naio_queue_run(queue_, 1);
        });
        conformance::bring_library_down();
        over = true;
        runner.join();
        EXPECT_EQ(handle_.callbacks(), i + 1);
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
    }
}

TEST_F(Queue, LivesAsLongAsAHandleIsBoundToIt) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Handle handle;
    naio_aio_set_queue(handle, queue);
    naio_queue_free(queue);
    naio_queue_free(nullptr);
}

TEST_F(Queue, MayBeFreedByTheLastCallback) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Handle handle([queue](nng_aio* aio) {
        nng_aio_reap(aio);
        naio_queue_free(queue);
    });
    naio_aio_set_queue(handle.release(), queue);
    nng_sleep_aio(0, handle);
    EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_INFINITE), 1u);
}

TEST_F(Queue, RunsCallbacksFromManyThreadsEachOnce) {
    constexpr int kThreads = 4, kEach = 500;
    int calls = 0;  // no atomic: one thread runs them
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < kThreads; ++i) {
        handles.push_back(std::make_unique<Handle>([&](nng_aio* aio) {
            if (++calls <= kThreads * (kEach - 1)) nng_sleep_aio(0, aio);
        }));
        naio_aio_set_queue(*handles.back(), queue_);
    }
    std::vector<std::thread> threads;
    for (auto& handle : handles) threads.emplace_back([&handle] { nng_sleep_aio(0, *handle); });
    while (calls < kThreads * kEach) naio_queue_run(queue_, 100);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(calls, kThreads * kEach);
}

// ---- waits with a deadline

TEST(WaitUntil, ComesBackAtTheDeadlineAndCancelsNothing) {
    Handle handle;
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    const nng_time deadline = nng_clock() + 5;
    EXPECT_FALSE(naio_aio_wait_until(handle, deadline));
    EXPECT_GE(nng_clock(), deadline);
    EXPECT_TRUE(nng_aio_busy(handle));
    nng_aio_cancel(handle);
    EXPECT_TRUE(naio_aio_wait_until(handle, UINT64_MAX));
    EXPECT_TRUE(naio_aio_wait_until(handle, 0));  // idle
    EXPECT_TRUE(naio_aio_wait_until(nullptr, 0));
}

TEST(WaitUntil, FromTheOwnCallbackIsFalse) {
    Handle handle([](nng_aio* aio) { EXPECT_FALSE(naio_aio_wait_until(aio, UINT64_MAX)); });
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
}

TEST(WaitUntil, RunsTheQueueMeanwhile) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    {
        Handle handle, other;
        naio_aio_set_queue(handle, queue);
        naio_aio_set_queue(other, queue);
        nng_sleep_aio(NNG_DURATION_INFINITE, handle);
        nng_sleep_aio(0, other);
        EXPECT_FALSE(naio_aio_wait_until(handle, nng_clock() + 5));
        EXPECT_EQ(other.callbacks(), 1);
    }
    naio_queue_free(queue);
}

}  // namespace
}  // namespace cancellation
