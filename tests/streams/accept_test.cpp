// Tests accepts: each connection goes to exactly one accept, in order, and none is lost.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <memory>
#include <vector>

#include "stream_test.h"

namespace streams {
namespace {

class Accept : public ServiceTest {
  protected:
    nng_stream_listener* const listener = service.listener();

    // Expects that the descriptor and the stream are the two sides of one connection.
    static void expect_connected(int fd, nng_stream* stream) {
        const std::uint8_t byte = next_++;
        ASSERT_EQ(write(fd, &byte, 1), 1);
        EXPECT_EQ(recv_all(stream, 1), Bytes{byte});
    }

  private:
    static inline std::uint8_t next_ = 1;
};

TEST_P(Accept, WaitsForTheNextConnection) {
    Transfer accept;
    EXPECT_TRUE(accept.accept(listener).stays_pending());
    const Descriptor fd = service.raw_peer();
    ASSERT_EQ(accept.wait().result, NNG_OK);
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
}

TEST_P(Accept, TakesAConnectionThatWaits) {
    const Descriptor fd = service.raw_peer();
    const Stream stream = service.accept();
    expect_connected(fd, stream);
}

TEST_P(Accept, TakesConnectionsInTheOrderTheyCame) {
    std::array<Descriptor, 5> fds;
    for (Descriptor& fd : fds) fd = service.raw_peer();
    for (const Descriptor& fd : fds) {
        const Stream stream = service.accept();
        expect_connected(fd, stream);
    }
}

TEST_P(Accept, HandsConnectionsToThoseThatWaitInTheOrderOfTheirSubmission) {
    std::array<Transfer, 5> accepts;
    for (Transfer& accept : accepts) accept.accept(listener);
    for (Transfer& accept : accepts) {
        const Descriptor fd = service.raw_peer();
        ASSERT_EQ(accept.wait().result, NNG_OK);
        const Stream stream = accept.stream();
        expect_connected(fd, stream);
    }
}

TEST_P(Accept, HasOneOutput) {
    Transfer accept;
    accept.accept(listener);
    const Descriptor fd = service.raw_peer();
    ASSERT_EQ(accept.wait().result, NNG_OK);
    const Stream stream = accept.stream();
    EXPECT_NE(stream, nullptr);
    for (unsigned i = 1; i < 4; ++i) EXPECT_EQ(nng_aio_get_output(accept, i), nullptr);
}

TEST_P(Accept, OneConnectionIsForOneAccept) {
    Transfer first;
    Transfer second;
    first.accept(listener);
    second.accept(listener);
    const Descriptor fd = service.raw_peer();
    ASSERT_EQ(first.wait().result, NNG_OK);
    const Stream stream = first.stream();
    EXPECT_TRUE(second.stays_pending());
    nng_aio_cancel(second);
    EXPECT_EQ(second.wait(), kCancelled);
}

TEST_P(Accept, PollsWithZeroTimeout) {
    Transfer accept;
    EXPECT_EQ(accept.within(0).accept(listener).wait(), kTimedOut);
    const Descriptor fd = service.raw_peer();
    ASSERT_EQ(accept.within(0).accept(listener).wait().result, NNG_OK);
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
    EXPECT_EQ(accept.within(0).accept(listener).wait(), kTimedOut);
}

TEST_P(Accept, DoesNotOvertakeOneThatWaits) {
    Transfer waiting;
    waiting.accept(listener);
    Transfer poll;
    EXPECT_EQ(poll.within(0).accept(listener).wait(), kTimedOut);
    const Descriptor fd = service.raw_peer();
    ASSERT_EQ(waiting.wait().result, NNG_OK);
    const Stream stream = waiting.stream();
    expect_connected(fd, stream);
}

TEST_P(Accept, SkipsTheCallbackForAConnectionThatWaits) {
    const Descriptor fd = service.raw_peer();
    Transfer accept;
    accept.skip_callback().accept(listener);
    ASSERT_TRUE(accept.skipped());
    ASSERT_EQ(accept.wait().result, NNG_OK);
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
}

TEST_P(Accept, WithNothingThereCallsBackInSpiteOfSkip) {
    Transfer accept;
    accept.skip_callback().accept(listener);
    EXPECT_FALSE(accept.skipped());
    const Descriptor fd = service.raw_peer();
    ASSERT_EQ(accept.wait().result, NNG_OK);
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
}

// expect() ends a waiting accept, and expects that the next connection goes to the next accept.
class AcceptEnded : public Accept {
  protected:
    template <class End>
    void expect(Outcome outcome, End end) {
        Transfer accept;
        accept.accept(listener);
        end(accept);
        EXPECT_EQ(accept.wait(), outcome);
        EXPECT_EQ(nng_aio_get_output(accept, 0), nullptr);
        const Descriptor fd = service.raw_peer();
        const Stream stream = service.accept();
        expect_connected(fd, stream);
    }
};

TEST_P(AcceptEnded, ByCancel) {
    expect(kCancelled, [](Transfer& accept) { nng_aio_cancel(accept); });
}
TEST_P(AcceptEnded, ByAbort) {
    expect({NNG_EPEERAUTH, 0}, [](Transfer& accept) { nng_aio_abort(accept, NNG_EPEERAUTH); });
}
TEST_P(AcceptEnded, ByStop) {
    expect(kStopped, [](Transfer& accept) { nng_aio_stop(accept); });
}

TEST_P(AcceptEnded, ByItsTimeout) {
    Transfer accept;
    EXPECT_EQ(accept.within(5).accept(listener).wait(), kTimedOut);
    const Descriptor fd = service.raw_peer();
    const Stream stream = service.accept();
    expect_connected(fd, stream);
}

TEST_P(AcceptEnded, InTheMiddleOfThree) {
    std::array<Transfer, 3> accepts;
    for (Transfer& accept : accepts) accept.accept(listener);
    nng_aio_cancel(accepts[1]);
    EXPECT_EQ(accepts[1].wait(), kCancelled);
    for (const int i : {0, 2}) {
        Transfer& accept = accepts[static_cast<std::size_t>(i)];
        const Descriptor fd = service.raw_peer();
        ASSERT_EQ(accept.wait().result, NNG_OK);
        const Stream stream = accept.stream();
        expect_connected(fd, stream);
    }
}

TEST_P(AcceptEnded, BesideAConnectionThatComesLosesNoConnection) {
    for (int i = 0; i < 50; ++i) {
        Transfer accept;
        accept.accept(listener);
        const Descriptor fd = service.raw_peer();
        nng_aio_cancel(accept);
        const Outcome outcome = accept.wait();
        Stream stream;
        if (outcome.result == NNG_OK) {
            stream = accept.stream();
        } else {
            ASSERT_EQ(outcome, kCancelled);
            stream = service.accept();
        }
        expect_connected(fd, stream);
    }
}

TEST_P(AcceptEnded, BeforeByStopRefuses) {
    Transfer accept;
    nng_aio_stop(accept);
    EXPECT_EQ(accept.accept(listener).wait(), kStopped);
}

// Closing, stopping or freeing the listener ends the accepts that wait.
TEST_P(AcceptEnded, ByTheListenersClose) {
    std::array<Transfer, 3> accepts;
    for (Transfer& accept : accepts) accept.accept(listener);
    nng_stream_listener_close(listener);
    for (Transfer& accept : accepts) EXPECT_EQ(accept.wait(), kClosed);
}

TEST_P(AcceptEnded, ByTheListenersStop) {
    std::array<Transfer, 3> accepts;
    for (Transfer& accept : accepts) accept.accept(listener);
    nng_stream_listener_stop(listener);
    for (Transfer& accept : accepts) EXPECT_EQ(accept.wait(), kClosed);
}

TEST_P(AcceptEnded, ByTheListenersFree) {
    std::array<Transfer, 3> accepts;
    for (Transfer& accept : accepts) accept.accept(listener);
    service.free();
    for (Transfer& accept : accepts) EXPECT_EQ(accept.wait(), kClosed);
}

TEST_P(Accept, AfterTheListenersCloseIsRefused) {
    nng_stream_listener_close(listener);
    Transfer accept;
    EXPECT_EQ(accept.accept(listener).wait(), kClosed);
    EXPECT_EQ(accept.within(0).accept(listener).wait(), kClosed);
    nng_stream_listener_close(listener);  // again
    nng_stream_listener_stop(listener);
    EXPECT_EQ(accept.accept(listener).wait(), kClosed);
}

TEST_P(Accept, SubmittedByItsOwnCallbackTakesAllThatCome) {
    constexpr int kCount = 50;
    std::vector<Stream> streams;
    support::Event accepted;
    support::Handle accept([&](nng_aio* aio) {
        if (nng_aio_result(aio) != NNG_OK) return;
        streams.emplace_back(static_cast<nng_stream*>(nng_aio_get_output(aio, 0)));
        if (streams.size() < kCount) nng_stream_listener_accept(listener, aio);
        accepted.set();
    });
    nng_stream_listener_accept(listener, accept);
    std::vector<Descriptor> fds;
    for (int i = 0; i < kCount; ++i) {
        fds.push_back(service.raw_peer());
        if (i % 8 != 0) continue;
        ASSERT_TRUE(accepted.wait(i + 1));  // so that only a few connections wait for an accept at a time
    }
    ASSERT_TRUE(accepted.wait(kCount));
    for (std::size_t i = 0; i < kCount; ++i) expect_connected(fds[i], streams[i]);
}

TEST_P(Accept, ManyConnectionsAreDistinct) {
    constexpr std::size_t kCount = 64;
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < kCount; ++i) pairs.push_back(service.pair());
    for (std::size_t i = 0; i < kCount; ++i) send_all(pairs[i].near, Pattern(i).next(100));
    for (std::size_t i = 0; i < kCount; ++i) EXPECT_EQ(recv_all(pairs[i].far, 100), Pattern(i).next(100));
}

TEST_P(Accept, StreamsOutliveTheListener) {
    const Pair pair = service.pair();
    service.free();
    send_all(pair.near, {1, 2, 3});
    EXPECT_EQ(recv_all(pair.far, 3), (Bytes{1, 2, 3}));
}

NAIO_OVER(all_schemes, Accept);
NAIO_OVER(all_schemes, AcceptEnded);

}  // namespace
}  // namespace streams
