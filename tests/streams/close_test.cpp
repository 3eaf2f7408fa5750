// Tests streams that are closed, stopped and freed, with and without operations that wait.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <thread>

#include "stream_test.h"

namespace streams {
namespace {

class Close : public StreamTest {
  protected:
    // Ends a stream on which receives and sends wait, and expects that each ends with NNG_ECLOSED.
    template <class End>
    void expect_pending_closed(End end) {
        Pattern sent;
        fill(sent);
        std::array<Transfer, 3> recvs{Transfer(1), Transfer(1), Transfer(1)};
        std::array<Transfer, 3> sends{Transfer(1), Transfer(1), Transfer(1)};
        for (Transfer& recv : recvs) recv.recv(near);
        for (Transfer& send : sends) send.send(near);
        end();
        for (Transfer& recv : recvs) EXPECT_EQ(recv.wait(), kClosed);
        for (Transfer& send : sends) EXPECT_EQ(send.wait(), kClosed);
    }
};

TEST_P(Close, EndsARecvThatWaits) {
    Transfer recv(1);
    recv.recv(near);
    nng_stream_close(near);
    EXPECT_EQ(recv.wait(), kClosed);
}

TEST_P(Close, EndsASendThatWaits) {
    Pattern sent;
    fill(sent);
    Transfer send(1);
    send.send(near);
    nng_stream_close(near);
    EXPECT_EQ(send.wait(), kClosed);
}

TEST_P(Close, EndsAllThatWait) {
    expect_pending_closed([&] { nng_stream_close(near); });
}
TEST_P(Close, ByStopEndsAllThatWait) {
    expect_pending_closed([&] { nng_stream_stop(near); });
}
TEST_P(Close, ByFreeEndsAllThatWait) {
    expect_pending_closed([&] { free_near(); });
}
TEST_P(Close, ThenStopThenFreeEndsAllThatWaitOnce) {
    expect_pending_closed([&] {
        nng_stream_close(near);
        nng_stream_stop(near);
        free_near();
    });
}

TEST_P(Close, IsSeenByThePeerAsTheEnd) {
    Transfer recv(10);
    recv.recv(far);
    nng_stream_close(near);
    EXPECT_EQ(recv.wait(), kShut);
    EXPECT_EQ(recv.recv(far).wait(), kShut);
    EXPECT_EQ(recv.within(0).recv(far).wait(), kShut);
}

TEST_P(Close, LetsThePeerReadWhatWasSentBefore) {
    const Bytes bytes = Pattern().next(10'000);
    send_all(near, bytes);
    nng_stream_close(near);
    EXPECT_EQ(recv_all(far, bytes.size()), bytes);
    Transfer recv(1);
    EXPECT_EQ(recv.recv(far).wait(), kShut);
}

TEST_P(Close, ByFreeLetsThePeerReadWhatWasSentBefore) {
    Pattern sent;
    fill(sent);
    free_near();
    Pattern received;
    drain(received, sent);
    Transfer recv(1);
    EXPECT_EQ(recv.recv(far).wait(), kShut);
}

TEST_P(Close, RefusesWhatComesLater) {
    nng_stream_close(near);
    Transfer transfer(1);
    EXPECT_EQ(transfer.recv(near).wait(), kClosed);
    EXPECT_EQ(transfer.send(near).wait(), kClosed);
    transfer.within(0);
    EXPECT_EQ(transfer.recv(near).wait(), kClosed);
    EXPECT_EQ(transfer.send(near).wait(), kClosed);
    Transfer nothing(0);
    EXPECT_EQ(nothing.recv(near).wait(), kClosed);
    EXPECT_EQ(nothing.send(near).wait(), kClosed);
}

TEST_P(Close, ByStopRefusesWhatComesLater) {
    nng_stream_stop(near);
    Transfer transfer(1);
    EXPECT_EQ(transfer.recv(near).wait(), kClosed);
    EXPECT_EQ(transfer.send(near).wait(), kClosed);
}

TEST_P(Close, RefusesEvenWhatIsThereToBeRead) {
    send_all(far, {1, 2, 3});
    nng_stream_close(near);
    Transfer recv(3);
    EXPECT_EQ(recv.recv(near).wait(), kClosed);
}

TEST_P(Close, AStoppedHandleSaysThatItIsStopped) {
    nng_stream_close(near);
    Transfer recv(1);
    nng_aio_stop(recv);
    EXPECT_EQ(recv.recv(near).wait(), kStopped);
}

TEST_P(Close, AgainAndAgainIsFine) {
    for (int i = 0; i < 3; ++i) {
        nng_stream_close(near);
        nng_stream_stop(near);
    }
}

TEST_P(Close, OfNothingIsFine) {
    nng_stream_close(nullptr);
    nng_stream_stop(nullptr);
    nng_stream_free(nullptr);
    nng_stream_dialer_close(nullptr);
    nng_stream_dialer_stop(nullptr);
    nng_stream_dialer_free(nullptr);
    nng_stream_listener_close(nullptr);
    nng_stream_listener_stop(nullptr);
    nng_stream_listener_free(nullptr);
}

TEST_P(Close, InTheCallbackOfItsOwnRecv) {
    support::Event closed;
    Transfer recv(1, [&](nng_aio*) {
        nng_stream_close(near);
        closed.set();
    });
    Transfer second(1);
    recv.recv(near);
    second.recv(near);
    send_all(far, {1});
    ASSERT_TRUE(closed.wait());
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(second.wait(), kClosed);
}

TEST_P(Close, ByFreeInTheCallbackOfItsOwnRecv) {
    support::Event freed;
    Transfer recv(1, [&](nng_aio*) {
        free_near();
        freed.set();
    });
    recv.recv(near);
    send_all(far, {1});
    ASSERT_TRUE(freed.wait());
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
    Transfer end(1);
    EXPECT_EQ(end.recv(far).wait(), kShut);
}

TEST_P(Close, ByFreeInTheCallbackOfARecvThatStopEnds) {
    Transfer recv(1, [&](nng_aio*) { free_near(); });
    recv.recv(near);
    nng_stream_stop(near);
    EXPECT_EQ(recv.wait(), kClosed);
}

TEST_P(Close, ByStopInTheCallbackOfItsOwnRecv) {
    for (int i = 0; i < 20; ++i) {
        Pair own = service.pair();
        support::Event stopped;
        Transfer recv(1, [&](nng_aio*) {
            nng_stream_stop(own.near);
            stopped.set();
        });
        recv.recv(own.near);
        send_all(own.far, {1});
        ASSERT_TRUE(stopped.wait());
        EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
    }
}

TEST_P(Close, WhileACancelIsUnderWay) {
    for (int i = 0; i < 50; ++i) {
        Pair own = service.pair();
        Transfer recv(1);
        recv.recv(own.near);
        std::thread canceller([&] { nng_aio_cancel(recv); });
        own.near.reset();
        canceller.join();
        const Outcome outcome = recv.wait();
        EXPECT_TRUE(outcome == kCancelled || outcome == kClosed) << outcome;
    }
}

TEST_P(Close, WhileBytesCome) {
    for (int i = 0; i < 50; ++i) {
        Pair own = service.pair();
        Transfer recv(1);
        recv.recv(own.near);
        Transfer send(Bytes{1});
        std::thread sender([&] { send.send(own.far); });
        own.near.reset();
        sender.join();
        const Outcome outcome = recv.wait();
        EXPECT_TRUE(outcome == (Outcome{NNG_OK, 1}) || outcome == kClosed) << outcome;
        send.wait();  // the peer may have been gone already
    }
}

TEST_P(Close, OfBothSidesAtOnce) {
    for (int i = 0; i < 20; ++i) {
        Pair own = service.pair();
        Transfer one(1);
        Transfer two(1);
        one.recv(own.near);
        two.recv(own.far);
        std::thread other([&] { own.far.reset(); });
        own.near.reset();
        other.join();
        for (Transfer* recv : {&one, &two}) {
            const Outcome outcome = recv->wait();
            EXPECT_TRUE(outcome == kShut || outcome == kClosed) << outcome;
        }
    }
}

TEST_P(Close, LeavesOtherStreamsAlone) {
    const Pair other = service.pair();
    Transfer recv(1);
    recv.recv(other.far);
    free_near();
    free_far();
    send_all(other.near, {1});
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
    expect_to_work(other.near, other.far);
}

NAIO_OVER(all_schemes, Close);

}  // namespace
}  // namespace streams
