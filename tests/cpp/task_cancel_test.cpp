// Tests coroutines that are requested to end.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <naio/naio.hpp>
#include <thread>
#include <vector>

#include "finished.h"
#include "step.h"

namespace cpp {
namespace {

using naio::cancel;
using naio::result;
using naio::task;
using namespace std::chrono_literals;

using Steps = std::array<Step, 3>;

// Awaits all steps, whatever their results, and returns the first error.
task<result> awaits_all(Steps& steps, std::vector<nng_err>& seen) {
    result first;
    for (Step& step : steps) {
        const result r = co_await step;
        seen.push_back(r.err);
        if (first && !r) first = r;
    }
    co_return first;
}

// Brings the coroutine to its n-th await.
void advance_to(Steps& steps, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        ASSERT_TRUE(steps[i].started());
        ASSERT_TRUE(steps[i].finish());
    }
    ASSERT_TRUE(steps[n].started());
}

// Returns the results that the coroutine must see if it is asked to end at its n-th await.
std::vector<nng_err> expected(std::size_t n, nng_err reason) {
    std::vector<nng_err> all(n, NNG_OK);
    all.resize(3, reason);
    return all;
}

class AtEachAwait : public testing::TestWithParam<std::size_t> {
  protected:
    Steps steps;
    std::vector<nng_err> seen;
};

TEST_P(AtEachAwait, CancelEndsThatAndRefusesAllLaterOnes) {
    naio::aio aio;
    aio.start(awaits_all(steps, seen));
    advance_to(steps, GetParam());
    EXPECT_TRUE(aio.cancel(cancel::terminal));
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_ECANCELED, 0, cancel::terminal}));
    EXPECT_EQ(seen, expected(GetParam(), NNG_ECANCELED));
}

TEST_P(AtEachAwait, CancelForATypeThatTheTaskDoesNotGuaranteeHasNoEffect) {
    naio::aio aio;
    aio.start(awaits_all(steps, seen));
    advance_to(steps, GetParam());
    EXPECT_FALSE(aio.cancel(cancel::total));
    for (std::size_t i = GetParam(); i < steps.size(); ++i) {
        ASSERT_TRUE(steps[i].started());
        EXPECT_TRUE(steps[i].finish());
    }
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST_P(AtEachAwait, ATimeoutOfTheWholeEndsThat) {
    naio::aio aio;
    aio.set_timeout(20ms);
    aio.start(awaits_all(steps, seen));
    for (std::size_t i = 0; i < GetParam() && steps[i].started() && steps[i].finish();) ++i;
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
    EXPECT_EQ(seen.back(), NNG_ETIMEDOUT);
    EXPECT_EQ(seen.size(), 3u);
}

TEST_P(AtEachAwait, StopEndsThatAndRefusesAllLaterOnes) {
    naio::aio aio;
    aio.start(awaits_all(steps, seen));
    advance_to(steps, GetParam());
    aio.stop();
    EXPECT_EQ(aio.result().err, NNG_ESTOPPED);
    EXPECT_EQ(seen, expected(GetParam(), NNG_ESTOPPED));
}

TEST_P(AtEachAwait, ItRunsToItsEndWhenItsHandleIsDestroyed) {
    {
        naio::aio aio;
        aio.start(awaits_all(steps, seen));
        advance_to(steps, GetParam());
    }
    EXPECT_EQ(seen, expected(GetParam(), NNG_ESTOPPED));
}

TEST_P(AtEachAwait, AScopeEndsThat) {
    naio::scope scope;
    naio::aio aio;
    scope.bind(aio);
    aio.start(awaits_all(steps, seen));
    advance_to(steps, GetParam());
    EXPECT_TRUE(scope.emit());
    aio.wait();
    EXPECT_EQ(seen, expected(GetParam(), NNG_ECANCELED));
}

INSTANTIATE_TEST_SUITE_P(TaskCancel, AtEachAwait, testing::Values(0u, 1u, 2u));

task<result> wraps(Steps& steps, std::vector<nng_err>& seen) {
    const result inner = co_await awaits_all(steps, seen);
    if (const result after = co_await finished(); !after) seen.push_back(after.err);
    co_return inner;
}

TEST(TaskCancel, ReachesTheOperationThatATaskWithinTheTaskAwaits) {
    Steps steps;
    std::vector<nng_err> seen;
    naio::aio aio;
    aio.start(wraps(steps, seen));
    advance_to(steps, 1);
    EXPECT_TRUE(aio.cancel());
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    EXPECT_EQ(seen, (std::vector{NNG_OK, NNG_ECANCELED, NNG_ECANCELED}));
}

task<result> asks_itself(Step& step) {
    const auto self = co_await naio::this_op;
    EXPECT_TRUE(naio_aio_cancel(self.aio(), NAIO_CANCEL_TERMINAL, NNG_ECLOSED));
    co_return co_await step;
}

TEST(TaskCancel, BetweenTwoAwaitsIsNotLost) {
    Step step;
    naio::aio aio;
    aio.start(asks_itself(step));
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECLOSED);
    EXPECT_EQ(step.starts(), 0);
}

TEST(TaskCancel, OfAHandleThatIsStoppedKeepsTheTaskFromRunning) {
    Steps steps;
    std::vector<nng_err> seen;
    naio::aio aio;
    aio.stop();
    aio.start(awaits_all(steps, seen));
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ESTOPPED);
    EXPECT_TRUE(seen.empty());
}

// ---- this_op

task<result> guards(Step& before, Step& during, Step& after) {
    const auto self = co_await naio::this_op;
    if (const result r = co_await before; !r) co_return r;
    if (any(self.permit(cancel::none))) co_return {self.reason()};
    const result r = co_await during;
    if (any(self.permit(cancel::terminal))) co_return {self.reason()};
    if (!r) co_return r;
    co_return co_await after;
}

TEST(ThisOp, PermitsNothingWhileAStepIsProtected) {
    Step before;
    Step during;
    Step after;
    naio::aio aio;
    aio.start(guards(before, during, after));
    before.finish();
    ASSERT_TRUE(during.started());
    EXPECT_FALSE(aio.cancel());
    EXPECT_TRUE(during.finish());
    ASSERT_TRUE(after.started());
    EXPECT_TRUE(aio.cancel());
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
}

TEST(ThisOp, TellsOfAStopThatWasRequestedInAProtectedStep) {
    Step before;
    Step during;
    Step after;
    naio::aio aio;
    aio.start(guards(before, during, after));
    before.finish();
    ASSERT_TRUE(during.started());
    aio.close();
    EXPECT_TRUE(during.finish());
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ESTOPPED);
    EXPECT_EQ(after.starts(), 0);
}

task<result> nothing_happened(Step& step) {
    const auto self = co_await naio::this_op;
    self.permit(cancel::total);
    co_return co_await step;
}

TEST(ThisOp, PermitsMoreThanTheTaskWasStartedWithWhichIsTheOutcome) {
    Step step;
    naio::aio aio;
    aio.start(nothing_happened(step));
    EXPECT_TRUE(aio.cancel(cancel::total));
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_ECANCELED, 0, cancel::total}));
}

TEST(ThisOp, StartsWithTheGuaranteeThatIsGiven) {
    Steps steps;
    std::vector<nng_err> seen;
    naio::aio aio;
    aio.start(naio::async([&](nng_aio* handle) { awaits_all(steps, seen).start(handle, cancel::partial); }));
    EXPECT_FALSE(aio.cancel(cancel::total));
    EXPECT_TRUE(aio.cancel(cancel::partial));
    aio.wait();
    EXPECT_EQ(aio.result().outcome, cancel::partial);
}

task<result> cleans_up(Step& work, Step& farewell, cancel& asked, nng_err& reason) {
    const auto self = co_await naio::this_op;
    const result r = co_await work;
    if (const result refused = co_await farewell; refused) co_return {NNG_EINTERNAL};
    reason = self.reason();
    asked = self.cancelled();
    if (self.acknowledge(cancel::all) != asked || any(self.cancelled())) co_return {NNG_EINTERNAL};
    if (const result done = co_await farewell; !done) co_return {NNG_EINTERNAL};
    co_return r;
}

TEST(ThisOp, CanCleanUpOnceTheRequestIsCleared) {
    Step work;
    Step farewell;
    cancel asked = cancel::none;
    nng_err reason = NNG_OK;
    naio::aio aio;
    aio.start(cleans_up(work, farewell, asked, reason));
    EXPECT_TRUE(aio.cancel(cancel::terminal));
    ASSERT_TRUE(farewell.started());
    EXPECT_TRUE(farewell.finish());
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    EXPECT_EQ(asked, cancel::terminal);
    EXPECT_EQ(reason, NNG_ECANCELED);
}

TEST(ThisOp, IsHeardAgainAfterTheClearance) {
    Step work;
    Step farewell;
    cancel asked = cancel::none;
    nng_err reason = NNG_OK;
    naio::aio aio;
    aio.start(cleans_up(work, farewell, asked, reason));
    EXPECT_TRUE(aio.cancel(cancel::terminal));
    ASSERT_TRUE(farewell.started());
    EXPECT_TRUE(aio.cancel(cancel::terminal));
    aio.wait();
    EXPECT_FALSE(farewell.pending());
    EXPECT_EQ(aio.result().err, NNG_EINTERNAL);
}

task<result> limits_the_child() {
    const auto self = co_await naio::this_op;
    nng_aio_set_timeout(self.child(), 1);
    const result one = co_await naio::sleep_forever();
    const result two = co_await naio::with_timeout(naio::sleep_forever(), 1ms);
    nng_aio_set_timeout(self.child(), NNG_DURATION_INFINITE);
    const result three = co_await naio::sleep_for(1ms);
    const bool as_expected = one.err == NNG_ETIMEDOUT && two.err == NNG_ETIMEDOUT && three;
    co_return {as_expected ? NNG_OK : NNG_EINTERNAL};
}

TEST(ThisOp, SetsTimeoutsOfSingleAwaitsOnTheChild) { EXPECT_TRUE(naio::run(limits_the_child())); }

// ---- limits

task<result> sleeps_within(std::chrono::milliseconds limit, nng_err& reason) {
    const auto self = co_await naio::this_op;
    const result r = co_await naio::with_timeout(naio::sleep_forever(), limit);
    reason = self.reason();
    co_return r;
}

task<result> awaits_within(std::chrono::milliseconds limit, task<result> inner) {
    co_return co_await naio::with_timeout(std::move(inner), limit);
}

// Expects the task to time out by itself long before an hour is over.
void expect_to_time_out(task<result> limited) {
    naio::aio aio;
    aio.start(std::move(limited));
    EXPECT_TRUE(aio.wait_for(1min));
    aio.cancel();
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
}

TEST(TaskLimits, TheEarliestOfThoseAroundAndInATaskWins) {
    for (const auto& limits : {std::array{5ms, 3'600'000ms, 3'600'000ms}, std::array{3'600'000ms, 5ms, 3'600'000ms},
                               std::array{3'600'000ms, 3'600'000ms, 5ms}}) {
        nng_err reason = NNG_OK;
        expect_to_time_out(awaits_within(limits[0], awaits_within(limits[1], sleeps_within(limits[2], reason))));
    }
}

TEST(TaskLimits, TheReasonTellsALimitAroundTheTaskFromItsOwn) {
    for (const bool own : {true, false}) {
        nng_err reason = NNG_EINTERNAL;
        naio::aio aio;
        aio.start(naio::with_timeout(sleeps_within(own ? 5ms : 1h, reason), own ? 1h : 5ms));
        aio.wait();
        EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
        EXPECT_EQ(reason, own ? NNG_OK : NNG_ETIMEDOUT);
    }
}

TEST(TaskLimits, TheEarliestOfSeveralAroundATaskWins) {
    nng_err reason = NNG_OK;
    naio::aio aio;
    aio.start(naio::with_timeout(naio::with_timeout(sleeps_within(1h, reason), 1h), 5ms));
    EXPECT_TRUE(aio.wait_for(1min));
    aio.cancel();
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
}

// ---- races

task<result> sleeps_on() {
    for (int i = 0; i < 20; ++i)
        if (const result r = co_await finished(); !r) co_return r;
    co_return co_await naio::sleep_forever();
}

TEST(TaskCancel, AtAnyMomentEndsTheTask) {
    for (int round = 0; round < 300; ++round) {
        naio::aio aio;
        aio.start(sleeps_on());
        std::jthread other([&] { aio.cancel(); });
        for (int i = 0; i < round % 50; ++i) std::this_thread::yield();
        aio.cancel();
        aio.wait();
        EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    }
}

}  // namespace
}  // namespace cpp
