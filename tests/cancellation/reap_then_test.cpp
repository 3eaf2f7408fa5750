// Tests naio_aio_reap_then: a function is called when the handle is gone.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "aio/end_report.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/scale.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// The argument of the functions of a test: counts their calls.
struct Gone {
    Event event;
    std::thread::id thread;

    static void called(void* self) {
        Gone& gone = *static_cast<Gone*>(self);
        gone.thread = std::this_thread::get_id();
        gone.event.set();
    }
};

class ReapThen : public testing::Test {
  protected:
    void reap(nng_aio* aio) { naio_aio_reap_then(aio, Gone::called, &gone_); }
    [[nodiscard]] bool is_gone() { return gone_.event.wait(); }

    Gone gone_;
};

TEST_F(ReapThen, OfAnIdleHandleCallsTheFunctionOnAnotherThread) {
    Handle handle;
    reap(handle.release());
    EXPECT_TRUE(is_gone());
    EXPECT_NE(gone_.thread, std::this_thread::get_id());
    EXPECT_EQ(handle.callbacks(), 0);
    SilentHandle silent = make_silent_handle();
    reap(silent.release());
    EXPECT_TRUE(gone_.event.wait(2));
    EXPECT_NE(gone_.thread, std::this_thread::get_id());
}

TEST_F(ReapThen, PassesOnEveryArgument) {
    for (const std::uintptr_t value :
         {std::uintptr_t{0}, std::uintptr_t{1}, ~std::uintptr_t{0}, ~std::uintptr_t{0} >> 1, ~std::uintptr_t{0} >> 2,
          ~(~std::uintptr_t{0} >> 1), ~std::uintptr_t{0} << 62}) {
        const naio::EndReport report{Gone::called, reinterpret_cast<void*>(value)};
        const naio::EndReport::Words words = report.pack();
        EXPECT_TRUE(naio::EndReport::is_part(words.first) && naio::EndReport::is_part(words.second));
        const naio::EndReport again = naio::EndReport::unpack(words);
        EXPECT_EQ(again.function, report.function);
        EXPECT_EQ(again.argument, report.argument);
    }
    EXPECT_FALSE(naio::EndReport::is_part(-1));
    EXPECT_FALSE(naio::EndReport::is_part(0));
}

TEST_F(ReapThen, EndsTheOperationInFlightAndRunsItsCallbackBefore) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    reap(handle.release());
    EXPECT_TRUE(is_gone());
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_FALSE(operation.pending());
}

TEST_F(ReapThen, WaitsForAProviderThatDoesNotEnd) {
    TypedOperation stuck(TypedOperation::takes_up);
    Handle handle, other;
    ASSERT_TRUE(stuck.start(handle, kTotal));
    reap(handle.release());
    Gone other_gone;
    naio_aio_reap_then(other.release(), Gone::called, &other_gone);
    EXPECT_TRUE(other_gone.event.wait()) << "a stuck operation delays no other handle";
    EXPECT_TRUE(gone_.event.stays_away());
    stuck.finish();
    EXPECT_TRUE(is_gone());
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST_F(ReapThen, MayBlockWithoutDelayingOthers) {
    struct Blocks {
        Event go, gone;
        static void called(void* self) {
            EXPECT_TRUE(static_cast<Blocks*>(self)->go.wait());
            static_cast<Blocks*>(self)->gone.set();
        }
    } blocks;
    Handle first, second, operates;
    naio_aio_reap_then(first.release(), Blocks::called, &blocks);
    reap(second.release());
    EXPECT_TRUE(is_gone());
    nng_sleep_aio(1, operates);
    EXPECT_TRUE(operates.called_back());
    EXPECT_EQ(blocks.gone.count(), 0);
    blocks.go.set();
    EXPECT_TRUE(blocks.gone.wait());
}

TEST_F(ReapThen, InTheCallbackCallsTheFunctionAfterItsEnd) {
    std::atomic<bool> returned{false};
    struct Both {
        std::atomic<bool>* returned;
        Gone* gone;
    } both{&returned, &gone_};
    Handle* raw = nullptr;
    Handle handle([&](nng_aio*) {
        const auto function = [](void* arg) {
            const Both& of = *static_cast<Both*>(arg);
            EXPECT_TRUE(*of.returned);
            Gone::called(of.gone);
        };
        naio_aio_reap_then(raw->release(), function, &both);
        nng_msleep(5);
        returned = true;
    });
    raw = &handle;
    nng_sleep_aio(1, handle);
    EXPECT_TRUE(is_gone());
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST_F(ReapThen, InTheCallbackThatHasStartedAgainEndsThatOperation) {
    TypedOperation operation;
    Handle* raw = nullptr;
    Handle handle([&](nng_aio* aio) {
        if (nng_aio_result(aio) == NNG_ESTOPPED) return;
        EXPECT_TRUE(operation.start(aio, kTotal));
        reap(raw->release());
    });
    raw = &handle;
    nng_sleep_aio(0, handle);
    EXPECT_TRUE(is_gone());
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ESTOPPED}));
}

TEST_F(ReapThen, SurvivesACallbackThatSetsTimeoutsAndStartsAgain) {
    Handle handle([&](nng_aio* aio) {
        for (int i = 0; i < 3; ++i) {
            nng_aio_set_timeout(aio, 100);
            nng_aio_set_expire(aio, 5);
            naio_aio_limit(aio, 5);
            nng_aio_set_timeout(aio, NNG_DURATION_DEFAULT);
            naio_aio_default_timeout(aio, 5);
            nng_sleep_aio(1, aio);
        }
    });
    TypedOperation operation;
    ASSERT_TRUE(operation.start(handle, kTotal));
    reap(handle.release());
    EXPECT_TRUE(is_gone());
}

TEST_F(ReapThen, RunsInTheQueueOfTheHandle) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Handle handle;
    naio_aio_set_queue(handle, queue);
    reap(handle.release());
    EXPECT_TRUE(gone_.event.stays_away());
    EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_ZERO), 1u);
    EXPECT_EQ(gone_.event.count(), 1);
    EXPECT_EQ(gone_.thread, std::this_thread::get_id());
    naio_queue_free(queue);
}

TEST_F(ReapThen, OfNothingCallsTheFunctionAtOnce) {
    reap(nullptr);
    EXPECT_EQ(gone_.event.count(), 1);
    naio_aio_reap_then(nullptr, nullptr, nullptr);
    Handle handle;
    naio_aio_reap_then(handle.release(), nullptr, &gone_);
    EXPECT_EQ(gone_.event.count(), 1);
}

TEST_F(ReapThen, DropsAPostOfItsOwnCallback) {
    Handle* raw = nullptr;
    Handle handle([&](nng_aio* aio) {
        EXPECT_TRUE(naio_aio_post(aio));
        reap(raw->release());
    });
    raw = &handle;
    EXPECT_TRUE(naio_aio_post(handle));
    EXPECT_TRUE(is_gone());
    EXPECT_EQ(handle.callbacks(), 1);
}

TEST_F(ReapThen, LetsTheFunctionUseTheLibrary) {
    struct Next {
        nng_aio* aio = nullptr;
        Event gone;
        static void called(void* self) {
            Next& next = *static_cast<Next*>(self);
            nng_aio_free(next.aio);
            // May get the memory of the handle that is gone. A wait for it must not take this thread for its callback.
            Handle made;
            nng_sleep_aio(1, made);
            EXPECT_EQ(made.wait(), NNG_OK);
            EXPECT_EQ(made.callbacks(), 1);
            next.gone.set();
        }
    } next;
    Handle first, second;
    next.aio = second.release();
    naio_aio_reap_then(first.release(), Next::called, &next);
    EXPECT_TRUE(next.gone.wait());
}

TEST_F(ReapThen, HasCalledTheFunctionWhenTheLastFiniReturns) {
    const Restarted library({});
    struct Slow {
        std::atomic<bool> over{false};
        static void called(void* self) {
            nng_msleep(20);
            static_cast<Slow*>(self)->over = true;
        }
    } slow;
    Handle handle;
    TypedOperation operation;
    ASSERT_TRUE(operation.start(handle, kTotal));
    naio_aio_reap_then(handle.release(), Slow::called, &slow);
    nng_fini();
    EXPECT_TRUE(slow.over);
    Handle* late = nullptr;
    {
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        late = new Handle;
        nng_fini();
    }
    reap(late->release());
    EXPECT_EQ(gone_.event.count(), 1) << "without threads, the call itself calls the function";
    EXPECT_EQ(gone_.thread, std::this_thread::get_id());
    delete late;
}

TEST_F(ReapThen, OnAQueueIsWaitedForByTheLastFini) {
    const Restarted library({});
    struct Slow {
        Event begun;
        std::atomic<bool> over{false};
        static void called(void* self) {
            static_cast<Slow*>(self)->begun.set();
            nng_msleep(300);  // longer than a busy machine may keep the main thread from nng_fini
            static_cast<Slow*>(self)->over = true;
        }
    } slow;
    Event ready;
    naio_queue* queue = nullptr;
    std::thread runner([&] {
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        ready.set();
        EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_INFINITE), 1u);
    });
    ASSERT_TRUE(ready.wait());
    Handle handle;
    naio_aio_set_queue(handle, queue);
    naio_aio_reap_then(handle.release(), Slow::called, &slow);
    EXPECT_TRUE(slow.begun.wait());
    nng_fini();
    EXPECT_TRUE(slow.over);
    runner.join();
    naio_queue_free(queue);
}

TEST_F(ReapThen, InAQueueThatNoThreadRunsIsRunByTheLastFini) {
    const Restarted library({});
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Handle idle, busy;
    naio_aio_set_queue(idle, queue);
    naio_aio_set_queue(busy, queue);
    nng_sleep_aio(NNG_DURATION_INFINITE, busy);
    reap(idle.release());
    reap(busy.release());
    nng_fini();
    EXPECT_EQ(gone_.event.count(), 2);
    naio_queue_free(queue);
}

// The memory around the handle goes with it, as in a program.
TEST(ReapThenRace, AgainstTheCallbackAndTheTimeout) {
    struct Session {
        nng_aio* aio = nullptr;
        TypedOperation operation;
        std::atomic<int>* alive;
        int callbacks = 0;  // no two callbacks overlap, and none follows the function

        static void called(void* self) { ++static_cast<Session*>(self)->callbacks; }
        static void gone(void* self) {
            Session* const session = static_cast<Session*>(self);
            EXPECT_EQ(session->callbacks, 1);
            --*session->alive;
            delete session;
        }
    };
    std::atomic<int> alive{0};
    const unsigned times = rounds(600);
    for (unsigned i = 0; i < times; ++i) {
        auto* const session = new Session;
        session->alive = &alive;
        ++alive;
        ASSERT_EQ(nng_aio_alloc(&session->aio, Session::called, session), NNG_OK);
        nng_aio_set_timeout(session->aio, i % 4 == 0 ? 1 : NNG_DURATION_INFINITE);
        ASSERT_TRUE(session->operation.start(session->aio, kTotal));
        if (i % 3 == 0) session->operation.finish();
        naio_aio_reap_then(session->aio, Session::gone, session);
    }
    for (int i = 0; i < 30'000 && alive != 0; ++i) nng_msleep(1);
    EXPECT_EQ(alive, 0);
}

// A handle is reaped while its operation is finished and its callback sets timeouts and starts again.
TEST(ReapThenRace, AgainstACallbackThatStartsAgain) {
    const unsigned times = rounds(400);
    for (unsigned i = 0; i < times; ++i) {
        Gone gone;
        nng_aio* aio = nullptr;
        const auto again = [](void* arg) {
            nng_aio* const own = *static_cast<nng_aio**>(arg);
            nng_aio_set_timeout(own, 5);
            nng_aio_set_expire(own, nng_clock() + 5);
            naio_aio_limit(own, nng_clock() + 5);
            nng_sleep_aio(0, own);
        };
        ASSERT_EQ(nng_aio_alloc(&aio, again, &aio), NNG_OK);
        nng_sleep_aio(0, aio);
        naio_aio_reap_then(aio, Gone::called, &gone);
        ASSERT_TRUE(gone.event.wait());
    }
}

}  // namespace
}  // namespace cancellation
