// Tests streams whose peer is a descriptor of the test, which shuts down, resets, closes, or does not read.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "stream_test.h"

namespace streams {
namespace {

class Peer : public ServiceTest {
  protected:
    RawPair pair = service.raw_pair();
    nng_stream* const near = pair.near;
    Descriptor& far = pair.far;

    void write_all(const Bytes& bytes) {
        ASSERT_EQ(write(far, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    [[nodiscard]] Bytes read_all(std::size_t n) {
        Bytes bytes(n);
        EXPECT_EQ(recv(far, bytes.data(), n, MSG_WAITALL), static_cast<ssize_t>(n));
        return bytes;
    }

    // Closes the peer so that it resets the connection: over TCP without lingering, otherwise with unread bytes.
    void reset() {
        if (scheme().tcp()) {
            const linger none{1, 0};
            ASSERT_EQ(setsockopt(far, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
        } else {
            send_all(near, {1});
        }
        far.reset();
    }
};

TEST_P(Peer, ReadsWhatWasSent) {
    const Bytes bytes = Pattern().next(1000);
    send_all(near, bytes);
    EXPECT_EQ(read_all(1000), bytes);
}

TEST_P(Peer, WritesWhatIsReceived) {
    const Bytes bytes = Pattern().next(1000);
    write_all(bytes);
    EXPECT_EQ(recv_all(near, 1000), bytes);
}

TEST_P(Peer, ThatCloses) {
    Transfer recv(1);
    recv.recv(near);
    far.reset();
    EXPECT_EQ(recv.wait(), kShut);
    EXPECT_EQ(recv.recv(near).wait(), kShut);
}

TEST_P(Peer, ThatClosedBefore) {
    far.reset();
    Transfer recv(1);
    EXPECT_EQ(recv.recv(near).wait(), kShut);
}

TEST_P(Peer, ThatClosesEndsAllThatWaitForIt) {
    Transfer first(1);
    Transfer second(1);
    first.recv(near);
    second.recv(near);
    far.reset();
    EXPECT_EQ(first.wait(), kShut);
    EXPECT_EQ(second.wait(), kShut);
}

TEST_P(Peer, ThatClosesAfterItsLastBytes) {
    const Bytes bytes = Pattern().next(5000);
    write_all(bytes);
    far.reset();
    EXPECT_EQ(recv_all(near, bytes.size()), bytes);
    Transfer recv(1);
    EXPECT_EQ(recv.recv(near).wait(), kShut);
}

TEST_P(Peer, ThatClosesWhileARecvOfItsLastBytesWaits) {
    Transfer first(10);
    Transfer second(10);
    first.recv(near);
    second.recv(near);
    write_all({1, 2, 3});
    far.reset();
    EXPECT_EQ(first.wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(second.wait(), kShut);
}

TEST_P(Peer, ThatShutsItsWritingDownCanStillBeSentTo) {
    Transfer recv(1);
    recv.recv(near);
    ASSERT_EQ(shutdown(far, SHUT_WR), 0);
    EXPECT_EQ(recv.wait(), kShut);
    const Bytes bytes = Pattern().next(1000);
    send_all(near, bytes);
    EXPECT_EQ(read_all(1000), bytes);
}

TEST_P(Peer, ThatShutsItsWritingDownLetsASendWait) {
    ASSERT_EQ(shutdown(far, SHUT_WR), 0);
    Transfer recv(1);
    EXPECT_EQ(recv.recv(near).wait(), kShut);
    Pattern sent;
    fill(near, sent);
    Transfer send(1);
    EXPECT_TRUE(send.send(near).stays_pending());
    nng_aio_cancel(send);
    EXPECT_EQ(send.wait(), kCancelled);
}

TEST_P(Peer, ThatResets) {
    reset();
    Transfer recv(1);
    EXPECT_EQ(recv.recv(near).wait(), (Outcome{NNG_ECONNRESET, 0}));
    EXPECT_NE(recv.recv(near).wait().result, NNG_OK);
}

// The bytes that the peer had sent before may be incomplete, so a reset must not look like the end of the stream.
TEST_P(Peer, ThatResetsIsNeverTakenForOneThatShutsDown) {
    write_all(Pattern().next(1000));
    reset();
    Transfer send(1);
    for (int i = 0; i < 1000 && send.send(near).wait().result == NNG_OK; ++i) {
    }
    EXPECT_TRUE(recv_all(near, 1000) == Pattern().next(1000));
    Transfer recv(1);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(recv.recv(near).wait(), (Outcome{NNG_ECONNRESET, 0}));
}

TEST_P(Peer, ThatResetsWhileARecvWaits) {
    Transfer recv(1);
    recv.recv(near);
    reset();
    EXPECT_EQ(recv.wait(), (Outcome{NNG_ECONNRESET, 0}));
}

TEST_P(Peer, ThatResetsWhileASendWaits) {
    Pattern sent;
    fill(near, sent);
    Transfer send(1);
    send.send(near);
    if (scheme().tcp()) {
        const linger none{1, 0};
        ASSERT_EQ(setsockopt(far, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
    }
    far.reset();
    const Outcome outcome = send.wait();
    EXPECT_TRUE(outcome.result == NNG_ECONNRESET || outcome.result == NNG_ECONNSHUT || outcome.result == NNG_ECLOSED)
        << outcome;
    EXPECT_EQ(outcome.count, 0u);
}

TEST_P(Peer, ThatIsGoneIsReportedToASendWithoutASignal) {
    static volatile std::sig_atomic_t signals;
    signals = 0;
    struct sigaction counting {};
    counting.sa_handler = [](int) { signals = signals + 1; };
    struct sigaction before {};
    sigaction(SIGPIPE, &counting, &before);
    far.reset();
    Transfer send(100);
    Outcome outcome{NNG_OK, 0};
    for (int i = 0; i < 1000 && outcome.result == NNG_OK; ++i) outcome = send.send(near).wait();
    EXPECT_TRUE(outcome.result == NNG_ECONNRESET || outcome.result == NNG_ECONNSHUT || outcome.result == NNG_ECLOSED)
        << outcome;
    EXPECT_NE(send.send(near).wait().result, NNG_OK);
    EXPECT_EQ(signals, 0);
    sigaction(SIGPIPE, &before, nullptr);
}

TEST_P(Peer, ThatDoesNotReadGetsAllOfItLater) {
    Pattern sent;
    fill(near, sent);
    Transfer last(sent.next(1));
    last.send(near);
    Pattern received;
    while (received.position() < sent.position()) {
        Bytes bytes(std::size_t{1} << 16);
        const ssize_t n = read(far, bytes.data(), bytes.size());
        ASSERT_GT(n, 0);
        ASSERT_TRUE(received.continues(bytes.data(), static_cast<std::size_t>(n)));
    }
    EXPECT_EQ(received.position(), sent.position());
    EXPECT_EQ(last.wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(Peer, ThatIsGoneDoesNotKeepTheStreamFromBeingClosed) {
    reset();
    nng_stream_close(near);
    Transfer recv(1);
    EXPECT_EQ(recv.recv(near).wait(), kClosed);
    nng_stream_stop(near);
    pair.near.reset();
}

TEST_P(Peer, SeesTheEndWhenTheStreamIsClosed) {
    send_all(near, {1, 2});
    nng_stream_close(near);
    EXPECT_EQ(read_all(2), (Bytes{1, 2}));
    std::uint8_t byte = 0;
    EXPECT_EQ(read(far, &byte, 1), 0);
}

TEST_P(Peer, SeesTheEndWhenTheStreamIsFreedWithARecvThatWaits) {
    Transfer recv(1);
    recv.recv(near);
    pair.near.reset();
    EXPECT_EQ(recv.wait(), kClosed);
    std::uint8_t byte = 0;
    EXPECT_EQ(read(far, &byte, 1), 0);
}

NAIO_OVER(all_schemes, Peer);

}  // namespace
}  // namespace streams
