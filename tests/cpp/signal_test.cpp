// Tests naio::signal and naio::scope.
#include <gtest/gtest.h>

#include <naio/signal.hpp>
#include <utility>

#include "step.h"

namespace cpp {
namespace {

TEST(Signal, EndsTheOperationThatIsBoundToIt) {
    naio::signal signal;
    ASSERT_TRUE(signal);
    Step step;
    naio::aio aio;
    signal.bind(aio);
    EXPECT_FALSE(signal.emit());  // nothing has been started
    aio.start(step);
    EXPECT_TRUE(signal.emit());
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
}

TEST(Signal, DoesNotReachWhatStartsAfterIt) {
    naio::signal signal;
    Step step;
    naio::aio aio;
    signal.bind(aio);
    signal.emit();
    aio.start(step);
    EXPECT_TRUE(step.finish());
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(Signal, PassesOnlyTheTypesThatTheFilterLetsThrough) {
    naio::signal signal;
    Step step;
    naio::aio aio;
    signal.bind(aio, naio::cancel::total);
    aio.start(step);
    EXPECT_FALSE(signal.emit(naio::cancel::terminal));
    EXPECT_TRUE(step.pending());
    EXPECT_TRUE(signal.emit(naio::cancel::total | naio::cancel::terminal));
    aio.wait();
    EXPECT_EQ(aio.result().outcome, naio::cancel::total);
}

TEST(Signal, KeepsItsTargetsWhenItMoves) {
    naio::signal from;
    Step step;
    naio::aio aio;
    from.bind(aio);
    aio.start(step);
    naio::signal to(std::move(from));
    EXPECT_FALSE(from);
    EXPECT_TRUE(to.emit());
    aio.wait();
}

TEST(Signal, LeavesWhatIsBoundAloneWhenItIsDestroyed) {
    Step step;
    naio::aio aio;
    {
        naio::signal signal;
        signal.bind(aio);
        aio.start(step);
    }
    EXPECT_TRUE(step.finish());
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(Scope, EndsAllOperationsThatAreBoundToIt) {
    naio::scope scope;
    Step steps[2];
    naio::aio aios[2];
    for (int i = 0; i < 2; ++i) {
        scope.bind(aios[i]);
        aios[i].start(steps[i]);
    }
    EXPECT_TRUE(scope.emit());
    for (naio::aio& aio : aios) {
        aio.wait();
        EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    }
}

TEST(Scope, RefusesWhatStartsAfterIt) {
    naio::scope scope;
    EXPECT_TRUE(scope.emit());
    Step step;
    naio::aio aio;
    scope.bind(aio);
    aio.start(step);
    aio.wait();
    EXPECT_EQ(aio.result(), (naio::result{NNG_ECANCELED, 0, naio::cancel::total}));
    EXPECT_EQ(step.starts(), 0);
}

}  // namespace
}  // namespace cpp
