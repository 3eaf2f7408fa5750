// Tests naio::operation and the sleeps that are made of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <naio/naio.hpp>
#include <thread>
#include <vector>

#include "finished.h"
#include "step.h"
#include "support/event.h"

namespace cpp {
namespace {

using namespace support;

using namespace std::chrono_literals;

static_assert(naio::operation<naio::sleep_op> && naio::operation<std::reference_wrapper<naio::sleep_op>>);
static_assert(naio::operation<const std::reference_wrapper<Step>&>);
static_assert(!naio::operation<nng_aio*> && !naio::operation<int> && !naio::operation<naio::result>);
static_assert(naio::transient_operation<naio::sleep_op> && !naio::transient_operation<Step&>);
static_assert(naio::transient_operation<std::reference_wrapper<Step>>);

TEST(Async, MakesAnOperationOfACall) { EXPECT_EQ(naio::run(finished(NNG_ECLOSED, 3)), (naio::result{NNG_ECLOSED, 3})); }

TEST(Async, CanBeStartedAgainFromTheSameObject) {
    int calls = 0;
    auto operation = naio::async([&, text = std::make_shared<int>(1)](nng_aio* aio) {
        calls += *text;
        nng_aio_finish(aio, NNG_OK);
    });
    EXPECT_TRUE(naio::run(operation));
    EXPECT_TRUE(naio::run(operation));
    EXPECT_EQ(calls, 2);
}

TEST(Async, HandsItsArgumentsToTheFunctionBeforeTheAio) {
    EXPECT_TRUE(naio::run(naio::async(nng_sleep_aio, 1)));
    const auto adds = [](int a, const std::unique_ptr<int>& b, int& c, nng_aio* aio) {
        c = a + *b;
        naio_aio_finish(aio, NNG_OK, 5);
    };
    int sum = 0;
    EXPECT_EQ(naio::run(naio::async(adds, 1, std::make_unique<int>(2), std::ref(sum))), (naio::result{NNG_OK, 5}));
    EXPECT_EQ(sum, 3);
}

struct Device {
    nng_err state = NNG_OK;
    void read(nng_aio* aio) const { nng_aio_finish(aio, state); }
};

TEST(Async, CallsAMemberFunctionOfItsFirstArgument) {
    Device device{NNG_ECLOSED};
    EXPECT_EQ(naio::run(naio::async(&Device::read, &device)).err, NNG_ECLOSED);
    EXPECT_EQ(naio::run(naio::async(&Device::read, std::ref(device))).err, NNG_ECLOSED);
}

using Shared = std::shared_ptr<int>;

void is_held(Shared& value, long& fewest, nng_aio* aio) {
    fewest = std::min(fewest, value.use_count());
    nng_aio_finish(aio, NNG_OK);
}

naio::task<void> awaits_with_arguments(Shared value, long& fewest) {
    co_await naio::async(is_held, value, std::ref(fewest));
    co_await (naio::async(is_held, value, std::ref(fewest)) && naio::sleep_for(0s));
    co_await naio::with_timeout(naio::async(is_held, Shared(value), std::ref(fewest)), 1h);
    auto named = naio::async([value](nng_aio* aio) { nng_aio_finish(aio, NNG_OK); });
    co_await named;
}

// Waits until the value has `uses` owners. Returns false if this takes too long. The wait is needed because the call
// that starts an operation may return after the operation is over, and gives up what it holds only when it returns.
bool comes_to(const Shared& value, long uses) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (value.use_count() != uses && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return value.use_count() == uses;
}

TEST(Async, GivesBackWhatItsArgumentsHoldOnceEach) {
    const std::vector<Shared> held(10, std::make_shared<int>(42));  // ten, so that a double release destroys nothing
    long fewest = 100;
    EXPECT_TRUE(naio::run(awaits_with_arguments(held[0], fewest)));
    EXPECT_EQ(fewest, 12);  // the ten of `held`, the task's parameter, and the operation's argument
    EXPECT_TRUE(comes_to(held[0], 10));
}

struct Aggregate {
    Shared value;
    void start(nng_aio* aio) const { nng_aio_finish(aio, NNG_OK); }
};
// An object like a lambda with a capture.
struct Capturing {
    Shared value;
    void operator()(nng_aio* /*aio*/) const {}
};
template <class Op>
constexpr bool is_destroyed_twice = naio::detail::destroyed_twice<Op>::value;

static_assert(is_destroyed_twice<naio::async_op<Capturing>>);
static_assert(is_destroyed_twice<naio::timeout_op<naio::async_op<Capturing>>>);
static_assert(is_destroyed_twice<naio::group_op<naio::sleep_op, Aggregate>>);
static_assert(is_destroyed_twice<Aggregate>);
static_assert(!is_destroyed_twice<decltype(finished())>);
static_assert(!is_destroyed_twice<naio::async_op<void (*)(Shared&, nng_aio*), Shared>>);
static_assert(!is_destroyed_twice<naio::group_op<naio::sleep_op, std::reference_wrapper<Aggregate>>>);
static_assert(!is_destroyed_twice<naio::task<void>> && !is_destroyed_twice<Step>);

// The call finishes its operation long before it returns. The coroutine that awaits the operation goes on and ends
// before the call returns.
TEST(Async, KeepsWhatTheCallHasCapturedUntilItHasReturned) {
    Event frame_is_gone;
    Event call_is_over;
    bool intact = false;
    struct Mark {
        Event& gone;
        ~Mark() { gone.set(); }
    };
    auto coroutine = [](Event& gone, Event& over, bool& intact_there) -> naio::task<void> {
        const Mark mark{gone};
        const auto outlasts = [&gone, &over, &intact_there](std::shared_ptr<int>& value, nng_aio* aio) {
            nng_aio_finish(aio, NNG_OK);
            intact_there = gone.wait() && *value == 42 && value.use_count() == 1;
            over.set();
        };
        co_await naio::async(outlasts, std::make_shared<int>(42));
    };
    naio::aio aio;
    aio.start(coroutine(frame_is_gone, call_is_over, intact));
    EXPECT_TRUE(call_is_over.wait());
    aio.wait();
    EXPECT_TRUE(intact);
}

TEST(SleepFor, EndsWithoutAnErrorAndAtOnceIfThereIsNoTimeToSleep) {
    EXPECT_TRUE(naio::run(naio::sleep_for(1ms)));
    EXPECT_TRUE(naio::run(naio::sleep_for(0s)));
    EXPECT_TRUE(naio::run(naio::sleep_for(-5s)));
}

TEST(SleepForever, EndsWhenItIsCancelledAsIfItHadNeverBegun) {
    naio::aio aio;
    aio.start(naio::sleep_forever());
    EXPECT_TRUE(aio.cancel(naio::cancel::total));
    aio.wait();
    EXPECT_EQ(aio.result(), (naio::result{NNG_ECANCELED, 0, naio::cancel::total}));
}

TEST(Durations, AreRoundedUpToMillisecondsAndKeptInRange) {
    EXPECT_EQ(naio::detail::milliseconds(1ns), 1);
    EXPECT_EQ(naio::detail::milliseconds(2ms), 2);
    EXPECT_EQ(naio::detail::milliseconds(2001us), 3);
    EXPECT_EQ(naio::detail::milliseconds(0.5s), 500);
    EXPECT_EQ(naio::detail::milliseconds(std::chrono::duration<double>(0.0001)), 1);
    EXPECT_EQ(naio::detail::milliseconds(-1h), 0);
    EXPECT_EQ(naio::detail::milliseconds(std::chrono::hours::max()), INT32_MAX);
    EXPECT_EQ(naio::detail::milliseconds(std::chrono::nanoseconds::min()), 0);
}

TEST(WithTimeout, EndsWhatTakesLonger) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(naio::run(naio::with_timeout(naio::sleep_forever(), 5ms)).err, NNG_ETIMEDOUT);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 5ms);
}

TEST(WithTimeout, LeavesWhatTakesLessAlone) {
    EXPECT_EQ(naio::run(naio::with_timeout(finished(NNG_OK, 1), 1h)), (naio::result{NNG_OK, 1}));
    EXPECT_TRUE(naio::run(naio::with_timeout(naio::sleep_for(1ms), 1h)));
}

TEST(WithTimeout, OfZeroPolls) {
    Step step;
    EXPECT_EQ(naio::run(naio::with_timeout(std::ref(step), 0s)).err, NNG_ETIMEDOUT);
    EXPECT_EQ(step.starts(), 0);
    EXPECT_TRUE(naio::run(naio::with_timeout(finished(NNG_OK), 0s)));
}

TEST(WithTimeout, HoldsForOneOperationAlone) {
    naio::aio aio;
    aio.start(naio::with_timeout(naio::sleep_forever(), 1ms));
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
    aio.start(naio::sleep_for(5ms));
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(WithTimeout, HoldsForOneOperationAloneAlsoIfThatNeverStarts) {
    naio::aio aio;
    aio.start(naio::with_timeout(finished(NNG_OK), 0s));
    aio.wait();
    Step step;
    aio.start(step);
    EXPECT_TRUE(step.finish());
    aio.wait();
    EXPECT_TRUE(aio.result());
}

// Expects the operation to time out by itself long before an hour is over.
void expect_to_time_out(naio::aio& aio) {
    EXPECT_TRUE(aio.wait_for(1min));
    aio.cancel();
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ETIMEDOUT);
}

TEST(WithTimeout, NestedIsTheEarliestWhicheverThatIs) {
    naio::aio aio;
    aio.start(naio::with_timeout(naio::with_timeout(naio::sleep_forever(), 1h), 5ms));
    expect_to_time_out(aio);
    aio.start(naio::with_timeout(naio::with_timeout(naio::sleep_forever(), 5ms), 1h));
    expect_to_time_out(aio);
    aio.start(naio::with_timeout(naio::with_timeout(naio::with_timeout(naio::sleep_forever(), 1h), 5ms), 1h));
    expect_to_time_out(aio);
}

TEST(WithTimeout, IsNotLiftedByADeadlineOfTheOperationsOwn) {
    auto own_deadline = naio::async([](nng_aio* aio) {
        nng_aio_set_expire(aio, nng_clock() + 3'600'000);
        nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    });
    naio::aio aio;
    aio.start(naio::with_timeout(own_deadline, 5ms));
    expect_to_time_out(aio);
}

TEST(WithTimeout, OnlyShortensTheHandlesOwn) {
    naio::aio aio;
    aio.set_timeout(5ms);
    aio.start(naio::with_timeout(naio::sleep_forever(), 1h));
    expect_to_time_out(aio);
    aio.set_timeout(1h);
    aio.start(naio::with_timeout(naio::sleep_forever(), 5ms));
    expect_to_time_out(aio);
    aio.start(naio::sleep_for(10ms));  // again with the handle's own timeout alone
    aio.wait();
    EXPECT_TRUE(aio.result());
}

TEST(WithTimeout, AroundAGroupHoldsForItsMembersAndTheOtherWayRound) {
    naio::aio aio;
    aio.start(naio::with_timeout(naio::with_timeout(naio::sleep_forever(), 1h) && naio::sleep_forever(), 5ms));
    expect_to_time_out(aio);
    aio.start(naio::with_timeout(naio::with_timeout(naio::sleep_forever(), 5ms) && naio::sleep_forever(), 1h));
    expect_to_time_out(aio);
}

TEST(WithTimeout, GivesAccessToTheOperationInside) {
    Step step;
    auto operation = naio::with_timeout(std::ref(step), 1h);
    EXPECT_EQ(&operation.inner(), &step);
}

}  // namespace
}  // namespace cpp
