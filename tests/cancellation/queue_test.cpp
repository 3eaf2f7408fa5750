// Tests completion queues, which run callbacks on the program's own thread, and waits with a deadline.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "support/checkpoint.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

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

TEST_F(Queue, DoesNotWaitLongerThanItsTimeout) {
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 0u);
    EXPECT_EQ(naio_queue_run(queue_, 1), 0u);
}

TEST_F(Queue, LeavesCallbacksThatItsCallbacksMakeReadyToTheNextCall) {
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
    EXPECT_TRUE(readable());  // the callback was queued before the descriptor existed
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
    EXPECT_EQ(handle_.results(), support::Results({NNG_OK, NNG_ESTOPPED}));
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

// Until its first naio_queue_run, the creator of a queue does not run the queue in a wait for a handle outside the
// queue, even if a callback of the queue would finish the operation that the creator waits for.
TEST_F(Queue, IsNotRunByItsCreatorInAWaitForAnotherHandleBeforeItsFirstRun) {
    const SilentHandle outer = make_silent_handle();
    Handle inner([&](nng_aio*) { nng_aio_finish(outer.get(), NNG_OK); });
    naio_aio_set_queue(inner, queue_);
    for (const bool has_run : {false, true}) {
        ASSERT_TRUE(nng_aio_start(outer.get(), nullptr, nullptr));
        nng_sleep_aio(0, inner);
        EXPECT_EQ(naio_aio_wait_until(outer.get(), nng_clock() + (has_run ? 10'000 : 20)), has_run);
        naio_queue_run(queue_, NNG_DURATION_ZERO);
        EXPECT_FALSE(nng_aio_busy(outer.get()));
    }
}

TEST_F(Queue, TheWaitOfASilentHandleEndsWithoutACallback) {
    const SilentHandle silent = make_silent_handle();
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
    bring_library_down();
    EXPECT_EQ(handle_.results(), support::Results{NNG_ESTOPPED});
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsRunByFiniForAnOperationThatIsBuiltOnOneOfItsHandles) {
    struct Inner {
        nng_aio* outer;
        nng_aio* inner = nullptr;
    };
    const SilentHandle outer = make_silent_handle();
    Inner pair{outer.get()};
    const auto finish_outer = [](void* self) { naio_aio_finish(static_cast<Inner*>(self)->outer, NNG_ESTOPPED, 0); };
    ASSERT_EQ(nng_aio_alloc(&pair.inner, finish_outer, &pair), NNG_OK);
    naio_aio_set_queue(pair.inner, queue_);
    const auto cancel_inner = [](nng_aio*, void* self, naio_cancel, nng_err) {
        return naio_aio_cancel(static_cast<Inner*>(self)->inner, kAll, NNG_OK);
    };
    ASSERT_TRUE(naio_aio_start(outer.get(), kTotal, cancel_inner, nullptr, &pair));
    nng_sleep_aio(NNG_DURATION_INFINITE, pair.inner);
    bring_library_down();
    EXPECT_EQ(nng_aio_result(outer.get()), NNG_ESTOPPED);
    nng_aio_free(pair.inner);
}

TEST_F(Queue, IsRunByFiniOrByAThreadThatBeginsToRunIt) {
    // Either nng_fini or the runner runs the handle's callback, and runs it once.
    for (int i = 0; i < 200; ++i) {
        nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
        std::atomic<bool> over{false};
        std::thread runner([&] {
            while (!over) naio_queue_run(queue_, 1);
        });
        bring_library_down();
        over = true;
        runner.join();
        EXPECT_EQ(handle_.callbacks(), i + 1);
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
    }
}

// A thread that runs a queue while this object exists.
class Runner {
  public:
    explicit Runner(naio_queue* queue)
        : thread_([this, queue] {
              naio_queue_run(queue, NNG_DURATION_ZERO);
              has_run_.set();
              while (!over_) naio_queue_run(queue, 1);
          }) {
        EXPECT_TRUE(has_run_.wait());
    }
    ~Runner() {
        over_ = true;
        thread_.join();
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    [[nodiscard]] std::thread::id id() const { return thread_.get_id(); }

  private:
    std::atomic<bool> over_{false};
    Event has_run_;
    std::thread thread_;
};

// Counts the callbacks that run while another callback is running, and the callbacks that do not run on the expected
// thread.
class Census {
  public:
    explicit Census(std::thread::id expected) : expected_(expected) {}
    void note() {
        if (inside_.exchange(true)) ++at_once;
        if (std::this_thread::get_id() != expected_) ++elsewhere;
        std::this_thread::yield();
        ++all;
        inside_ = false;
    }
    std::atomic<int> all{0}, at_once{0}, elsewhere{0};

  private:
    const std::thread::id expected_;
    std::atomic<bool> inside_{false};
};

TEST_F(Queue, IsRunByItsRunnerAloneWhileTheLibraryGoesDown) {
    constexpr int kHandles = 300;
    const Runner runner(queue_);
    Census census(runner.id());
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < kHandles; ++i) {
        handles.push_back(std::make_unique<Handle>([&](nng_aio*) { census.note(); }));
        naio_aio_set_queue(*handles.back(), queue_);
        nng_sleep_aio(NNG_DURATION_INFINITE, *handles.back());
    }
    bring_library_down();
    EXPECT_EQ(census.all, kHandles);
    EXPECT_EQ(census.at_once, 0);
    EXPECT_EQ(census.elsewhere, 0);
}

TEST_F(Queue, IsRunByFiniWhenItsRunnerHasEnded) {
    { const Runner runner(queue_); }
    nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
    bring_library_down();
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsRunByAThreadThatWaitsWhenItsRunnerHasEnded) {
    { const Runner runner(queue_); }
    nng_sleep_aio(0, handle_);
    std::thread::id waited;
    std::thread waiter([&] {
        waited = std::this_thread::get_id();
        nng_aio_wait(handle_);
    });
    waiter.join();
    EXPECT_EQ(handle_.thread(), waited);
    nng_sleep_aio(0, handle_);  // the waiter has given up the queue
    nng_aio_wait(handle_);
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsRunByAThreadThatHasBeenWaitingWhenItsRunnerEnds) {
    std::thread waiter;
    {
        const Runner runner(queue_);
        nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
        waiter = std::thread([&] { nng_aio_wait(handle_); });
        EXPECT_TRUE(handle_.stays_silent());
    }
    nng_aio_cancel(handle_);
    const std::thread::id waited = waiter.get_id();
    waiter.join();
    EXPECT_EQ(handle_.thread(), waited);
}

// The creator of the queue is a runner, too.
TEST_F(Queue, IsRunByOneThreadAtATimeWhateverItsRunnersDo) {
    Census census({});
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < 6; ++i) {
        handles.push_back(std::make_unique<Handle>([&](nng_aio*) { census.note(); }));
        naio_aio_set_queue(*handles.back(), queue_);
    }
    std::vector<std::thread> threads;
    for (auto& handle : handles)
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                nng_sleep_aio(0, *handle);
                if (round % 8 == 0) naio_queue_run(queue_, NNG_DURATION_ZERO);
                nng_aio_wait(*handle);
            }
        });
    // The runners change until the last one has ended; then the waiters run the queue, one after the other.
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(census.all, 6 * 200);
    EXPECT_EQ(census.at_once, 0);
}

TEST_F(Queue, IsNotRunByAThreadThatWaitsForAnotherHandleWhenItsCreatorHasEnded) {
    naio_queue* queue = nullptr;
    std::thread([&] { ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK); }).join();
    Handle of_queue;
    naio_aio_set_queue(of_queue, queue);
    nng_sleep_aio(0, of_queue);
    // The system may give each of these threads the memory or the id of the creator's thread.
    for (int i = 0; i < 10; ++i)
        std::thread([] {
            Handle other;
            nng_sleep_aio(1, other);
            nng_aio_wait(other);
        }).join();
    EXPECT_EQ(of_queue.callbacks(), 0);
    EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_ZERO), 1u);
    naio_queue_free(queue);
}

TEST_F(Queue, IsGivenUpByACallbackOnAThreadOfTheLibrary) {
    Handle on_library([&](nng_aio*) { naio_queue_run(queue_, NNG_DURATION_ZERO); });
    nng_sleep_aio(1, on_library);
    nng_aio_wait(on_library);
    nng_sleep_aio(0, handle_);
    nng_aio_wait(handle_);
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsGivenUpByACallbackOnAThreadOfTheLibraryThatFindsAnotherThreadInside) {
    Checkpoint inside;
    Handle holds([&](nng_aio*) { inside.pass(); });
    naio_aio_set_queue(holds, queue_);
    nng_sleep_aio(0, holds);
    std::thread holder([&] { naio_queue_run(queue_, NNG_DURATION_INFINITE); });
    EXPECT_TRUE(inside.reached());
    Handle on_library([&](nng_aio*) { EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 0u); });
    nng_sleep_aio(1, on_library);
    nng_aio_wait(on_library);
    inside.open();
    holder.join();
    nng_sleep_aio(0, handle_);
    EXPECT_TRUE(naio_aio_wait_until(handle_, nng_clock() + 10000));
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, IsGivenUpByACallbackOnAThreadOfTheLibraryWhoseWaitHasRunIt) {
    { const Runner runner(queue_); }
    Handle runs_again([&](nng_aio*) { naio_queue_run(queue_, NNG_DURATION_ZERO); });
    naio_aio_set_queue(runs_again, queue_);
    const auto wait_there = [](void* handle) {  // this is no Handle's callback, because a callback begins inside it
        nng_sleep_aio(0, *static_cast<Handle*>(handle));
        nng_aio_wait(*static_cast<Handle*>(handle));
    };
    nng_aio* on_library = nullptr;
    ASSERT_EQ(nng_aio_alloc(&on_library, wait_there, &runs_again), NNG_OK);
    nng_sleep_aio(1, on_library);
    nng_aio_wait(on_library);
    nng_aio_free(on_library);
    EXPECT_NE(runs_again.thread(), std::this_thread::get_id());
    nng_sleep_aio(0, handle_);
    EXPECT_TRUE(naio_aio_wait_until(handle_, nng_clock() + 10000));
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
}

TEST_F(Queue, HasNoRunnerWhenACallbackOnAThreadOfTheLibraryHasCreatedIt) {
    naio_queue* queue = nullptr;
    Handle on_library([&](nng_aio*) { EXPECT_EQ(naio_queue_alloc(&queue), NNG_OK); });
    nng_sleep_aio(1, on_library);
    nng_aio_wait(on_library);
    {
        Handle of_queue;
        naio_aio_set_queue(of_queue, queue);
        nng_sleep_aio(0, of_queue);
        EXPECT_TRUE(naio_aio_wait_until(of_queue, nng_clock() + 10000));
        EXPECT_EQ(of_queue.thread(), std::this_thread::get_id());
    }
    naio_queue_free(queue);
}

TEST_F(Queue, IsRunInEachWaitOfAThreadWhoseRunHasFoundAnotherThreadInside) {
    Checkpoint inside;
    Handle holds([&](nng_aio*) { inside.pass(); });
    naio_aio_set_queue(holds, queue_);
    nng_sleep_aio(0, holds);
    std::thread holder([&] { naio_queue_run(queue_, NNG_DURATION_INFINITE); });
    EXPECT_TRUE(inside.reached());
    std::thread::id runner_id;
    std::thread runner([&] {
        runner_id = std::this_thread::get_id();
        EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 0u);
        inside.open();
        nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
        Handle ends_it([&](nng_aio*) {
            nng_aio_cancel(handle_);
            EXPECT_TRUE(handle_.called_back());
        });
        nng_sleep_aio(1, ends_it);
        nng_aio_wait(ends_it);
    });
    runner.join();
    holder.join();
    EXPECT_EQ(handle_.thread(), runner_id);
}

// In this test and the next one, a callback waits for `in_no_queue`. The callback of `in_no_queue` waits for handle_,
// and the callback of handle_ is in the queue.
TEST_F(Queue, IsRunByACallbackThatWaitsAlsoIfAnotherThreadHasBecomeTheRunner) {
    Handle in_no_queue([&](nng_aio*) {
        nng_sleep_aio(0, handle_);
        EXPECT_TRUE(naio_aio_wait_until(handle_, nng_clock() + 10000));
    });
    Checkpoint inside;
    nng_aio* outer = nullptr;  // no Handle, because other callbacks begin inside its callback
    struct Arguments {
        Checkpoint& inside;
        nng_aio* in_no_queue;
    } arguments{inside, in_no_queue};
    const auto wait_inside = [](void* self) {
        auto& given = *static_cast<Arguments*>(self);
        given.inside.pass();
        nng_sleep_aio(1, given.in_no_queue);
        nng_aio_wait(given.in_no_queue);
    };
    ASSERT_EQ(nng_aio_alloc(&outer, wait_inside, &arguments), NNG_OK);
    naio_aio_set_queue(outer, queue_);
    nng_sleep_aio(0, outer);
    std::thread former([&] { naio_queue_run(queue_, NNG_DURATION_INFINITE); });
    EXPECT_TRUE(inside.reached());
    EXPECT_EQ(naio_queue_run(queue_, NNG_DURATION_ZERO), 0u);
    const std::thread::id former_id = former.get_id();
    inside.open();
    former.join();
    EXPECT_EQ(handle_.thread(), former_id);
    nng_aio_free(outer);
}

TEST_F(Queue, IsRunInAWaitInsideATaskOfAnotherQueueThatAWaitForItHasRun) {
    { const Runner runner(queue_); }
    Handle in_no_queue([&](nng_aio*) {
        nng_sleep_aio(0, handle_);
        EXPECT_TRUE(naio_aio_wait_until(handle_, nng_clock() + 10000));
    });
    naio_queue* other_queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&other_queue), NNG_OK);
    naio_queue_run(other_queue, NNG_DURATION_ZERO);
    nng_aio *outer = nullptr, *wanted = nullptr;  // no Handles, because callbacks begin inside outer's callback
    const auto wait_inside = [](void* handle) {
        nng_sleep_aio(1, *static_cast<Handle*>(handle));
        nng_aio_wait(*static_cast<Handle*>(handle));
    };
    ASSERT_EQ(nng_aio_alloc(&outer, wait_inside, &in_no_queue), NNG_OK);
    ASSERT_EQ(nng_aio_alloc(&wanted, nullptr, nullptr), NNG_OK);
    naio_aio_set_queue(outer, other_queue);
    naio_aio_set_queue(wanted, queue_);
    nng_sleep_aio(1, outer);
    nng_sleep_aio(NNG_DURATION_INFINITE, wanted);
    EXPECT_FALSE(naio_aio_wait_until(wanted, nng_clock() + 50));
    EXPECT_EQ(handle_.thread(), std::this_thread::get_id());
    nng_aio_free(wanted);
    nng_aio_free(outer);
    naio_queue_free(other_queue);
}

TEST_F(Queue, IsRunByAThreadsOwnObjectsWhileThoseAreDestroyed) {
    std::thread::id ran, owner;
    std::thread([&] {
        owner = std::this_thread::get_id();
        naio_queue_run(queue_, NNG_DURATION_ZERO);
        struct Waits {
            nng_aio* aio = nullptr;
            ~Waits() { nng_aio_stop(aio); }
        };
        thread_local Waits own;
        own.aio = handle_;
        nng_sleep_aio(NNG_DURATION_INFINITE, handle_);
    }).join();
    ran = handle_.thread();
    EXPECT_EQ(ran, owner);
}

// The main thread's thread-local objects are destroyed before the static object. After that the main thread still runs
// the queue.
TEST(QueueDeathTest, IsRunByTheMainThreadForItsStaticObjects) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            alarm(20);
            static nng_aio* handle = nullptr;
            static naio_queue* queue = nullptr;
            static struct Static {
                ~Static() {
                    nng_aio_free(handle);
                    naio_queue_free(queue);
                }
            } object;
            ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
            ASSERT_EQ(nng_aio_alloc(
                          &handle, [](void*) { std::fputs("called back\n", stderr); }, nullptr),
                      NNG_OK);
            naio_aio_set_queue(handle, queue);
            naio_queue_run(queue, NNG_DURATION_ZERO);
            nng_sleep_aio(NNG_DURATION_INFINITE, handle);
            std::exit(0);
        },
        testing::ExitedWithCode(0), "called back");
}

// A static object of the program that was created before the first queue is destroyed after the library's static
// objects.
TEST(QueueDeathTest, IsRunByAStaticObjectThatHasJoinedItsRunner) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            alarm(20);
            static nng_aio* handle = nullptr;
            static naio_queue* queue = nullptr;
            static struct Static {
                ~Static() {
                    enough = true;
                    runner.join();
                    nng_aio_free(handle);
                    naio_queue_free(queue);
                }
                std::atomic<bool> enough{false};
                std::thread runner;
            } object;
            ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
            ASSERT_EQ(nng_aio_alloc(
                          &handle, [](void*) { std::fputs("called back\n", stderr); }, nullptr),
                      NNG_OK);
            naio_aio_set_queue(handle, queue);
            nng_sleep_aio(NNG_DURATION_INFINITE, handle);
            Event runs;
            object.runner = std::thread([&] {
                naio_queue_run(queue, NNG_DURATION_ZERO);
                runs.set();
                while (!object.enough) naio_queue_run(queue, 1);
            });
            ASSERT_TRUE(runs.wait());
            std::exit(0);
        },
        testing::ExitedWithCode(0), "called back");
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
    int calls = 0;  // not atomic, because one thread runs all callbacks
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
    EXPECT_TRUE(naio_aio_wait_until(handle, 0));  // the handle is idle
    EXPECT_TRUE(naio_aio_wait_until(nullptr, 0));
}

TEST(WaitUntil, FromTheOwnCallbackIsFalse) {
    Handle handle([](nng_aio* aio) { EXPECT_FALSE(naio_aio_wait_until(aio, UINT64_MAX)); });
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
}

TEST(WaitUntil, RunsTheQueueWhileItWaits) {
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
