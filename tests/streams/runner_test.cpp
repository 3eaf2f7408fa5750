// Tests threads that run a completion queue. While the queue has no callback to run, such a thread makes the system
// calls of its receives itself (src/exec/runner_polls.h), so these tests end its sleep in every way.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <climits>
#include <deque>
#include <thread>

#include "stream_test.h"
#include "support/few_descriptors.h"
#include "support/scale.h"

namespace streams {
namespace {

constexpr Outcome kOne{NNG_OK, 1};
constexpr nng_duration kPatience = 10000;

// A receive of some bytes whose callback runs in a queue.
class QueuedRecv : public Transfer {
  public:
    explicit QueuedRecv(naio_queue* queue, std::size_t n = 1, support::Handle::Callback callback = {})
        : Transfer(n, std::move(callback)) {
        naio_aio_set_queue(*this, queue);
    }
};

class Runner : public StreamTest {
  protected:
    // Makes this thread the runner of the queue, which it runs.
    Runner() {
        EXPECT_EQ(naio_queue_alloc(&queue_), NNG_OK);
        EXPECT_EQ(naio_queue_run(queue_, 0), 0u);
    }
    ~Runner() override { naio_queue_free(queue_); }

    // Runs the queue until the transfer's callback has returned.
    void run_until_over(Transfer& transfer) {
        const nng_time end = nng_clock() + kPatience;
        while (transfer.busy() && nng_clock() < end) naio_queue_run(queue_, 1000);
    }
    // Calls `act` on another thread a moment after this thread has begun to run the queue. Returns the outcome of the
    // receive.
    template <class Act>
    Outcome recv_while(QueuedRecv& recv, Act act) {
        recv.recv(near);
        std::thread acting([&] {
            nng_msleep(5);
            act();
        });
        run_until_over(recv);
        acting.join();
        return recv.wait();
    }
    void send_one() { send_all(far, {1}); }

    static std::uint64_t poller_turns() {
        naio_statistics stats{};
        stats.size = sizeof(stats);
        naio_stats(&stats);
        return stats.poller_turns;
    }

    naio_queue* queue_ = nullptr;
};

TEST_P(Runner, ReceivesWithoutThePollers) {
#if !defined(__linux__) || defined(NAIO_PORTABLE_LOOP)
    GTEST_SKIP() << "the pollers' threads receive here";
#endif
    constexpr int kMessages = 200;
    int left = kMessages;
    Transfer send(Bytes{1});
    naio_aio_set_queue(send, queue_);
    const auto next = [&](nng_aio* aio) {
        if (--left == 0) return;
        nng_stream_recv(near, aio);
        nng_stream_send(far, send);
    };
    support::Handle recv(next);
    char byte = 0;
    recv.use(&byte, 1);
    naio_aio_set_queue(recv, queue_);
    const std::uint64_t before = poller_turns();
    nng_stream_recv(near, recv);
    nng_stream_send(far, send);
    while (left != 0 && naio_queue_run(queue_, kPatience) != 0) {
    }
    EXPECT_EQ(left, 0);
    EXPECT_LT(poller_turns() - before, unsigned{kMessages});  // a poller would need one turn for each message at least
    nng_aio_wait(recv);
    nng_aio_wait(send);
}

TEST_P(Runner, BytesEndTheSleep) {
    QueuedRecv recv(queue_, 4);
    EXPECT_EQ(recv_while(recv, [&] { send_all(far, {1, 2, 3}); }), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2, 3}));
}

TEST_P(Runner, ACallbackEndsTheSleep) {
    QueuedRecv recv(queue_);
    support::Handle sleep;
    naio_aio_set_queue(sleep, queue_);
    recv.recv(near);
    nng_sleep_aio(5, sleep);
    const nng_time end = nng_clock() + kPatience;
    EXPECT_EQ(naio_queue_run(queue_, kPatience), 1u);
    EXPECT_LT(nng_clock(), end);
    EXPECT_EQ(sleep.callbacks(), 1);
    send_one();
    run_until_over(recv);
    EXPECT_EQ(recv.wait(), kOne);
}

TEST_P(Runner, ATimeoutOfTheRunEndsTheSleep) {
    QueuedRecv recv(queue_);
    recv.recv(near);
    const nng_time begin = nng_clock();
    EXPECT_EQ(naio_queue_run(queue_, 20), 0u);
    EXPECT_GE(nng_clock() - begin, 19u);
    send_one();
    run_until_over(recv);
    EXPECT_EQ(recv.wait(), kOne);
}

TEST_P(Runner, ACancelEndsTheSleep) {
    QueuedRecv recv(queue_);
    EXPECT_EQ(recv_while(recv, [&] { nng_aio_cancel(recv); }), kCancelled);
    expect_to_work();
}

TEST_P(Runner, ATimeoutEndsTheSleep) {
    QueuedRecv recv(queue_);
    for (const nng_duration timeout : {30, 2}) {
        recv.within(timeout).recv(near);
        run_until_over(recv);
        EXPECT_EQ(recv.wait(), kTimedOut);
    }
    expect_to_work();
}

TEST_P(Runner, ACloseEndsTheSleep) {
    QueuedRecv recv(queue_);
    EXPECT_EQ(recv_while(recv, [this] { nng_stream_close(near); }), kClosed);
}

TEST_P(Runner, AStopOfTheStreamEndsTheSleep) {
    QueuedRecv recv(queue_);
    EXPECT_EQ(recv_while(recv, [this] { nng_stream_stop(near); }), kClosed);
}

// A group of a receive from a stream and a long sleep. Its callback runs in a queue.
class QueuedGroup {
  public:
    QueuedGroup(naio_queue* queue, unsigned need) : need_(need) {
        naio_aio_set_queue(outer, queue);
        EXPECT_EQ(naio_group_alloc(&group_, 2), NNG_OK);
    }
    ~QueuedGroup() { naio_group_free(group_); }
    QueuedGroup(const QueuedGroup&) = delete;
    QueuedGroup& operator=(const QueuedGroup&) = delete;

    void start(nng_stream* stream) {
        outer.submit([&](nng_aio* aio) { EXPECT_EQ(naio_group_start(group_, aio, need_, 0, NAIO_CANCEL_ALL), true); });
        const nng_iov iov{&byte_, 1};
        EXPECT_EQ(nng_aio_set_iov(recv(), 1, &iov), NNG_OK);
        nng_stream_recv(stream, recv());
        nng_sleep_aio(kPatience * 10, naio_group_aio(group_, 1));
        naio_group_seal(group_);
    }
    nng_aio* recv() { return naio_group_aio(group_, 0); }
    // Returns the member that was over `place`th; UINT_MAX if there is none yet.
    unsigned order(unsigned place) { return naio_group_order(group_, place); }

    Transfer outer;

  private:
    const unsigned need_;
    naio_group* group_ = nullptr;
    char byte_ = 0;
};

// No callback of the queue ends the sleep here: the descriptor is closed nevertheless.
TEST_P(Runner, AStopOfAMembersStreamEndsTheSleep) {
    QueuedGroup group(queue_, 2);
    group.start(near);
    std::thread stopping([&] {
        nng_msleep(5);
        nng_stream_stop(near);
        nng_aio_cancel(group.outer);
    });
    run_until_over(group.outer);
    stopping.join();
    EXPECT_EQ(nng_aio_result(group.recv()), NNG_ECLOSED);
    nng_aio_wait(group.outer);
}

TEST_P(Runner, AFreeOfTheStreamEndsTheSleep) {
    QueuedRecv recv(queue_);
    EXPECT_EQ(recv_while(recv, [this] { free_near(); }), kClosed);
}

TEST_P(Runner, ThePeersEndEndsTheSleep) {
    QueuedRecv recv(queue_);
    EXPECT_EQ(recv_while(recv, [this] { free_far(); }), kShut);
}

TEST_P(Runner, AWholeTransferGoesOnDuringTheSleep) {
    const Bytes sent = Pattern(3).next(300000);
    QueuedRecv recv(queue_, sent.size());
    recv.submit([&](nng_aio* aio) { naio_stream_recv_all(near, aio, NAIO_CANCEL_TOTAL); });
    std::thread sender([&] { send_all(far, sent); });
    run_until_over(recv);
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, sent.size()}));
    sender.join();
    EXPECT_TRUE(recv.bytes() == sent);
}

// The poller performs the receive, because the group has to go on: its other member is asked to end.
TEST_P(Runner, AReceiveGoesOnWhileTheQueueIsNotRun) {
    QueuedGroup group(queue_, 1);
    for (int i = 0; i < 3; ++i) {
        group.start(near);
        if (i == 0) {  // later, a poller may watch at once, because the receive before was not performed by the runner
            EXPECT_EQ(naio_queue_run(queue_, 10), 0u);
        }
        std::thread([this] { send_one(); }).join();  // this thread would run the queue while it waits for the send
        const nng_time end = nng_clock() + kPatience;
        // In a sleep of the library, this thread would leave its receives to the pollers.
        while (group.order(1) == UINT_MAX && nng_clock() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        EXPECT_EQ(group.order(0), 0u);
        run_until_over(group.outer);
        EXPECT_EQ(group.outer.wait(), kOne);
    }
}

TEST_P(Runner, TheQueuesDescriptorTellsOfAReceive) {
    QueuedRecv recv(queue_);
    recv.recv(near);
    pollfd readable{naio_queue_fd(queue_), POLLIN, 0};
    for (int i = 0; i < 2; ++i) {
        std::thread([this] { send_one(); }).join();  // this thread would run the queue while it waits for the send
        EXPECT_EQ(poll(&readable, 1, kPatience), 1);
        EXPECT_EQ(naio_queue_run(queue_, 0), 1u);
        EXPECT_EQ(recv.wait(), kOne);
        if (i == 0) recv.recv(near);
    }
}

TEST_P(Runner, AWaitRunsTheCallbackOfAReceive) {
    Transfer other;
    QueuedRecv recv(queue_, 1, [&](nng_aio*) { nng_aio_cancel(other); });
    recv.recv(near);
    other.submit([](nng_aio* aio) { nng_sleep_aio(kPatience * 10, aio); });
    std::thread sender([this] {
        nng_msleep(5);
        send_one();
    });
    nng_aio_wait(other);  // runs the queue
    EXPECT_EQ(other.wait(), kCancelled);
    sender.join();
    EXPECT_EQ(recv.wait(), kOne);
}

TEST_P(Runner, ACallbackInAWaitStartsAReceive) {
    Transfer other;
    QueuedRecv recv(queue_, 1, [&](nng_aio*) { nng_aio_cancel(other); });
    support::Handle first([&](nng_aio*) { recv.recv(near); });
    naio_aio_set_queue(first, queue_);
    nng_sleep_aio(2, first);
    other.submit([](nng_aio* aio) { nng_sleep_aio(kPatience * 10, aio); });
    std::thread sender([&] {
        EXPECT_TRUE(first.called_back());
        send_one();
    });
    nng_aio_wait(other);  // runs the queue
    EXPECT_EQ(other.wait(), kCancelled);
    sender.join();
    EXPECT_EQ(recv.wait(), kOne);
}

TEST_P(Runner, AReceiveStartsOnAnotherThreadDuringTheSleep) {
    QueuedRecv first(queue_), second(queue_);
    first.recv(far);  // nothing comes for this one before its cancel
    std::thread starting([&] {
        nng_msleep(5);
        second.recv(near);
        send_one();
    });
    run_until_over(second);
    starting.join();
    while (second.handle().callbacks() == 0) naio_queue_run(queue_, 1000);
    EXPECT_EQ(second.wait(), kOne);
    nng_aio_cancel(first);
    run_until_over(first);
    EXPECT_EQ(first.wait(), kCancelled);
}

TEST_P(Runner, AnotherThreadTakesTheQueueOver) {
    QueuedRecv recv(queue_);
    recv.recv(near);
    std::thread other([&] {
        nng_msleep(5);
        EXPECT_EQ(naio_queue_run(queue_, kPatience), 1u);
    });
    EXPECT_EQ(naio_queue_run(queue_, 20), 0u);  // leaves the sleep to the other thread
    send_one();
    other.join();
    EXPECT_EQ(recv.wait(), kOne);
}

TEST_P(Runner, AThreadEndsWhileAReceiveWaits) {
    QueuedRecv recv(queue_);
    std::thread([&] {
        EXPECT_EQ(naio_queue_run(queue_, 0), 0u);
        recv.recv(near);
    }).join();
    send_one();
    nng_aio_wait(recv);  // adopts the queue
    EXPECT_EQ(recv.wait(), kOne);
}

// The queue has callbacks all the time, so the runner never sleeps.
TEST_P(Runner, AReceiveEndsWhileCallbacksRunAllTheTime) {
    QueuedRecv recv(queue_);
    support::Handle busy([](nng_aio* aio) { nng_sleep_aio(0, aio); });
    naio_aio_set_queue(busy, queue_);
    nng_sleep_aio(0, busy);
    recv.recv(near);
    send_one();
    run_until_over(recv);
    EXPECT_EQ(recv.wait(), kOne);
    nng_aio_stop(busy);
}

TEST_P(Runner, MoreReceivesThanTheRunnerPolls) {
    constexpr std::size_t kPairs = 20;
    std::deque<Pair> pairs;
    std::deque<QueuedRecv> recvs;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < kPairs; ++i) {
            if (round == 0) {
                pairs.push_back(service.pair());
                recvs.emplace_back(queue_);
            }
            recvs[i].recv(pairs[i].near);
        }
        for (Pair& each : pairs) send_all(each.far, {1});
        for (QueuedRecv& each : recvs) {
            run_until_over(each);
            EXPECT_EQ(each.wait(), kOne);
        }
    }
}

TEST_P(Runner, SleepsWhenTheSystemHasNoMoreDescriptors) {
    if (support::kShare == 2) GTEST_SKIP() << "the sanitizer needs descriptors itself";
    QueuedRecv recv(queue_);
    const support::FewDescriptors none(0);
    EXPECT_EQ(recv_while(recv, [this] { send_one(); }), kOne);
}

// A post has queued the handle of the receive, and other callbacks are queued behind it, when the receive ends. None of
// them is lost.
TEST_P(Runner, AReceiveEndsWhileItsHandleIsQueuedForAPost) {
    for (const bool closes : {false, true}) {
        QueuedRecv recv(queue_);
        support::Handle second, third;
        for (support::Handle* each : {&second, &third}) naio_aio_set_queue(*each, queue_);
        EXPECT_TRUE(naio_aio_post(recv));
        std::thread([&] { recv.recv(near); }).join();  // a poller receives
        for (support::Handle* each : {&second, &third}) EXPECT_TRUE(naio_aio_post(*each));
        if (closes)
            nng_stream_close(near);
        else
            std::thread([this] { send_one(); }).join();
        nng_msleep(20);
        run_until_over(recv);
        EXPECT_EQ(recv.wait(), closes ? kClosed : kOne);
        naio_queue_run(queue_, 0);
        EXPECT_EQ(second.callbacks(), 1);
        EXPECT_EQ(third.callbacks(), 1);
    }
}

// Bytes, a cancel, another runner and a close meet the sleep.
TEST_P(Runner, RaceWithEverythingThatEndsTheSleep) {
    for (unsigned i = 0; i < support::rounds(60); ++i) {
        Pair own = service.pair();
        QueuedRecv recv(queue_);
        Transfer send(Bytes{1});
        EXPECT_EQ(naio_queue_run(queue_, 0), 0u);
        recv.recv(own.near);
        std::vector<std::thread> acting;
        acting.emplace_back([&] { send.send(own.far); });
        acting.emplace_back([&] { nng_aio_cancel(recv); });
        acting.emplace_back([&] { naio_queue_run(queue_, 1); });
        acting.emplace_back([&] { own.near.reset(); });
        while (recv.busy()) naio_queue_run(queue_, 1);
        for (std::thread& each : acting) each.join();
        const nng_err result = recv.wait().result;
        EXPECT_TRUE(result == NNG_OK || result == NNG_ECANCELED || result == NNG_ECLOSED) << nng_strerror(result);
        static_cast<void>(send.wait());
    }
}

NAIO_OVER(all_schemes, Runner);

}  // namespace
}  // namespace streams
