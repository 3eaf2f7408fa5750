// Tests coroutines that end by themselves. task_cancel_test.cpp tests coroutines that are requested to end.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <naio/naio.hpp>
#include <thread>
#include <utility>

#include "bounded_queue.h"
#include "finished.h"
#include "step.h"

namespace cpp {
namespace {

using naio::result;
using naio::task;

static_assert(naio::operation<task<result>> && naio::operation<task<nng_err>> && naio::operation<task<void>>);
static_assert(!naio::operation<task<int>>);
static_assert(!std::is_copy_constructible_v<task<int>> && std::is_nothrow_move_constructible_v<task<int>>);

// ---- start and end

task<void> note(int& progress, Step& step) {
    progress = 1;
    co_await step;
    progress = 2;
}

TEST(Task, DoesNotRunUntilItIsStarted) {
    int progress = 0;
    Step step;
    { const task<void> dropped = note(progress, step); }
    EXPECT_EQ(progress, 0);
}

TEST(Task, RunsUpToItsFirstAwaitInTheCallThatStartsIt) {
    int progress = 0;
    Step step;
    naio::aio aio;
    aio.start(note(progress, step));
    EXPECT_EQ(progress, 1);
    EXPECT_TRUE(step.pending());
    step.finish();
    aio.wait();
    EXPECT_EQ(progress, 2);
}

task<void> record_threads(std::thread::id& before, std::thread::id& after) {
    before = std::this_thread::get_id();
    co_await finished();
    after = std::this_thread::get_id();
}

TEST(Task, GoesOnOnAThreadOfTheLibrary) {
    std::thread::id before;
    std::thread::id after;
    EXPECT_TRUE(naio::run(record_threads(before, after)));
    EXPECT_EQ(before, std::this_thread::get_id());
    EXPECT_NE(after, std::this_thread::get_id());
}

task<result> returns_result() { co_return {NNG_EPROTO, 5}; }
task<nng_err> returns_error() { co_return NNG_ECLOSED; }
task<void> returns_nothing() { co_return; }

TEST(Task, EndsItsOperationWithWhatItReturns) {
    EXPECT_EQ(naio::run(returns_result()), (result{NNG_EPROTO, 5}));
    EXPECT_EQ(naio::run(returns_error()), result{NNG_ECLOSED});
    EXPECT_EQ(naio::run(returns_nothing()), result{});
}

TEST(Task, CanBeStartedAsAnLvalueOnce) {
    task<result> once = returns_result();
    EXPECT_TRUE(once.valid());
    EXPECT_EQ(naio::run(once).err, NNG_EPROTO);
    EXPECT_FALSE(once.valid());
    EXPECT_EQ(naio::run(once).err, NNG_ESTATE);
}

TEST(Task, IsReplacedByAssignment) {
    int progress = 0;
    Step step;
    task<void> one = returns_nothing();
    one = note(progress, step);
    task<void>& same = one;
    one = std::move(same);
    EXPECT_TRUE(one.valid());
    naio::aio aio;
    aio.start(one);
    EXPECT_EQ(progress, 1);
}

struct Marker {
    explicit Marker(bool& flag) : gone(&flag) {}
    Marker(Marker&& other) noexcept : gone(std::exchange(other.gone, nullptr)) {}
    ~Marker() {
        if (gone != nullptr) *gone = true;
    }
    bool* gone;
};

task<void> holds(Marker /*parameter*/) { co_await finished(); }

TEST(Task, HasGivenUpItsParametersWhenTheCallbackRuns) {
    bool gone = false;
    bool gone_before = false;
    naio::aio aio([&](nng_aio*) { gone_before = gone; });
    aio.start(holds(Marker(gone)));
    aio.wait();
    EXPECT_TRUE(gone_before);
}

// ---- awaiting operations

task<result> awaits(Step& step) { co_return co_await step; }

TEST(Task, GetsTheResultAndCountOfWhatItAwaits) {
    Step step;
    naio::aio aio;
    aio.start(awaits(step));
    step.finish(NNG_ECONNRESET, 17);
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_ECONNRESET, 17}));
}

task<result> awaits_in_all_ways(Step& step) {
    if (const auto r = co_await finished(NNG_OK, 1); r.count != 1) co_return {NNG_EINTERNAL, 1};
    auto named = finished(NNG_OK, 2);
    if (const auto r = co_await named; r.count != 2) co_return {NNG_EINTERNAL, 2};
    if (const auto r = co_await std::move(named); r.count != 2) co_return {NNG_EINTERNAL, 3};
    co_return co_await std::ref(step);
}

TEST(Task, AwaitsTemporariesLvaluesAndReferences) {
    Step step;
    naio::aio aio;
    aio.start(awaits_in_all_ways(step));
    ASSERT_TRUE(step.started());
    step.finish(NNG_OK, 4);
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 4}));
}

// Moves an item from the first queue to the second.
task<nng_err> forward(bounded_queue* from, bounded_queue* to) {
    nng_aio* const child = (co_await naio::this_op).child();
    const auto got = co_await naio::async(bounded_queue_get, from);
    if (!got) co_return got.err;
    nng_aio_set_input(child, 0, nng_aio_get_output(child, 0));
    co_return (co_await naio::async(bounded_queue_put, to)).err;
}

TEST(Task, FindsInputsAndOutputsOfWhatItAwaitsOnTheChild) {
    bounded_queue* queues[2] = {};
    for (bounded_queue*& queue : queues) ASSERT_EQ(bounded_queue_alloc(&queue, 1), NNG_OK);
    int item = 0;
    naio::aio aio;
    naio::aio pump;
    pump.start(forward(queues[0], queues[1]));
    nng_aio_set_input(aio.get(), 0, &item);
    aio.start(naio::async(bounded_queue_put, queues[0]));
    aio.wait();
    aio.start(naio::async(bounded_queue_get, queues[1]));
    aio.wait();
    EXPECT_EQ(nng_aio_get_output(aio.get(), 0), &item);
    pump.wait();
    EXPECT_TRUE(pump.result());
    for (bounded_queue* queue : queues) bounded_queue_free(queue);
}

task<nng_err> gives_its_aio(nng_aio*& found) {
    found = (co_await naio::this_op).aio();
    co_return NNG_OK;
}

TEST(Task, KnowsTheAioThatItWasStartedOn) {
    nng_aio* found = nullptr;
    naio::aio aio;
    aio.start(gives_its_aio(found));
    aio.wait();
    EXPECT_EQ(found, aio.get());
}

// ---- awaiting tasks

task<std::unique_ptr<int>> makes(int value) {
    co_await finished();
    co_return std::make_unique<int>(value);
}

task<int> adds(int a, int b) {
    const auto first = co_await makes(a);
    auto pending = makes(b);
    const auto second = co_await std::move(pending);
    co_return *first + *second;
}

task<result> sums() {
    const int sum = co_await adds(1, 2) + co_await adds(3, 4);
    co_return {NNG_OK, static_cast<std::size_t>(sum)};
}

TEST(Task, PassesValuesOnThatCanOnlyBeMoved) { EXPECT_EQ(naio::run(sums()).count, 10u); }

task<void> sets(int& value) {
    co_await finished();
    value = 1;
}

task<nng_err> awaits_nothing(int& value) {
    co_await sets(value);
    co_return value == 1 ? NNG_OK : NNG_EINTERNAL;
}

TEST(Task, AwaitsATaskThatReturnsNothing) {
    int value = 0;
    EXPECT_TRUE(naio::run(awaits_nothing(value)));
}

task<nng_err> awaits_by_reference() {
    task<result> inner = returns_result();
    co_return (co_await std::ref(inner)).err;
}

TEST(Task, AwaitsATaskByReferenceAsAnOperationOfItsOwn) { EXPECT_EQ(naio::run(awaits_by_reference()).err, NNG_EPROTO); }

task<nng_err> awaits_twice() {
    task<result> inner = returns_result();
    co_await std::move(inner);
    co_return (co_await std::move(inner)).err;
}

TEST(Task, ReportsAStateErrorWhenItIsAwaitedTwice) { EXPECT_EQ(naio::run(awaits_twice()).err, NNG_ESTATE); }

task<nng_aio*> child_of_inner() { co_return (co_await naio::this_op).child(); }

task<nng_err> compares_children() {
    nng_aio* const child = (co_await naio::this_op).child();
    co_return child == co_await child_of_inner() ? NNG_OK : NNG_EINTERNAL;
}

TEST(Task, IsPartOfTheOperationOfTheOneThatAwaitsIt) { EXPECT_TRUE(naio::run(compares_children())); }

}  // namespace
}  // namespace cpp
