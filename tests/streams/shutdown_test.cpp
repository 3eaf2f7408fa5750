// Tests naio_stream_shutdown, which ends a stream's output after all earlier sends, while receiving goes on.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <thread>

#include "stream_test.h"
#include "support/expect_abort.h"

namespace streams {
namespace {

using namespace support;

constexpr std::size_t kLarge = std::size_t{16} << 20;  // more than the system takes without a reader

class Shutdown : public StreamTest {
  protected:
    static Transfer& shut(Transfer& transfer, nng_stream* stream) {
        return transfer.submit([stream](nng_aio* aio) { naio_stream_shutdown(stream, aio); });
    }
    static Transfer& send_whole(Transfer& transfer, nng_stream* stream, naio_cancel accept = 0) {
        return transfer.submit([=](nng_aio* aio) { naio_stream_send_all(stream, aio, accept); });
    }
    static Outcome shut(nng_stream* stream) {
        Transfer transfer;
        return shut(transfer, stream).wait();
    }
    static Outcome recv(nng_stream* stream) {
        Transfer transfer(10);
        return transfer.recv(stream).wait();
    }
    static constexpr Outcome kDone{NNG_OK, 0};
};

TEST_P(Shutdown, IsTheEndForThePeer) {
    send_all(near, {1, 2, 3});
    EXPECT_EQ(shut(near), kDone);
    EXPECT_EQ(recv_all(far, 3), (Bytes{1, 2, 3}));
    EXPECT_EQ(recv(far), kShut);
}

TEST_P(Shutdown, LeavesReceivingOpen) {
    Transfer waiting(3);
    waiting.recv(near);
    EXPECT_EQ(shut(near), kDone);
    EXPECT_EQ(recv(far), kShut);
    send_all(far, {1, 2, 3});
    EXPECT_EQ(waiting.wait(), (Outcome{NNG_OK, 3}));
    send_all(far, {4});
    EXPECT_EQ(recv_all(near, 1), Bytes{4});
    EXPECT_EQ(shut(far), kDone);
    EXPECT_EQ(recv(near), kShut);
}

TEST_P(Shutdown, ComesBehindTheSendsBeforeIt) {
    Pattern sent, received;
    Transfer whole(sent.next(kLarge)), single(sent.next(10)), end;
    send_whole(whole, near);
    single.send(near);
    shut(end, near);
    EXPECT_TRUE(end.stays_pending());
    EXPECT_TRUE(received.continues(recv_all(far, kLarge + 10)));
    EXPECT_EQ(recv(far), kShut);
    EXPECT_EQ(whole.wait(), (Outcome{NNG_OK, kLarge}));
    EXPECT_EQ(single.wait(), (Outcome{NNG_OK, 10}));
    EXPECT_EQ(end.wait(), kDone);
}

TEST_P(Shutdown, RefusesSendsThatComeLater) {
    EXPECT_EQ(shut(near), kDone);
    Transfer single(10), whole(10), empty;
    EXPECT_EQ(single.send(near).wait(), kClosed);
    EXPECT_EQ(send_whole(whole, near).wait(), kClosed);
    EXPECT_EQ(empty.send(near).wait(), kClosed);
}

TEST_P(Shutdown, RefusesSendsThatWaitBehindIt) {
    Pattern sent, received;
    Transfer first(sent.next(kLarge)), end, single(10), whole(10);
    send_whole(first, near);
    shut(end, near);
    single.send(near);
    send_whole(whole, near);
    EXPECT_TRUE(single.stays_pending());
    EXPECT_TRUE(received.continues(recv_all(far, kLarge)));
    EXPECT_EQ(single.wait(), kClosed);
    EXPECT_EQ(whole.wait(), kClosed);
    EXPECT_EQ(end.wait(), kDone);
    EXPECT_EQ(recv(far), kShut);
}

TEST_P(Shutdown, SucceedsAgain) {
    EXPECT_EQ(shut(near), kDone);
    EXPECT_EQ(shut(near), kDone);
    EXPECT_EQ(shut(far), kDone);
    EXPECT_EQ(recv(near), kShut);
    EXPECT_EQ(shut(near), kDone);
}

TEST_P(Shutdown, ThatIsEndedInItsQueueLeavesNoTrace) {
    Pattern sent, received;
    Transfer first(sent.next(kLarge)), end, second(sent.next(10));
    send_whole(first, near);
    for (const naio_cancel type : {NAIO_CANCEL_TERMINAL, NAIO_CANCEL_PARTIAL, NAIO_CANCEL_TOTAL}) {
        shut(end, near);
        EXPECT_TRUE(naio_aio_cancel(end, type, NNG_OK));
        EXPECT_EQ(end.wait(), kCancelled);
        EXPECT_EQ(naio_aio_outcome(end), NAIO_CANCEL_TOTAL);
    }
    shut(end, near);
    send_whole(second, near);
    EXPECT_TRUE(naio_aio_cancel(end, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_TRUE(received.continues(recv_all(far, kLarge + 10)));
    EXPECT_EQ(first.wait(), (Outcome{NNG_OK, kLarge}));
    EXPECT_EQ(second.wait(), (Outcome{NNG_OK, 10}));
    EXPECT_EQ(end.wait(), kCancelled);
    expect_to_work();
}

// A shutdown needs no room, so it does not wait until the peer reads.
TEST_P(Shutdown, IsDoneAtOnceWhenTheSendBeforeItIsEnded) {
    Pattern sent, received;
    Transfer first(sent.next(kLarge)), end, second(10);
    send_whole(first, near);
    shut(end, near);
    second.send(near);
    EXPECT_TRUE(end.stays_pending());
    EXPECT_TRUE(naio_aio_cancel(first, NAIO_CANCEL_PARTIAL, NNG_OK));
    const Outcome ended = first.wait();
    EXPECT_EQ(ended.result, NNG_ECANCELED);
    EXPECT_EQ(end.wait(), kDone);
    EXPECT_EQ(second.wait(), kClosed);
    EXPECT_TRUE(received.continues(recv_all(far, ended.count)));
    EXPECT_EQ(recv(far), kShut);
}

TEST_P(Shutdown, OfAFullStreamIsDoneAtOnce) {
    Pattern sent, received;
    fill(sent);
    EXPECT_EQ(shut(near), kDone);
    drain(received, sent);
    EXPECT_EQ(recv(far), kShut);
}

TEST_P(Shutdown, CanBePolledFor) {
    Pattern sent, received;
    Transfer first(sent.next(kLarge)), end;
    send_whole(first, near);
    end.within(0);
    EXPECT_EQ(shut(end, near).wait(), kTimedOut);
    EXPECT_EQ(naio_aio_outcome(end), NAIO_CANCEL_TOTAL);
    EXPECT_TRUE(received.continues(recv_all(far, kLarge)));
    EXPECT_EQ(first.wait(), (Outcome{NNG_OK, kLarge}));
    EXPECT_EQ(shut(end, near).wait(), kDone);
}

TEST_P(Shutdown, OfAStreamThatIsClosedOrAHandleThatIsStopped) {
    Transfer end;
    nng_aio_stop(end);
    EXPECT_EQ(shut(end, near).wait(), kStopped);
    expect_to_work();
    nng_stream_close(near);
    EXPECT_EQ(shut(near), kClosed);
}

TEST_P(Shutdown, ThatWaitsEndsWithItsStream) {
    Transfer first(kLarge), end;
    send_whole(first, near);
    shut(end, near);
    free_near();
    EXPECT_EQ(first.wait().result, NNG_ECLOSED);
    EXPECT_EQ(end.wait(), kClosed);
}

// The peer sends all the time. If a stream is freed with unread bytes, the system resets the connection, and bytes that
// the stream has sent may be lost.
TEST_P(Shutdown, AndReceivingToTheEndBeforeTheFreeLosesNothing) {
    constexpr std::size_t kAll = std::size_t{4} << 20;
    Bytes received;
    std::thread peer([&] {
        Transfer talk(1000), listen(100'000);
        for (;;) {
            EXPECT_EQ(talk.send(far).wait().result, NNG_OK);
            if (listen.recv(far).wait().result != NNG_OK) break;
            const Bytes moved = listen.moved();
            received.insert(received.end(), moved.begin(), moved.end());
        }
        EXPECT_EQ(listen.wait(), kShut);
        EXPECT_EQ(shut(far), kDone);
    });
    Transfer whole(Pattern().next(kAll)), end, listen(1000);
    send_whole(whole, near);
    shut(end, near);
    while (listen.recv(near).wait().result == NNG_OK) {
    }
    EXPECT_EQ(listen.wait(), kShut);
    EXPECT_EQ(whole.wait(), (Outcome{NNG_OK, kAll}));
    EXPECT_EQ(end.wait(), kDone);
    free_near();
    peer.join();
    EXPECT_EQ(received.size(), kAll);
    EXPECT_TRUE(Pattern().continues(received));
}

TEST(ShutdownDeathTest, OfNullStopsTheProgram) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
    EXPECT_ABORT(naio_stream_shutdown(nullptr, aio), a_line_naming("naio_stream_shutdown"));
    nng_aio_free(aio);
}

NAIO_OVER(all_schemes, Shutdown);

}  // namespace
}  // namespace streams
