// Tests naio_aio_post: one more run of a handle's callback. Most tests set the handle to a queue, so that they decide
// when the callback runs.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "support/handle.h"
#include "support/library.h"
#include "support/scale.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

nng_init_params one_worker() {
    nng_init_params params{};
    params.num_task_threads = params.max_task_threads = 1;
    return params;
}

class Post : public testing::Test {
  protected:
    Post() {
        EXPECT_EQ(naio_queue_alloc(&queue_), NNG_OK);
        naio_aio_set_queue(handle_, queue_);
    }
    ~Post() override { naio_queue_free(queue_); }

    // Runs the callbacks that are queued, and returns their number.
    std::size_t run() { return naio_queue_run(queue_, NNG_DURATION_ZERO); }

    naio_queue* queue_ = nullptr;
    std::vector<bool> posted_;           // what naio_aio_posted has returned in each callback
    std::function<void()> in_callback_;  // called in each callback
    Handle handle_{[this](nng_aio* aio) {
        posted_.push_back(naio_aio_posted(aio));
        if (in_callback_) in_callback_();
    }};
    TypedOperation operation_;
};

// The cancel function of a plain operation, which finishes it.
TEST_F(Post, IsKnownToTheFunctionsThatTheCallbackCalls) {
    static bool in_cancel_function;
    in_cancel_function = false;
    EXPECT_TRUE(naio_aio_post(handle_));
    const auto cancel = [](nng_aio* aio, void*, nng_err reason) {
        in_cancel_function = naio_aio_posted(aio);
        nng_aio_finish(aio, reason);
    };
    nng_aio_start(handle_, cancel, nullptr);
    in_callback_ = [&] {
        if (posted_.size() == 1) nng_aio_cancel(handle_);
    };
    EXPECT_EQ(run(), 1u);
    EXPECT_TRUE(in_cancel_function);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(posted_, (std::vector<bool>{true, false}));
    nng_aio_start(handle_, cancel, nullptr);
    nng_aio_cancel(handle_);
    EXPECT_FALSE(in_cancel_function);
    EXPECT_EQ(run(), 1u);
}

TEST_F(Post, RunsTheCallbackWhereCallbacksRun) {
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_TRUE(nng_aio_busy(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
    EXPECT_FALSE(nng_aio_busy(handle_));
    naio_aio_set_queue(handle_, nullptr);
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_TRUE(handle_.called_back(2));
    EXPECT_NE(handle_.thread(), std::this_thread::get_id());
    nng_aio_wait(handle_);
    EXPECT_EQ(posted_, (std::vector<bool>{true, true}));
    EXPECT_FALSE(naio_aio_posted(handle_));
}

TEST_F(Post, CoalescesWithAPostThatIsQueued) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(handle_.callbacks(), 1);
}

TEST_F(Post, CoalescesWithACompletionThatIsQueued) {
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    EXPECT_FALSE(naio_aio_post(handle_)) << "the operation is in flight";
    operation_.finish(NNG_EPROTO, 7);
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(posted_, std::vector<bool>{false});
}

TEST_F(Post, LeavesResultCountAndOutputs) {
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    EXPECT_EQ(nng_aio_set_output(handle_, 0, this), NNG_OK);
    operation_.finish(NNG_EPROTO, 7);
    EXPECT_EQ(run(), 1u);
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(handle_.results(), (Results{NNG_EPROTO, NNG_EPROTO}));
    EXPECT_EQ(nng_aio_count(handle_), 7u);
    EXPECT_EQ(nng_aio_get_output(handle_, 0), this);
}

TEST_F(Post, IsFollowedByTheCallbackOfAnOperationThatIsOverBeforeIt) {
    EXPECT_TRUE(naio_aio_post(handle_));
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    EXPECT_TRUE(naio_aio_post(handle_)) << "the callback of the first post has yet to begin";
    operation_.finish(NNG_EPROTO);
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(posted_, std::vector<bool>{false});
    EXPECT_EQ(handle_.wait(), NNG_EPROTO);
}

TEST_F(Post, HasACallbackOfItsOwnWhileAnOperationIsInFlight) {
    EXPECT_TRUE(naio_aio_post(handle_));
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    EXPECT_EQ(run(), 1u);
    EXPECT_FALSE(naio_aio_post(handle_));
    operation_.finish();
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(posted_, (std::vector<bool>{true, false}));
}

TEST_F(Post, OfABareFinishIsCoalescedToo) {
    EXPECT_TRUE(naio_aio_post(handle_));
    nng_aio_finish(handle_, NNG_ENOENT);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(posted_, std::vector<bool>{false});
}

TEST_F(Post, DoesNotOvertakeTheCancelFunctionOfAFinishedOperation) {
    operation_.on_cancel = [&](TypedOperation& operation, naio_cancel, nng_err reason) {
        EXPECT_TRUE(naio_aio_post(handle_)) << "the callback of the first post has yet to begin";
        operation.finish(reason);
        EXPECT_TRUE(naio_aio_post(handle_));
        run();
        EXPECT_EQ(handle_.callbacks(), 0);
        return true;
    };
    EXPECT_TRUE(naio_aio_post(handle_));
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    nng_aio_cancel(handle_);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(posted_, std::vector<bool>{false});
    EXPECT_EQ(handle_.results(), Results{NNG_ECANCELED});
}

TEST_F(Post, InACancelFunctionIsRefusedUntilTheOperationIsFinished) {
    operation_.on_cancel = [&](TypedOperation& operation, naio_cancel, nng_err reason) {
        EXPECT_FALSE(naio_aio_post(handle_));
        operation.finish(reason);
        EXPECT_TRUE(naio_aio_post(handle_));
        return true;
    };
    ASSERT_TRUE(operation_.start(handle_, kTotal));
    nng_aio_cancel(handle_);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
}

TEST_F(Post, InAReleaseFunctionRunsTheCallbackOnceMoreThanTheOperation) {
    const auto post = [](void* aio) { EXPECT_TRUE(naio_aio_post(static_cast<nng_aio*>(aio))); };
    ASSERT_TRUE(naio_aio_start(handle_, kTotal, nullptr, post, handle_));
    naio_aio_finish(handle_, NNG_OK, 0);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(posted_, (std::vector<bool>{false, true}));
}

TEST_F(Post, InTheCallbackRunsItAgainAfterOtherCallbacks) {
    Handle other;
    naio_aio_set_queue(other, queue_);
    in_callback_ = [&, times = 0]() mutable {
        ++times;
        if (times <= 3) {
            EXPECT_TRUE(naio_aio_post(handle_) && naio_aio_post(handle_));
        }
        if (times == 1) {
            EXPECT_TRUE(naio_aio_post(other));
        }
    };
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 2u) << "both handles";
    EXPECT_EQ(other.callbacks(), 1);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(handle_.callbacks(), 4);
    naio_aio_set_queue(other, nullptr);
}

TEST_F(Post, InTheCallbackBeforeAStartIsNotLost) {
    in_callback_ = [&] {
        if (handle_.callbacks() != 0) return;
        EXPECT_TRUE(naio_aio_post(handle_));
        ASSERT_TRUE(operation_.start(handle_, kTotal));
    };
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 1u);
    operation_.finish();
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(posted_, (std::vector<bool>{true, true, false}));
}

TEST_F(Post, InTheCallbackIsOneWithAnOperationThatIsOverBeforeItReturns) {
    in_callback_ = [&] {
        if (handle_.callbacks() != 0) return;
        EXPECT_TRUE(naio_aio_post(handle_));
        ASSERT_TRUE(operation_.start(handle_, kTotal));
        operation_.finish();
    };
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(posted_, (std::vector<bool>{true, false}));
}

TEST_F(Post, IsNoOperation) {
    bool skipped = true;
    nng_aio_skip_callback(handle_, &skipped);
    EXPECT_TRUE(naio_aio_post(handle_));
    EXPECT_FALSE(naio_aio_cancel(handle_, kAll, NNG_ECANCELED));
    nng_aio_abort(handle_, NNG_ETIMEDOUT);
    EXPECT_EQ(run(), 1u);
    EXPECT_FALSE(skipped);
    EXPECT_EQ(handle_.results(), Results{NNG_OK});
    EXPECT_EQ(naio_aio_outcome(handle_), 0u);
    nng_aio_reset(handle_);
    nng_aio_finish(handle_, NNG_OK);
    EXPECT_TRUE(skipped) << "the post has not used up the request to skip";
}

TEST_F(Post, OfAHandleThatCannotRunACallbackIsRefused) {
    EXPECT_FALSE(naio_aio_post(nullptr));
    EXPECT_FALSE(naio_aio_post(make_silent_handle().get()));
    nng_aio_stop(handle_);
    EXPECT_FALSE(naio_aio_post(handle_));
    EXPECT_FALSE(nng_aio_busy(handle_));
    EXPECT_EQ(run(), 0u);
}

TEST_F(Post, BeforeAStopRunsTheCallbackBeforeTheStopReturns) {
    EXPECT_TRUE(naio_aio_post(handle_));
    naio_aio_close(handle_);
    EXPECT_FALSE(naio_aio_post(handle_)) << "the handle is stopped";
    EXPECT_EQ(handle_.callbacks(), 0);
    nng_aio_stop(handle_);
    EXPECT_EQ(handle_.callbacks(), 1);
}

TEST_F(Post, LetsItsCallbackLearnThatAStartIsRefused) {
    const auto start = [&] { EXPECT_FALSE(operation_.start(handle_, kTotal)); };
    in_callback_ = start;
    EXPECT_TRUE(naio_aio_post(handle_));
    naio_aio_close(handle_);
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(run(), 1u) << "the refused start is reported, once";
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(handle_.results(), (Results{NNG_OK, NNG_ESTOPPED}));
}

TEST_F(Post, IsDroppedIfTheCallbackFreesItsHandle) {
    for (void (*const end)(nng_aio*) : {nng_aio_free, nng_aio_reap}) {
        Handle* raw = nullptr;
        Handle handle([&](nng_aio* aio) {
            EXPECT_TRUE(naio_aio_post(aio));
            end(raw->release());
            EXPECT_FALSE(naio_aio_post(aio));
        });
        raw = &handle;
        naio_aio_set_queue(handle, queue_);
        EXPECT_TRUE(naio_aio_post(handle));
        EXPECT_EQ(run(), 1u);
        EXPECT_EQ(run(), 0u);
        EXPECT_EQ(handle.callbacks(), 1);
    }
}

TEST_F(Post, IsFollowedByItsCallbackAlsoAfterAReap) {
    Handle handle;
    naio_aio_set_queue(handle, queue_);
    EXPECT_TRUE(naio_aio_post(handle));
    nng_aio_reap(handle.release());
    EXPECT_EQ(run(), 1u);
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST(PostTest, IsDrainedByTheLastFini) {
    const Restarted library({});
    Handle handle([](nng_aio* aio) {
        nng_msleep(1);
        static_cast<void>(naio_aio_post(aio));  // until nng_fini refuses it
    });
    EXPECT_TRUE(naio_aio_post(handle));
    nng_fini();
    const int callbacks = handle.callbacks();
    EXPECT_GE(callbacks, 1);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_FALSE(naio_aio_post(handle)) << "the library is down";
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    EXPECT_TRUE(naio_aio_post(handle));
    EXPECT_TRUE(handle.called_back(callbacks + 1));
    nng_aio_stop(handle);
}

TEST(PostTest, InTheCallbackStarvesNoOtherCallback) {
    const Restarted library(one_worker());
    std::atomic<bool> over{false};
    Handle selfish([&](nng_aio* aio) {
        const bool posted = naio_aio_post(aio);
        EXPECT_TRUE(posted || over);
    });
    Handle other;
    EXPECT_TRUE(naio_aio_post(selfish));
    EXPECT_TRUE(naio_aio_post(other));
    EXPECT_TRUE(other.called_back());
    nng_sleep_aio(1, other);
    EXPECT_TRUE(other.called_back(2));
    over = true;
    nng_aio_stop(selfish);
}

TEST(PostTest, InACallbackOnThePollersOrTheTimersThreadDoesNotKeepThatThread) {
    const Restarted library(one_worker());
    std::atomic<bool> over{false};
    Handle selfish([&](nng_aio* aio) {
        const bool posted = naio_aio_post(aio);
        EXPECT_TRUE(posted || over);
    });
    nng_sleep_aio(1, selfish);  // the timer's thread runs the first callback
    EXPECT_TRUE(selfish.called_back(3));
    Handle other;
    nng_sleep_aio(1, other);
    EXPECT_TRUE(other.called_back());
    over = true;
    nng_aio_stop(selfish);
}

TEST(PostTest, IsCounted) {
    naio_statistics before{}, after{};
    before.size = after.size = sizeof(naio_statistics);
    naio_stats(&before);
    {
        Handle handle;
        EXPECT_TRUE(naio_aio_post(handle));
    }
    naio_stats(&after);
    EXPECT_EQ(after.posted, before.posted + 1);
    EXPECT_EQ(after.succeeded, before.succeeded);
}

// Several threads post, while one thread starts and finishes operations. The callback runs as often as operations are
// finished, not more often than posts and operations together, and the last callback sees what the last post wrote.
TEST(PostRace, OfManyThreadsAgainstOperations) {
    constexpr unsigned kPosters = 3;
    const int posts = static_cast<int>(rounds(3000)), operations = static_cast<int>(rounds(500));
    struct Shared {
        nng_aio* aio = nullptr;
        std::array<std::atomic<int>, kPosters> written{};
        std::atomic<int> seen{0}, for_posts{0}, for_operations{0};
        std::atomic<bool> inside{false}, overlapped{false};
    } shared;
    const auto callback = [](void* arg) {
        Shared& of = *static_cast<Shared*>(arg);
        if (of.inside.exchange(true, std::memory_order_relaxed)) of.overlapped = true;
        int sum = 0;
        for (const auto& each : of.written) sum += each.load(std::memory_order_relaxed);
        of.seen.store(sum, std::memory_order_relaxed);
        ++(naio_aio_posted(of.aio) ? of.for_posts : of.for_operations);
        of.inside.store(false, std::memory_order_relaxed);
    };
    ASSERT_EQ(nng_aio_alloc(&shared.aio, callback, &shared), NNG_OK);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kPosters; ++i) {
        threads.emplace_back([&, i] {
            for (int each = 0; each < posts; ++each) {
                shared.written[i].fetch_add(1, std::memory_order_relaxed);
                static_cast<void>(naio_aio_post(shared.aio));
            }
        });
    }
    TypedOperation operation;
    for (int i = 1; i <= operations; ++i) {
        ASSERT_TRUE(operation.start(shared.aio, kTotal));
        if (i % 3 == 0) nng_aio_cancel(shared.aio);
        operation.finish();
        while (shared.for_operations.load(std::memory_order_acquire) != i) std::this_thread::yield();
    }
    for (std::thread& each : threads) each.join();
    nng_aio_wait(shared.aio);
    EXPECT_FALSE(shared.overlapped);
    EXPECT_EQ(shared.for_operations, operations);
    EXPECT_LE(shared.for_posts, static_cast<int>(kPosters) * posts);
    EXPECT_EQ(shared.seen, static_cast<int>(kPosters) * posts);
    nng_aio_free(shared.aio);
}

// A post that races with the end of the handle: either its callback runs before the handle is gone, or it is refused.
TEST(PostRace, AgainstAStop) {
    const unsigned times = rounds(300);
    for (unsigned i = 0; i < times; ++i) {
        std::atomic<int> callbacks{0};
        nng_aio* aio = nullptr;
        ASSERT_EQ(nng_aio_alloc(
                      &aio, [](void* count) { ++*static_cast<std::atomic<int>*>(count); }, &callbacks),
                  NNG_OK);
        bool first = false, second = false;
        std::thread poster([&] {
            first = naio_aio_post(aio);
            second = naio_aio_post(aio);
        });
        nng_aio_stop(aio);
        const int before = callbacks;
        poster.join();
        EXPECT_EQ(callbacks, before) << "a callback after the stop";
        EXPECT_LE(callbacks, int{first} + int{second});
        EXPECT_GE(callbacks, int{first});
        nng_aio_free(aio);
    }
}

}  // namespace
}  // namespace cancellation
