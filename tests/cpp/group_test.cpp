// Tests naio::when_all, when_any and the operators that combine operations.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <functional>
#include <mutex>
#include <naio/naio.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "finished.h"
#include "step.h"
#include "support/ledger.h"

namespace cpp {
namespace {

using namespace support;

using naio::cancel;
using naio::result;
using naio::task;
using namespace std::chrono_literals;

// True if && makes an operation of its operands. If not, && would convert them to bool, and start neither.
template <class A, class B>
concept has_and = requires(A a, B b) {
    { std::move(a) && std::move(b) } -> naio::operation;
};
struct Foreign {
    void start(nng_aio* aio) { nng_aio_finish(aio, NNG_OK); }
};
static_assert(has_and<naio::sleep_op, Foreign> && has_and<Foreign, naio::sleep_op>);
static_assert(has_and<task<void>, std::reference_wrapper<Step>>);
static_assert(!has_and<Foreign, Foreign> && !has_and<bool, bool> && !has_and<naio::sleep_op, bool>);
static_assert(!has_and<result, result> && !has_and<naio::sleep_op, result>);

TEST(WhenAll, WaitsForAllWhateverTheirResults) {
    Step steps[2];
    auto both = naio::when_all(std::ref(steps[0]), std::ref(steps[1]));
    naio::aio aio;
    aio.start(both);
    steps[1].finish(NNG_ECLOSED, 3);
    EXPECT_FALSE(aio.wait_for(1ms));
    steps[0].finish(NNG_OK, 4);
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 1}));
    EXPECT_EQ(both.member(0), (result{NNG_OK, 4}));
    EXPECT_EQ(both.member(1), (result{NNG_ECLOSED, 3}));
    EXPECT_EQ(both.order(0), 1u);
    EXPECT_EQ(both.order(1), 0u);
    EXPECT_EQ(both.order(2), UINT_MAX);
}

TEST(WhenAny, AsksTheOthersToEndWhenTheFirstIsOver) {
    Step steps[3];
    auto first = naio::when_any(std::ref(steps[0]), std::ref(steps[1]), std::ref(steps[2]));
    naio::aio aio;
    aio.start(first);
    steps[1].finish(NNG_OK, 9);
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 1}));
    EXPECT_EQ(first.order(0), 1u);
    EXPECT_EQ(first.member(0), (result{NNG_ECANCELED, 0, cancel::total}));
    EXPECT_EQ(first.member(1), (result{NNG_OK, 9}));
    EXPECT_EQ(first.member(2).err, NNG_ECANCELED);
}

TEST(And, SucceedsWhenBothDo) { EXPECT_EQ(naio::run(finished() && naio::sleep_for(1ms)), (result{NNG_OK, 2})); }

TEST(And, EndsTheOtherOperationWithTheFirstError) {
    Step steps[2];
    auto both = naio::with_timeout(std::ref(steps[0]), 1h) && std::ref(steps[1]);
    naio::aio aio;
    aio.start(both);
    steps[0].finish(NNG_EPROTO);
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_EPROTO);
    EXPECT_EQ(both.member(1).err, NNG_ECANCELED);
}

TEST(Or, EndsTheOtherOperationWithTheFirstEnd) {
    Step step;
    auto race = std::ref(step) || naio::sleep_for(1ms);
    naio::aio aio;
    aio.start(race);
    aio.wait();
    EXPECT_TRUE(aio.result());
    EXPECT_EQ(race.order(0), 1u);
    EXPECT_EQ(race.member(0).err, NNG_ECANCELED);
}

TEST(Or, EndsWithAnErrorThatIsFirst) {
    Step step;
    auto race = std::ref(step) || naio::sleep_forever();
    naio::aio aio;
    aio.start(race);
    step.finish(NNG_EPROTO);
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 0}));
    EXPECT_EQ(race.order(0), 0u);
    EXPECT_EQ(race.member(0).err, NNG_EPROTO);
    EXPECT_EQ(race.member(1).err, NNG_ECANCELED);
}

TEST(Group, WaitsForTheFirstSuccessIfItsRuleSaysSo) {
    Step steps[2];
    auto race = naio::group({.need = 1, .success = true}, std::ref(steps[0]), std::ref(steps[1]));
    naio::aio aio;
    aio.start(race);
    steps[0].finish(NNG_EPROTO);
    EXPECT_FALSE(aio.wait_for(1ms));
    steps[1].finish();
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 1}));
}

TEST(Group, AsksForTheTypesInItsRule) {
    Step first;
    Step total(cancel::total);
    Step terminal(cancel::terminal);
    auto race = naio::group({.need = 1, .success = true, .ask = cancel::total}, std::ref(first), std::ref(total),
                            std::ref(terminal));
    naio::aio aio;
    aio.start(race);
    first.finish();
    EXPECT_FALSE(aio.wait_for(1ms));
    EXPECT_TRUE(terminal.finish());
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 2}));
    EXPECT_EQ(race.member(1), (result{NNG_ECANCELED, 0, cancel::total}));
}

TEST(Group, IsCancelledWithAllItsMembers) {
    Step steps[2];
    auto both = naio::when_all(std::ref(steps[0]), std::ref(steps[1]));
    naio::aio aio;
    aio.start(both);
    EXPECT_TRUE(aio.cancel());
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(both.member(i).err, NNG_ECANCELED);
}

TEST(Group, CanBeStartedAgain) {
    Step step;
    auto race = std::ref(step) || naio::sleep_forever();
    naio::aio aio;
    for (std::size_t round = 0; round < 3; ++round) {
        aio.start(race);
        step.finish(NNG_OK, round);
        aio.wait();
        EXPECT_EQ(race.member(0).count, round);
    }
}

TEST(Group, IsKeptByTheHandleThatItIsMovedInto) {
    Step step;
    naio::aio aio;
    aio.start(std::ref(step) && finished());
    step.finish();
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 2}));
}

TEST(Group, OfGroupsIsReadThroughItsMembers) {
    Step steps[3];
    auto nested = (std::ref(steps[0]) && std::ref(steps[1])) || std::ref(steps[2]);
    naio::aio aio;
    aio.start(nested);
    steps[0].finish(NNG_OK, 1);
    steps[1].finish(NNG_OK, 2);
    aio.wait();
    EXPECT_EQ(nested.order(0), 0u);
    EXPECT_EQ(nested.member(0), (result{NNG_OK, 2}));
    EXPECT_EQ(nested.get<0>().member(1), (result{NNG_OK, 2}));
    EXPECT_EQ(nested.member(1).err, NNG_ECANCELED);
}

TEST(Group, OfGroupsIsCancelledToTheInnermost) {
    Step steps[4];
    auto nested = (std::ref(steps[0]) && std::ref(steps[1])) && (std::ref(steps[2]) || std::ref(steps[3]));
    naio::aio aio;
    aio.start(nested);
    EXPECT_TRUE(aio.cancel(cancel::total));
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    for (const Step& step : steps) EXPECT_FALSE(step.pending());
}

TEST(Group, WithATimeoutEndsWithAllItsMembers) {
    Step steps[2];
    auto both = naio::when_all(std::ref(steps[0]), std::ref(steps[1]));
    EXPECT_EQ(naio::run(naio::with_timeout(std::ref(both), 50ms)).err, NNG_ETIMEDOUT);
    EXPECT_EQ(both.member(0).err, NNG_ETIMEDOUT);
}

TEST(Group, ThatIsRefusedStartsNoMember) {
    Step step;
    auto both = std::ref(step) && finished();
    naio::aio aio;
    aio.stop();
    aio.start(both);
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ESTOPPED);
    EXPECT_EQ(both.member(0).err, NNG_ESTATE);
    EXPECT_EQ(both.order(0), UINT_MAX);
    EXPECT_EQ(step.starts(), 0);
}

// ---- groups and coroutines

task<result> awaits(Step& step) { co_return co_await step; }

task<result> races(Step& one, Step& two) {
    auto race = awaits(one) || awaits(two);
    if (const result r = co_await std::ref(race); !r) co_return r;
    co_return race.member(race.order(0));
}

TEST(Group, OfTasksCanBeAwaitedAndReadAfterwards) {
    Step steps[2];
    naio::aio aio;
    aio.start(races(steps[0], steps[1]));
    steps[1].finish(NNG_OK, 5);
    aio.wait();
    EXPECT_EQ(aio.result(), (result{NNG_OK, 5}));
    EXPECT_FALSE(steps[0].pending());
}

task<result> groups_within(Step& one, Step& two) {
    const result both = co_await naio::when_all(races(one, two), naio::sleep_for(1ms));
    co_return both;
}

TEST(Group, InATaskInAGroupInATaskIsCancelledToTheInnermost) {
    Step steps[2];
    naio::aio aio;
    aio.start(groups_within(steps[0], steps[1]));
    EXPECT_TRUE(aio.cancel(cancel::terminal));
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ECANCELED);
    for (const Step& step : steps) EXPECT_FALSE(step.pending());
}

task<nng_err> is_refused() {
    const auto self = co_await naio::this_op;
    naio_aio_cancel(self.aio(), NAIO_CANCEL_TERMINAL, NNG_ECANCELED);
    co_return (co_await (finished() && naio::sleep_forever())).err;
}

// The coroutine goes on and destroys the group, perhaps before the call that has started the group returns.
TEST(Group, MayBeDestroyedAsSoonAsItIsRefused) {
    for (int round = 0; round < 1000; ++round) EXPECT_EQ(naio::run(is_refused()).err, NNG_ECANCELED);
}

task<result> completes_at_once() {
    for (int round = 0; round < 1000; ++round) {
        const result both = co_await (finished() && finished());
        if (both != result{NNG_OK, 2}) co_return both;
        if (const result r = co_await (finished() || naio::sleep_forever()); !r) co_return r;
    }
    co_return result{};
}

TEST(Group, MayBeDestroyedAsSoonAsItHasCompleted) { EXPECT_TRUE(naio::run(completes_at_once())); }

// ---- on a completion queue

class GroupOnAQueue : public testing::Test {
  protected:
    GroupOnAQueue() {
        EXPECT_EQ(naio_queue_alloc(&queue_), NNG_OK);
        naio_aio_set_queue(aio_.get(), queue_);
    }
    ~GroupOnAQueue() override {
        aio_.wait();
        naio_aio_set_queue(aio_.get(), nullptr);
        naio_queue_free(queue_);
    }

    // Notes the thread that runs the task before and after each of two sleeps, and the thread that destroys the task.
    task<result> notes_threads() {
        const struct Local {
            GroupOnAQueue& test;
            ~Local() { test.note(); }
        } local{*this};
        for (int i = 0; i < 2; ++i) {
            note();
            if (const result r = co_await naio::sleep_for(1ms); !r) co_return r;
        }
        note();
        co_return result{};
    }
    task<result> notes_threads_of_both() {
        const result r = co_await (notes_threads() && (notes_threads() || naio::sleep_forever()));
        note();
        co_return r;
    }
    void note() {
        const std::lock_guard<std::mutex> lock(mutex_);
        threads_.push_back(std::this_thread::get_id());
    }

    naio_queue* queue_ = nullptr;
    naio::aio aio_;
    std::mutex mutex_;
    std::vector<std::thread::id> threads_;
};

TEST_F(GroupOnAQueue, RunsBothSidesOnItsThread) {
    aio_.start(notes_threads_of_both());
    aio_.wait();  // runs the queue
    EXPECT_TRUE(aio_.result());
    EXPECT_EQ(threads_, std::vector<std::thread::id>(9, std::this_thread::get_id()));
}

TEST_F(GroupOnAQueue, LeavesAMemberOnItsOwn) {
    naio_queue* own = nullptr;
    ASSERT_EQ(naio_queue_alloc(&own), NNG_OK);
    auto both = naio::when_all(notes_threads(), naio::sleep_for(1ms));
    {
        naio::aio first;
        first.stop();
        first.start(both);  // this start is refused, but allocates the members
        first.wait();
    }
    naio_aio_set_queue(both.member_aio(0), own);
    aio_.start(both);
    std::thread runner([&] {
        while (nng_aio_busy(both.member_aio(0))) naio_queue_run(own, 1);
    });
    aio_.wait();
    runner.join();
    const std::thread::id here = std::this_thread::get_id();
    EXPECT_EQ(threads_.front(), here);  // this thread has started the group
    EXPECT_EQ(std::count(threads_.begin(), threads_.end(), here), 1);
    naio_aio_set_queue(both.member_aio(0), nullptr);
    naio_queue_free(own);
}

TEST_F(GroupOnAQueue, LeavesNoMemberThereWhenItIsStartedOnAnotherHandle) {
    auto both = naio::when_all(naio::sleep_for(1ms), naio::async([this](nng_aio* aio) { notes_threads().start(aio); }));
    aio_.start(both);
    aio_.wait();
    EXPECT_EQ(threads_, std::vector<std::thread::id>(4, std::this_thread::get_id()));
    naio::aio elsewhere;
    elsewhere.start(both);
    elsewhere.wait();  // no thread runs the queue
    EXPECT_TRUE(elsewhere.result());
}

class GroupMemory : public support::Allocation {};

TEST_F(GroupMemory, MissingEndsItWithNomem) {
    using support::Ledger;
    {
        const nng_init_params params = Ledger::params();
        const Restarted library(params);
        naio::aio aio;
        bool succeeded = false;
        for (long n = 1; !succeeded && n < 100; ++n) {
            auto both = finished() && finished();
            Ledger::fail_from(n);
            aio.start(both);
            Ledger::fail_from(Ledger::kNever);
            aio.wait();
            succeeded = static_cast<bool>(aio.result());
            if (!succeeded) {
                EXPECT_EQ(aio.result().err, NNG_ENOMEM) << n;
            }
        }
        EXPECT_TRUE(succeeded);
    }
    Ledger::expect_balance();
}

}  // namespace
}  // namespace cpp
