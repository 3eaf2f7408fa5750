// Tests threads that wait for operations on handles without a callback. Such a thread makes the system calls itself
// (src/aio/own_waits.h), so these tests end its wait in every way.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <string_view>
#include <thread>
#include <vector>

#include "silent.h"
#include "stream_test.h"
#include "support/few_descriptors.h"
#include "support/scale.h"

namespace streams {
namespace {

// Waits until the handle is idle, without a call that waits for the handle. False after some seconds.
bool becomes_idle(nng_aio* aio) {
    for (int i = 0; i < 10000 && nng_aio_busy(aio); ++i) nng_msleep(1);
    return !nng_aio_busy(aio);
}

constexpr Outcome kOne{NNG_OK, 1};

// Returns the processor time that the calling thread has used.
double processor_seconds() {
    timespec time{};
    EXPECT_EQ(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class Waiting : public StreamTest {
  protected:
    // Calls `act` a moment after this thread has begun to wait for a receive, and returns the receive's outcome.
    template <class Act>
    Outcome recv_while(const Silent& recv, Act act) {
        nng_stream_recv(near, recv);
        std::thread acting([&] {
            nng_msleep(5);
            act();
        });
        const Outcome outcome = recv.wait();
        acting.join();
        return outcome;
    }

    static std::uint64_t poller_turns() {
        naio_statistics stats{};
        stats.size = sizeof(stats);
        naio_stats(&stats);
        return stats.poller_turns;
    }
};

TEST_P(Waiting, ThreadsExchangeMessagesWithoutThePollers) {
#if !defined(__linux__) || defined(NAIO_PORTABLE_LOOP)
    GTEST_SKIP() << "the pollers' threads receive here";
#endif
    constexpr unsigned kMessages = 200;
    const std::uint64_t before = poller_turns();
    // Two threads of their own, because a thread that has run a queue leaves its receives to the pollers.
    std::thread answering([this] {
        const Silent recv, send;
        for (unsigned i = 0; i < kMessages; ++i) {
            EXPECT_EQ(recv.recv(far), kOne);
            EXPECT_EQ(send.send(far), kOne);
        }
    });
    std::thread asking([this] {
        const Silent recv, send;
        for (unsigned i = 0; i < kMessages; ++i) {
            EXPECT_EQ(send.send(near), kOne);
            EXPECT_EQ(recv.recv(near), kOne);
        }
    });
    asking.join();
    answering.join();
    EXPECT_LT(poller_turns() - before, kMessages);  // a poller would need one turn at least for each message
}

// A thread makes some attempts before it sleeps, but not for long.
TEST_P(Waiting, AThreadThatWaitsSleeps) {
    const Silent recv, send;
    for (int i = 0; i < 3; ++i) {
        const double before = processor_seconds();
        nng_stream_recv(near, recv);
        EXPECT_FALSE(naio_aio_wait_until(recv, nng_clock() + 50));
        EXPECT_LT(processor_seconds() - before, 0.02);
        EXPECT_EQ(send.send(far), kOne);
        EXPECT_EQ(recv.wait(), kOne);
    }
}

TEST_P(Waiting, BytesEndTheWait) {
    const Silent recv(4), send(Bytes{1, 2, 3});
    EXPECT_EQ(recv_while(recv, [&] { EXPECT_EQ(send.send(far), (Outcome{NNG_OK, 3})); }), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.bytes(), (Bytes{1, 2, 3, 0}));
}

TEST_P(Waiting, ACancelEndsTheWait) {
    const Silent recv;
    EXPECT_EQ(recv_while(recv, [&] { nng_aio_cancel(recv); }), kCancelled);
    expect_to_work();
}

TEST_P(Waiting, AStopEndsTheWait) {
    const Silent recv;
    EXPECT_EQ(recv_while(recv, [&] { nng_aio_stop(recv); }), kStopped);
}

TEST_P(Waiting, ATimeoutEndsTheWait) {
    const Silent recv;
    nng_aio_set_timeout(recv, 30);  // long enough that the receive waits without a poller at first
    EXPECT_EQ(recv.recv(near), kTimedOut);
    nng_aio_set_timeout(recv, 2);
    EXPECT_EQ(recv.recv(near), kTimedOut);
    expect_to_work();
}

TEST_P(Waiting, ACloseEndsTheWait) {
    const Silent recv;
    EXPECT_EQ(recv_while(recv, [this] { nng_stream_close(near); }), kClosed);
}

TEST_P(Waiting, AStopOfTheStreamEndsTheWait) {
    const Silent recv;
    EXPECT_EQ(recv_while(recv, [this] { nng_stream_stop(near); }), kClosed);
}

TEST_P(Waiting, AFreeOfTheStreamEndsTheWait) {
    const Silent recv;
    EXPECT_EQ(recv_while(recv, [this] { free_near(); }), kClosed);
}

TEST_P(Waiting, ThePeersEndEndsTheWait) {
    const Silent recv;
    EXPECT_EQ(recv_while(recv, [this] { free_far(); }), kShut);
}

TEST_P(Waiting, AWholeTransferGoesOnDuringTheWait) {
    const Bytes sent = Pattern(3).next(300000);
    const Silent recv(sent.size());
    naio_stream_recv_all(near, recv, NAIO_CANCEL_TOTAL);
    std::thread sender([&] { send_all(far, sent); });
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, sent.size()}));
    sender.join();
    EXPECT_TRUE(recv.bytes() == sent);
}

TEST_P(Waiting, AReceiveThatNoThreadWaitsForEnds) {
    const Silent recv, send;
    for (int i = 0; i < 3; ++i) {
        nng_stream_recv(near, recv);
        EXPECT_EQ(send.send(far), kOne);
        ASSERT_TRUE(becomes_idle(recv));
        EXPECT_EQ(nng_aio_result(recv), NNG_OK);
    }
}

TEST_P(Waiting, AWaitThatEndsEarlyLeavesTheReceiveToThePoller) {
    const Silent recv, send;
    nng_stream_recv(near, recv);
    EXPECT_FALSE(naio_aio_wait_until(recv, nng_clock() + 20));
    EXPECT_EQ(send.send(far), kOne);
    EXPECT_TRUE(becomes_idle(recv));
    EXPECT_TRUE(naio_aio_wait_until(recv, nng_clock()));
}

// The thread that waits for the first receive notices its end late, because a signal's handler runs on that thread.
TEST_P(Waiting, AThreadThatIsSlowToReturnDoesNotHoldUpALaterReceive) {
    static std::atomic<bool> handles{false}, returns{false};
    handles = returns = false;
    using Action = struct sigaction;
    Action action{}, before{};
    action.sa_handler = [](int) {
        handles = true;
        while (!returns) usleep(1000);
    };
    ASSERT_EQ(sigaction(SIGUSR2, &action, &before), 0);
    const Silent first, second, send;
    nng_stream_recv(near, first);
    std::thread waiting([&] { EXPECT_EQ(first.wait(), kCancelled); });
    nng_msleep(20);  // until that thread sleeps
    ASSERT_EQ(pthread_kill(waiting.native_handle(), SIGUSR2), 0);
    for (int i = 0; i < 10000 && !handles; ++i) nng_msleep(1);
    EXPECT_TRUE(handles);
    nng_aio_cancel(first);
    nng_stream_recv(near, second);
    nng_msleep(50);  // long enough for the timer to look at the second receive
    returns = true;
    waiting.join();
    EXPECT_EQ(send.send(far), kOne);
    EXPECT_TRUE(becomes_idle(second));
    EXPECT_EQ(sigaction(SIGUSR2, &before, nullptr), 0);
}

TEST_P(Waiting, AllThreadsThatWaitForAReceiveReturn) {
    const Silent recv, send;
    nng_stream_recv(near, recv);
    std::vector<std::thread> waiting;
    for (int i = 0; i < 3; ++i) waiting.emplace_back([&] { EXPECT_EQ(recv.wait(), kOne); });
    nng_msleep(5);
    EXPECT_EQ(send.send(far), kOne);
    for (std::thread& each : waiting) each.join();
}

TEST_P(Waiting, AReceiveWithACallbackComesAfterTheOneThatIsWaitedFor) {
    const Silent first;
    Transfer second(1, [&](nng_aio*) { EXPECT_FALSE(nng_aio_busy(first)); });
    const Silent send(Bytes{7, 8});
    EXPECT_EQ(recv_while(first,
                         [&] {
                             second.recv(near);
                             EXPECT_EQ(send.send(far), (Outcome{NNG_OK, 2}));
                         }),
              kOne);
    EXPECT_EQ(second.wait(), kOne);
    EXPECT_EQ(first.bytes(), Bytes{7});
    EXPECT_EQ(second.bytes(), Bytes{8});
}

TEST_P(Waiting, AThreadThatRunsAQueueIsNotHeldUp) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    EXPECT_EQ(naio_queue_run(queue, 0), 0u);
    support::Handle sleep;
    naio_aio_set_queue(sleep, queue);
    const Silent recv, send;
    nng_stream_recv(near, recv);
    nng_sleep_aio(5, sleep);
    std::thread sender([&] {
        while (sleep.callbacks() == 0) nng_msleep(1);  // this thread's wait runs the callback
        EXPECT_EQ(send.send(far), kOne);
    });
    EXPECT_EQ(recv.wait(), kOne);
    sender.join();
    nng_aio_wait(sleep);
    naio_queue_free(queue);
}

TEST_P(Waiting, AThreadWaitsWhenTheSystemHasNoMoreDescriptors) {
    if (support::kShare == 2) GTEST_SKIP() << "the sanitizer needs descriptors itself";
    const Silent recv, send;
    const support::FewDescriptors none(0);
    EXPECT_EQ(recv_while(recv, [&] { EXPECT_EQ(send.send(far), kOne); }), kOne);
}

// The logger that gets the report of a long wait runs on the thread that waits. The receive goes on meanwhile.
TEST_P(Waiting, TheLoggerMayWaitForTheReceiveWhoseLongWaitItReports) {
    static nng_stream* sender = nullptr;
    static nng_aio* awaited = nullptr;
    static std::atomic<int> ended{0};
    const Silent recv;
    sender = far;
    awaited = recv;
    ended = 0;
    naio_set_stall_report(20);
    nng_log_set_logger([](nng_log_level, nng_log_facility, const char* id, const char*) {
        if (std::string_view(id != nullptr ? id : "") != "NAIO-STALL" || ended != 0) return;
        EXPECT_EQ(Silent(Bytes{1}).send(sender), kOne);
        ended = naio_aio_wait_until(awaited, nng_clock() + 10000) ? 1 : -1;
    });
    // A thread of its own, because a thread that has run a queue leaves its receives to the pollers.
    std::thread([&] { EXPECT_EQ(recv.recv(near), kOne); }).join();
    nng_log_set_logger(nullptr);
    naio_set_stall_report(NNG_DURATION_INFINITE);
    EXPECT_EQ(ended, 1);
}

// Bytes, a cancel, another wait and a close meet a thread's wait.
TEST_P(Waiting, RaceWithEverythingThatEndsIt) {
    for (unsigned i = 0; i < support::rounds(100); ++i) {
        Pair own = service.pair();
        const Silent recv, send;
        nng_stream_recv(own.near, recv);
        std::vector<std::thread> acting;
        acting.emplace_back([&] { nng_stream_send(own.far, send); });
        acting.emplace_back([&] { nng_aio_cancel(recv); });
        acting.emplace_back([&] { static_cast<void>(naio_aio_wait_until(recv, nng_clock() + 1)); });
        acting.emplace_back([&] { own.near.reset(); });
        const nng_err result = recv.wait().result;
        EXPECT_TRUE(result == NNG_OK || result == NNG_ECANCELED || result == NNG_ECLOSED) << nng_strerror(result);
        for (std::thread& each : acting) each.join();
        static_cast<void>(send.wait());
    }
}

// As above, but all threads are there when the wait begins, so that they meet its attempts before the sleep.
TEST_P(Waiting, RaceWithTheAttemptsBeforeTheSleep) {
    for (unsigned i = 0; i < support::rounds(100); ++i) {
        Pair own = service.pair();
        const Silent recv, send;
        std::atomic<unsigned> there{0};
        std::vector<std::thread> acting;
        const auto act = [&](auto what) {
            acting.emplace_back([&there, what] {
                for (there.fetch_add(1); there.load() < 3;) std::this_thread::yield();
                what();
            });
        };
        act([&] { nng_stream_send(own.far, send); });
        i % 2 == 0 ? act([&] { nng_aio_cancel(recv); }) : act([&] { own.near.reset(); });
        nng_stream_recv(own.near, recv);
        for (there.fetch_add(1); there.load() < 3;) std::this_thread::yield();
        const nng_err result = recv.wait().result;
        EXPECT_TRUE(result == NNG_OK || result == NNG_ECANCELED || result == NNG_ECLOSED) << nng_strerror(result);
        for (std::thread& each : acting) each.join();
        static_cast<void>(send.wait());
    }
}

NAIO_OVER(all_schemes, Waiting);

}  // namespace
}  // namespace streams
