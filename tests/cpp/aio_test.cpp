// Tests naio::aio: callbacks, moves, destruction, and operations that an aio keeps.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <naio/aio.hpp>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "step.h"
#include "support/ledger.h"

namespace cpp {
namespace {

using namespace support;

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<naio::aio>);
static_assert(std::is_nothrow_move_constructible_v<naio::aio> && std::is_nothrow_move_assignable_v<naio::aio>);
static_assert(!naio::operation<naio::aio>);

TEST(Aio, RunsAnOperationAndTellsItsResult) {
    Step step;
    naio::aio aio;
    ASSERT_TRUE(aio);
    aio.start(step);
    EXPECT_TRUE(step.finish(NNG_EPROTO, 7));
    aio.wait();
    EXPECT_EQ(aio.result(), (naio::result{NNG_EPROTO, 7}));
}

TEST(Aio, CallsItsCallbackWithTheHandleAfterEachOperation) {
    std::vector<nng_err> seen;
    naio::aio aio([&](nng_aio* handle) { seen.push_back(nng_aio_result(handle)); });
    aio.start(naio::sleep_for(0s));
    aio.wait();
    aio.start(naio::async([](nng_aio* handle) { nng_aio_finish(handle, NNG_ECLOSED); }));
    aio.wait();
    EXPECT_EQ(seen, (std::vector{NNG_OK, NNG_ECLOSED}));
}

TEST(Aio, MayStartTheNextOperationInItsCallback) {
    int begun = 0;
    naio::aio aio([&](nng_aio* handle) {
        if (++begun < 3) nng_sleep_aio(0, handle);
    });
    aio.start(naio::sleep_for(0s));
    aio.wait();
    EXPECT_EQ(begun, 3);
}

TEST(Aio, ReapGivesTheHandleUpAndDestroysWhatItHasKeptWhenTheHandleIsGone) {
    Step step;
    const auto callbacks = std::make_shared<std::atomic<int>>(0);  // atomic, because use_count orders nothing
    const auto kept = std::make_shared<int>(0);
    {
        naio::aio aio([callbacks](nng_aio*) { ++*callbacks; });
        aio.start(step);
        aio.reap();
        EXPECT_FALSE(aio);
        naio::aio keeps;
        keeps.start(naio::async([kept](nng_aio* handle) { nng_sleep_aio(NNG_DURATION_INFINITE, handle); }));
        keeps.reap();
        keeps.reap();
    }
    for (int i = 0; i < 30'000 && (callbacks.use_count() != 1 || kept.use_count() != 1); ++i) nng_msleep(1);
    EXPECT_EQ(callbacks.use_count(), 1);
    EXPECT_EQ(kept.use_count(), 1);
    EXPECT_EQ(*callbacks, 1);
    EXPECT_FALSE(step.pending());
}

TEST(Aio, PostRunsTheCallbackOnceMore) {
    std::vector<bool> posted;
    naio::aio aio([&](nng_aio* handle) { posted.push_back(naio_aio_posted(handle)); });
    aio.start(naio::sleep_for(0s));
    aio.wait();
    EXPECT_TRUE(aio.post());
    aio.wait();
    EXPECT_EQ(posted, (std::vector<bool>{false, true}));
    EXPECT_FALSE(aio.posted());
    aio.stop();
    EXPECT_FALSE(aio.post());
    EXPECT_FALSE(naio::aio().post()) << "it has no callback";
}

TEST(Aio, CallsAMoveOnlyFunctionObject) {
    auto value = std::make_unique<int>(3);
    int seen = 0;
    naio::aio aio([&seen, value = std::move(value)](nng_aio*) { seen = *value; });
    aio.start(naio::sleep_for(0s));
    aio.wait();
    EXPECT_EQ(seen, 3);
}

TEST(Aio, EndsItsOperationAndRunsTheCallbackBeforeItIsDestroyed) {
    Step step;
    nng_err seen = NNG_OK;
    {
        naio::aio aio([&](nng_aio* handle) { seen = nng_aio_result(handle); });
        aio.start(step);
    }
    EXPECT_EQ(seen, NNG_ESTOPPED);
    EXPECT_FALSE(step.pending());
}

TEST(Aio, MovesWhileAnOperationIsInFlight) {
    Step step;
    int calls = 0;
    naio::aio from([&](nng_aio*) { ++calls; });
    from.start(step);
    naio::aio to(std::move(from));
    EXPECT_FALSE(from);
    step.finish();
    to.wait();
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(to.result());
}

TEST(Aio, EndsItsOperationWhenAnotherIsAssigned) {
    Step step;
    naio::aio aio;
    aio.start(step);
    aio = naio::aio();
    EXPECT_FALSE(step.pending());
    EXPECT_TRUE(aio);
    aio.start(naio::sleep_for(0s));
    aio.wait();
    EXPECT_TRUE(aio.result());
}

// An operation that must not move while it runs. `alive` is the number of Counted objects that exist.
struct Counted : naio::operation_base {
    Counted(Step& inner, int& left) : step(&inner), alive(&left) { ++*alive; }
    Counted(Counted&& other) noexcept : step(other.step), alive(other.alive) { ++*alive; }
    ~Counted() { --*alive; }
    void start(nng_aio* aio) { step->start(aio); }

    Step* step;
    int* alive;
};

TEST(Aio, KeepsAnOperationThatIsMovedInUntilTheNextStart) {
    Step step;
    int alive = 0;
    naio::aio aio;
    aio.start(Counted(step, alive));
    EXPECT_EQ(alive, 1);
    step.finish();
    aio.wait();
    aio.start(naio::sleep_for(0s));
    EXPECT_EQ(alive, 0);
}

TEST(Aio, KeepsAnOperationThatIsMovedInUntilItIsDestroyed) {
    Step step;
    int alive = 0;
    {
        naio::aio aio;
        aio.start(Counted(step, alive));
    }
    EXPECT_EQ(alive, 0);
    EXPECT_FALSE(step.pending());
}

// Its destructor sets the event, unless the object was moved from.
struct Farewell {
    explicit Farewell(Event& event) : gone(&event) {}
    Farewell(Farewell&& other) noexcept : gone(std::exchange(other.gone, nullptr)) {}
    ~Farewell() {
        if (gone != nullptr) gone->set();
    }
    Event* gone;
};

TEST(Aio, CanBeDestroyedByItsOwnCallbackWhoseFunctionObjectOutlivesIt) {
    Event gone;
    bool outlived = false;
    auto aio = std::make_unique<naio::aio>();
    *aio = naio::aio([&aio, &outlived, farewell = Farewell(gone)](nng_aio*) {
        aio.reset();
        outlived = farewell.gone->count() == 0;
    });
    aio->start(naio::sleep_for(0s));
    EXPECT_TRUE(gone.wait());
    EXPECT_TRUE(outlived);
}

TEST(Aio, CancelAsksTheOperationInFlightToEnd) {
    Step step;
    naio::aio aio;
    aio.start(step);
    EXPECT_TRUE(aio.cancel(naio::cancel::total));
    aio.wait();
    EXPECT_EQ(aio.result(), (naio::result{NNG_ECANCELED, 0, naio::cancel::total}));
}

TEST(Aio, CancelReportsThatItHasNoEffect) {
    Step step(naio::cancel::terminal);
    naio::aio aio;
    EXPECT_FALSE(aio.cancel());
    aio.start(step);
    EXPECT_FALSE(aio.cancel(naio::cancel::total));
    step.finish();
    aio.wait();
    EXPECT_FALSE(aio.cancel());
    EXPECT_TRUE(aio.result());
}

TEST(Aio, EndsAnOperationWithItsTimeoutAndNotAfterItWasCleared) {
    Step step;
    naio::aio aio;
    aio.set_timeout(1ms);
    aio.start(step);
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
    aio.set_timeout(0ms);
    aio.clear_timeout();
    aio.start(step);
    EXPECT_TRUE(step.finish());
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(Aio, WaitForSaysWhetherItIsIdle) {
    Step step;
    naio::aio aio;
    aio.start(step);
    EXPECT_FALSE(aio.wait_for(1ms));
    step.finish();
    EXPECT_TRUE(aio.wait_for(kPatience));
}

TEST(Aio, WaitForNeverReturnsEarly) {
    Step step;
    naio::aio aio;
    aio.start(step);
    for (int i = 0; i < 20; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_FALSE(aio.wait_for(2ms));
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 2ms);
        EXPECT_FALSE(aio.wait_for(0ms));
        EXPECT_FALSE(aio.wait_for(-1ms));
        std::this_thread::sleep_for(300us);
    }
    step.finish();
}

TEST(Aio, RefusesWhatIsStartedAfterStopOrClose) {
    Step step;
    naio::aio stopped;
    stopped.start(step);
    stopped.stop();
    EXPECT_EQ(stopped.result().err, NNG_ESTOPPED);
    naio::aio closed;
    closed.close();
    closed.start(step);
    closed.wait();
    EXPECT_EQ(closed.result().err, NNG_ESTOPPED);
    EXPECT_EQ(step.starts(), 1);
}

TEST(Run, RunsAnOperationToItsEnd) {
    EXPECT_EQ(naio::run(naio::async([](nng_aio* aio) { naio_aio_finish(aio, NNG_EPROTO, 2); })),
              (naio::result{NNG_EPROTO, 2}));
}

class AioMemory : public support::Allocation {};

TEST_F(AioMemory, IsFreedToTheLastByte) {
    {
        const nng_init_params params = Ledger::params();
        const Restarted library(params);
        Step step;
        int alive = 0;
        naio::aio aio([](nng_aio*) {});
        aio.start(Counted(step, alive));
        naio::aio other = std::move(aio);
    }
    Ledger::expect_balance();
}

TEST_F(AioMemory, MissingLeavesAnEmptyHandle) {
    {
        const nng_init_params params = Ledger::params();
        const Restarted library(params);
        for (long n = 1; n <= 2; ++n) {
            Ledger::fail_from(n);
            const naio::aio aio([](nng_aio*) {});
            EXPECT_FALSE(aio) << n;
            Ledger::fail_from(Ledger::kNever);
        }
    }
    Ledger::expect_balance();
}

TEST_F(AioMemory, MissingForAnOperationThatIsToBeKeptEndsItWithNomem) {
    const nng_init_params params = Ledger::params();
    const Restarted library(params);
    Step step;
    int alive = 0;
    naio::aio aio;
    Ledger::fail_from(1);
    aio.start(Counted(step, alive));
    Ledger::fail_from(Ledger::kNever);
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ENOMEM);
    EXPECT_EQ(alive, 0);
}

// A function object and an operation whose move throws.
struct ThrowsWhenMoved {
    ThrowsWhenMoved() = default;
    ThrowsWhenMoved(ThrowsWhenMoved&& /*other*/) { throw std::runtime_error("moved"); }
    void operator()(nng_aio* /*aio*/) const {}
    void start(nng_aio* aio) { nng_sleep_aio(0, aio); }
};

TEST_F(AioMemory, GoesBackWhenTheMoveOfAFunctionObjectOrAnOperationThrows) {
    {
        const nng_init_params params = Ledger::params();
        const Restarted library(params);
        EXPECT_THROW(naio::aio{ThrowsWhenMoved{}}, std::runtime_error);
        naio::aio aio;
        EXPECT_THROW(aio.start(ThrowsWhenMoved{}), std::runtime_error);
        EXPECT_FALSE(nng_aio_busy(aio.get()));
    }
    Ledger::expect_balance();
}

}  // namespace
}  // namespace cpp
