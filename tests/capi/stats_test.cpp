// Tests naio_stats: each test does something a known number of times, and reads the counts before and after it.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using support::Event;
using support::Handle;
using Stats = struct ::naio_statistics;

Stats stats() {
    Stats now{};
    now.size = sizeof(now);
    naio_stats(&now);
    EXPECT_EQ(now.size, sizeof(now));
    return now;
}

std::uint64_t expired(const Stats& all) {
    return std::accumulate(std::begin(all.lateness), std::end(all.lateness), std::uint64_t{0});
}

// Reads the counts until `holds` returns true for them. Returns false if `holds` has not returned true within
// kPatience.
template <class Holds>
bool eventually(Holds holds) {
    const auto latest = std::chrono::steady_clock::now() + support::kPatience;
    bool held = false;
    while (!(held = holds(stats())) && std::chrono::steady_clock::now() < latest) std::this_thread::yield();
    return held;
}

void finish_with(nng_aio* aio, nng_err result) {
    ASSERT_TRUE(nng_aio_start(aio, nullptr, nullptr));
    nng_aio_finish(aio, result);
}

class StatsTest : public testing::Test {
  protected:
    StatsTest() {
        support::bring_library_down();
        const nng_init_params params = support::two_workers();
        EXPECT_EQ(nng_init(&params), NNG_OK);
    }
    ~StatsTest() override { support::bring_library_down(); }
};

// Sleeps `each` times on each of the handles, and waits for all of these sleeps.
void sleep_on(const std::vector<std::unique_ptr<Handle>>& handles, int each) {
    for (int i = 0; i < each; ++i) {
        for (const auto& handle : handles) nng_sleep_aio(1, *handle);
        for (const auto& handle : handles) EXPECT_EQ(handle->wait(), NNG_OK);
    }
}

std::vector<std::unique_ptr<Handle>> make_handles(std::size_t count) {
    std::vector<std::unique_ptr<Handle>> handles(count);
    for (auto& each : handles) each = std::make_unique<Handle>();
    return handles;
}

TEST_F(StatsTest, CountACallbackAndALatenessForEachSleep) {
    const Stats before = stats();
    sleep_on(make_handles(250), 4);
    const Stats after = stats();
    EXPECT_EQ(after.callbacks - before.callbacks, 1000u);
    EXPECT_EQ(after.succeeded - before.succeeded, 1000u);
    EXPECT_EQ(expired(after) - expired(before), 1000u);
}

TEST_F(StatsTest, CountWhatSeveralThreadsDoWhileAnotherOneReads) {
    constexpr unsigned kThreads = 4;
    std::atomic<bool> over{false};
    const Stats before = stats();
    std::thread reader([&] {
        Stats last = before;
        while (!over) {
            const Stats next = stats();
            EXPECT_GE(next.callbacks, last.callbacks);
            EXPECT_GE(next.handles_made, last.handles_made);
            EXPECT_GE(next.poller_turns, last.poller_turns);
            last = next;
        }
    });
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i)
        threads.emplace_back([] {
            const auto handles = make_handles(10);
            sleep_on(handles, 5);
            for (int round = 0; round < 20; ++round) {
                for (const auto& handle : handles) finish_with(*handle, NNG_ETIMEDOUT);
                for (const auto& handle : handles) EXPECT_EQ(handle->wait(), NNG_ETIMEDOUT);
            }
        });
    for (std::thread& each : threads) each.join();
    over = true;
    reader.join();
    const Stats after = stats();
    EXPECT_EQ(after.succeeded - before.succeeded, kThreads * 50);
    EXPECT_EQ(after.timed_out - before.timed_out, kThreads * 200);
    EXPECT_EQ(after.callbacks - before.callbacks, kThreads * 250);
    EXPECT_EQ(after.handles_made - before.handles_made, kThreads * 10);
    EXPECT_EQ(after.handles, before.handles);
}

TEST_F(StatsTest, TellResultsApart) {
    struct Outcome {
        nng_err result;
        std::uint64_t Stats::*count;
    };
    constexpr std::array kOutcomes{
        Outcome{NNG_OK, &Stats::succeeded},        Outcome{NNG_ETIMEDOUT, &Stats::timed_out},
        Outcome{NNG_ECANCELED, &Stats::cancelled}, Outcome{NNG_ESTOPPED, &Stats::stopped},
        Outcome{NNG_ECLOSED, &Stats::stopped},     Outcome{NNG_ENOMEM, &Stats::failed},
    };
    const Handle handle;
    for (const Outcome& each : kOutcomes) {
        const Stats before = stats();
        finish_with(handle, each.result);
        EXPECT_EQ(handle.wait(), each.result);
        const Stats after = stats();
        EXPECT_EQ(after.*each.count - before.*each.count, 1u) << nng_strerror(each.result);
        EXPECT_EQ(after.callbacks - before.callbacks, 1u) << nng_strerror(each.result);
    }
}

TEST_F(StatsTest, CountTheResultThatTheCallbackWasCalledWith) {
    int left = 3;
    const Handle handle([&](nng_aio* aio) {
        if (--left != 0) finish_with(aio, left == 2 ? NNG_ENOMEM : NNG_OK);
    });
    const Stats before = stats();
    finish_with(handle, NNG_ECANCELED);
    nng_aio_wait(handle);
    const Stats after = stats();
    EXPECT_EQ(after.cancelled - before.cancelled, 1u);
    EXPECT_EQ(after.failed - before.failed, 1u);
    EXPECT_EQ(after.succeeded - before.succeeded, 1u);
}

TEST_F(StatsTest, LeaveOutOperationsWithoutACallback) {
    nng_aio* silent = nullptr;
    ASSERT_EQ(nng_aio_alloc(&silent, nullptr, nullptr), NNG_OK);
    const Stats before = stats();
    finish_with(silent, NNG_OK);
    nng_aio_wait(silent);
    EXPECT_EQ(stats().callbacks, before.callbacks);
    nng_aio_free(silent);
}

TEST_F(StatsTest, CountHandles) {
    const Stats before = stats();
    auto handles = make_handles(100);
    const Stats with = stats();
    EXPECT_EQ(with.handles - before.handles, 100u);
    handles.clear();
    const Stats after = stats();
    EXPECT_EQ(after.handles, before.handles);
    EXPECT_EQ(after.handles_made - before.handles_made, 100u);
}

TEST_F(StatsTest, CountTheCallbacksThatWaitInAQueueButNotThoseThatTheProgramRuns) {
    naio_queue* queue = nullptr;
    const Stats before = stats();
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    {
        const Handle first, second;
        for (nng_aio* const aio : {static_cast<nng_aio*>(first), static_cast<nng_aio*>(second)}) {
            naio_aio_set_queue(aio, queue);
            finish_with(aio, NNG_OK);
        }
        const Stats full = stats();
        EXPECT_EQ(full.queues - before.queues, 1u);
        EXPECT_EQ(full.queued_callbacks - before.queued_callbacks, 2u);
        EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_ZERO), 2u);
    }
    EXPECT_EQ(stats().queued_callbacks, before.queued_callbacks);
    naio_queue_free(queue);
    EXPECT_EQ(stats().queues, before.queues);
    EXPECT_EQ(stats().callbacks, before.callbacks);
}

TEST_F(StatsTest, CountTheCompletionsThatWaitForAWorker) {
    constexpr unsigned kWaiting = 5;
    Event inside, leave;
    const auto block = [&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(leave.wait());
    };
    {
        // Three callbacks run: two on the two workers, and one on a thread of the timer, because no further worker can
        // be started.
        std::vector<std::unique_ptr<Handle>> handles(3 + kWaiting);
        for (auto& each : handles) {
            each = std::make_unique<Handle>(block);
            finish_with(*each, NNG_OK);
        }
        EXPECT_TRUE(inside.wait(3));
        EXPECT_TRUE(eventually([&](const Stats& now) { return now.tasks_waiting >= kWaiting; }));
        leave.set();
    }
    EXPECT_EQ(stats().tasks_waiting, 0u);
}

TEST_F(StatsTest, CountWorkersAndThoseThatWaitInTheLibrary) {
    const Stats before = stats();
    EXPECT_EQ(before.workers, 2u);
    EXPECT_EQ(before.workers_blocked, 0u);
    const Handle awaited;
    ASSERT_TRUE(nng_aio_start(awaited, nullptr, nullptr));
    const Handle waiting([&](nng_aio*) { nng_aio_wait(awaited); });
    finish_with(waiting, NNG_OK);
    EXPECT_TRUE(eventually([](const Stats& now) { return now.workers_blocked == 1; }));
    nng_aio_finish(awaited, NNG_OK);
    EXPECT_EQ(waiting.wait(), NNG_OK);
    EXPECT_EQ(stats().workers_blocked, 0u);
}

TEST_F(StatsTest, CountACallbackThatIsOverItsBudget) {
    const Stats before = stats();
    const auto counted = [&](const Stats& now) { return now.over_budget != before.over_budget; };
    // If the timer's second thread has not started yet, a worker runs the callback, and a callback on a worker is never
    // over budget. So the test tries again.
    for (int i = 0; i < 1000 && !counted(stats()); ++i) {
        const Handle handle([&](nng_aio*) {
            const auto latest = std::chrono::steady_clock::now() + support::kWatch;
            while (!counted(stats()) && std::chrono::steady_clock::now() < latest) std::this_thread::yield();
        });
        nng_sleep_aio(1, handle);
        EXPECT_EQ(handle.wait(), NNG_OK);
    }
    EXPECT_EQ(stats().over_budget - before.over_budget, 1u);
}

TEST_F(StatsTest, CountTimerEntries) {
    const Handle handle;
    const Stats before = stats();
    nng_sleep_aio(3'600'000, handle);
    EXPECT_EQ(stats().timer_entries - before.timer_entries, 1u);
    nng_aio_cancel(handle);
    EXPECT_EQ(handle.wait(), NNG_ECANCELED);
    EXPECT_EQ(expired(stats()), expired(before));
}

TEST_F(StatsTest, CountAPollersTurnsItsTimeAndTheCallsThatItLeavesOut) {
    const Stats before = stats();
    {
        const support::StreamPair pair;
        const support::OneByte sending;
        std::array<char, 64> room{};
        Event received;
        const Handle receiving([&](nng_aio* aio) {
            if (nng_aio_result(aio) != NNG_OK) return;
            received.set();
            nng_stream_recv(pair.near(), aio);
        });
        receiving.use(room.data(), room.size());
        nng_stream_recv(pair.near(), receiving);
        // If the poller's second thread has not started yet, a worker runs the callback, and no call is left out. So
        // the test tries again.
        for (int i = 1; i <= 10'000 && stats().calls_avoided == before.calls_avoided; ++i) {
            nng_stream_send(pair.far(), sending);
            EXPECT_EQ(sending.wait(), NNG_OK);
            ASSERT_TRUE(received.wait(i));
        }
        nng_aio_stop(receiving);
        EXPECT_GT(stats().poller_busy, before.poller_busy);
    }
    const Stats after = stats();
    EXPECT_GT(after.poller_turns, before.poller_turns);
    EXPECT_GT(after.calls_avoided, before.calls_avoided);
}

TEST(Stats, SurviveTheThreadsThatHaveCounted) {
    support::bring_library_down();
    Stats before = stats();
    EXPECT_EQ(before.workers, 0u);
    for (int life = 0; life < 3; ++life) {
        const nng_init_params params = support::two_workers();
        ASSERT_EQ(nng_init(&params), NNG_OK);
        {
            const support::StreamPair pair;  // starts a poller
            const Handle handle;
            for (int i = 0; i < 10; ++i) {
                finish_with(handle, NNG_OK);
                EXPECT_EQ(handle.wait(), NNG_OK);
                nng_sleep_aio(1, handle);
                EXPECT_EQ(handle.wait(), NNG_OK);
            }
        }
        const Stats during = stats();
        nng_fini();
        const Stats after = stats();
        EXPECT_EQ(after.workers, 0u);
        EXPECT_EQ(after.workers_started - before.workers_started, 2u);
        EXPECT_GE(after.succeeded - before.succeeded, 20u);
        EXPECT_EQ(after.callbacks, during.callbacks);
        EXPECT_GE(after.poller_turns, during.poller_turns);
        EXPECT_GE(after.poller_busy, during.poller_busy);
        EXPECT_EQ(expired(after) - expired(before), 10u);
        EXPECT_EQ(after.handles, before.handles);
        before = after;
    }
}

TEST(Stats, OfAnOlderProgramEndWhereItsStructEnds) {
    struct Old {
        std::size_t size;
        std::uint64_t handles;
        std::uint64_t handles_made;
    };
    struct {
        Old old;
        std::uint64_t behind;
    } program{{sizeof(Old), 77, 77}, 77};
    naio_stats(reinterpret_cast<Stats*>(&program.old));
    EXPECT_EQ(program.old.size, sizeof(Old));
    EXPECT_EQ(program.old.handles, stats().handles);
    EXPECT_EQ(program.old.handles_made, stats().handles_made);
    EXPECT_EQ(program.behind, 77u);
}

TEST(Stats, OfANewerProgramSayHowFarTheyReach) {
    struct {
        Stats known;
        std::uint64_t later;
    } program{};
    program.known.size = sizeof(program);
    program.later = 77;
    naio_stats(&program.known);
    EXPECT_EQ(program.known.size, sizeof(Stats));
    EXPECT_EQ(program.known.handles_made, stats().handles_made);
    EXPECT_EQ(program.later, 77u);
}

TEST(Stats, OfNoSizeAreNotWritten) {
    Stats none{};
    none.handles_made = 77;
    naio_stats(&none);
    EXPECT_EQ(none.size, 0u);
    EXPECT_EQ(none.handles_made, 77u);
}

}  // namespace
}  // namespace naio
