// Tests links between std::stop_token and the library's signals.
#include <gtest/gtest.h>

#include <naio/stop_token.hpp>
#include <optional>
#include <stop_token>
#include <thread>

#include "step.h"

namespace cpp {
namespace {

TEST(OnStop, HasARequestToStopEndTheOperationInFlight) {
    std::stop_source source;
    Step step;
    naio::aio aio;
    const auto link = naio::on_stop(source.get_token(), aio);
    aio.start(step);
    std::jthread([&] { source.request_stop(); }).join();
    aio.wait();
    EXPECT_EQ(aio.result(), (naio::result{NNG_ECANCELED, 0, naio::cancel::total}));
}

TEST(OnStop, AsksForTheTypesItWasGiven) {
    std::stop_source source;
    Step step(naio::cancel::terminal);
    naio::aio aio;
    aio.start(step);
    const auto link = naio::on_stop(source.get_token(), aio, naio::cancel::total);
    source.request_stop();
    EXPECT_TRUE(step.pending());
    step.finish();
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(OnStop, HasNoEffectOnceTheLinkIsGone) {
    std::stop_source source;
    Step step;
    naio::aio aio;
    aio.start(step);
    { const auto link = naio::on_stop(source.get_token(), aio); }
    source.request_stop();
    EXPECT_TRUE(step.finish());
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(OnStop, ThroughAScopeReachesWhatStartsLater) {
    std::stop_source source;
    naio::scope scope;
    const auto link = naio::on_stop(source.get_token(), scope);
    source.request_stop();
    Step step;
    naio::aio aio;
    scope.bind(aio);
    aio.start(step);
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
}

TEST(OnStop, ActsAtOnceIfTheStopWasRequestedBefore) {
    std::stop_source source;
    source.request_stop();
    Step step;
    naio::aio aio;
    aio.start(step);
    const auto link = naio::on_stop(source.get_token(), aio);
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
}

TEST(StopSourceOf, IsStoppedByTheSlotsSignal) {
    naio::signal signal;
    const naio::stop_source_of source(signal.slot());
    EXPECT_FALSE(source.get_token().stop_requested());
    EXPECT_TRUE(signal.emit(naio::cancel::partial));
    EXPECT_TRUE(source.get_token().stop_requested());
}

TEST(StopSourceOf, IsStoppedAtOnceByAScopeThatRemembers) {
    naio::scope scope;
    scope.emit();
    const naio::stop_source_of source(scope.slot());
    EXPECT_TRUE(source.get_token().stop_requested());
}

TEST(StopSourceOf, IsOutOfReachOnceItIsGone) {
    naio::signal signal;
    std::stop_token token;
    {
        const naio::stop_source_of source(signal.slot());
        token = source.get_token();
    }
    EXPECT_FALSE(signal.emit());
    EXPECT_FALSE(token.stop_requested());
}

TEST(StopSourceOf, MayBeDestroyedByItsOwnStopCallback) {
    naio::signal signal;
    std::optional<naio::stop_source_of> source(signal.slot());
    const std::stop_callback callback(source->get_token(), [&] { source.reset(); });
    EXPECT_TRUE(signal.emit());
    EXPECT_FALSE(source);
    EXPECT_FALSE(signal.emit());
}

}  // namespace
}  // namespace cpp
