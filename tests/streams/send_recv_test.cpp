// Tests that all bytes go through a stream, in order, and are counted exactly.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "stream_test.h"

namespace streams {
namespace {

class SendRecv : public StreamTest {
  protected:
    // Sends `size` bytes to the other side, and expects that they arrive.
    void expect_through(std::size_t size) {
        const Bytes bytes = Pattern(size).next(size);
        std::thread sender([&] { send_all(near, bytes); });
        const Bytes came = recv_all(far, size);
        sender.join();
        EXPECT_TRUE(came == bytes) << size << " bytes";
    }

    // Sends and receives with vectors of these lengths, and expects that the bytes arrive.
    template <std::size_t n>
    void expect_through(const std::array<std::size_t, n>& sent, const std::array<std::size_t, n>& received) {
        Transfer send(Pattern().next(total(sent)));
        scatter(send, sent);
        ASSERT_EQ(send.send(near).wait(), (Outcome{NNG_OK, total(sent)}));
        Transfer recv(total(received));
        scatter(recv, received);
        ASSERT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, total(received)}));
        EXPECT_TRUE(recv.moved() == send.moved());
    }

    Bytes recv_bytes_ = Bytes(7);
    Transfer* second_ = nullptr;

    // Sets the buffer as a vector of consecutive elements with these lengths.
    template <std::size_t n>
    static void scatter(Transfer& transfer, const std::array<std::size_t, n>& lengths) {
        std::array<nng_iov, n> iov{};
        std::uint8_t* at = transfer.bytes().data();
        for (std::size_t i = 0; i < n; ++i) {
            iov[i] = {lengths[i] == 0 ? nullptr : at, lengths[i]};
            at += lengths[i];
        }
        ASSERT_EQ(nng_aio_set_iov(transfer, n, iov.data()), NNG_OK);
    }

    template <std::size_t n>
    static std::size_t total(const std::array<std::size_t, n>& lengths) {
        std::size_t sum = 0;
        for (const std::size_t length : lengths) sum += length;
        return sum;
    }
};

TEST_P(SendRecv, OneByte) { expect_through(1); }
TEST_P(SendRecv, AFewBytes) {
    for (const std::size_t size : {2u, 3u, 7u, 8u, 64u, 100u}) expect_through(size);
}
TEST_P(SendRecv, AboutAPage) {
    for (const std::size_t size : {4095u, 4096u, 4097u}) expect_through(size);
}
TEST_P(SendRecv, AboutSixtyFourKibibytes) {
    for (const std::size_t size : {65535u, 65536u, 65537u}) expect_through(size);
}
TEST_P(SendRecv, AboutTheSocketsBuffer) {
    for (const std::size_t size : {212991u, 212992u, 212993u, 425984u}) expect_through(size);
}
TEST_P(SendRecv, OneMebibyte) { expect_through(std::size_t{1} << 20); }
TEST_P(SendRecv, AFewMebibytes) { expect_through((std::size_t{3} << 20) + 1); }

TEST_P(SendRecv, OfNothingCompletesAtOnceAndSendsNothing) {
    Transfer send(0);
    EXPECT_EQ(send.send(near).wait(), (Outcome{NNG_OK, 0}));
    Transfer recv(0);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 0}));
    expect_to_work();
}

TEST_P(SendRecv, WithoutAVectorCompletesAtOnce) {
    Transfer send(10);
    ASSERT_EQ(nng_aio_set_iov(send, 0, nullptr), NNG_OK);
    EXPECT_EQ(send.send(near).wait(), (Outcome{NNG_OK, 0}));
    Transfer recv(10);
    ASSERT_EQ(nng_aio_set_iov(recv, 0, nullptr), NNG_OK);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 0}));
    expect_to_work();
}

TEST_P(SendRecv, OfNothingTakesNothingOfWhatIsThere) {
    send_all(near, {1, 2, 3});
    Transfer recv(0);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 0}));
    EXPECT_EQ(recv_all(far, 3), (Bytes{1, 2, 3}));
}

TEST_P(SendRecv, OfNothingDoesNotWaitForOthersThatWait) {
    Pattern sent;
    fill(sent);
    Transfer send(sent.next(1));
    Transfer recv(1);
    send.send(near);
    recv.recv(near);
    Transfer nothing(0);
    EXPECT_EQ(nothing.send(near).wait(), (Outcome{NNG_OK, 0}));
    EXPECT_EQ(nothing.recv(near).wait(), (Outcome{NNG_OK, 0}));
    EXPECT_TRUE(send.busy());
    EXPECT_TRUE(recv.busy());
    nng_aio_cancel(recv);
    EXPECT_EQ(recv.wait(), kCancelled);
}

TEST_P(SendRecv, OfNothingCompletesInACallbackToo) {
    for (int i = 0; i < 20; ++i) {
        Transfer nothing(0);
        Transfer recv(10, [&](nng_aio*) { nothing.recv(far); });
        recv.recv(far);
        send_all(near, {1, 2, 3});
        ASSERT_EQ(recv.wait(), (Outcome{NNG_OK, 3}));
        ASSERT_EQ(nothing.wait(), (Outcome{NNG_OK, 0}));
    }
}

TEST_P(SendRecv, AVectorOfEight) { expect_through<8>({1, 2, 3, 4, 5, 6, 7, 8}, {8, 7, 6, 5, 4, 3, 2, 1}); }
TEST_P(SendRecv, AVectorOfEightLargeElements) {
    expect_through<8>({4096, 1, 4096, 1, 4096, 1, 4096, 1}, {1, 4096, 1, 4096, 1, 4096, 1, 4096});
}
TEST_P(SendRecv, AVectorWithEmptyElementsInTheMiddle) {
    expect_through<8>({10, 0, 0, 20, 0, 30, 0, 40}, {40, 0, 30, 0, 0, 20, 0, 10});
}
TEST_P(SendRecv, AVectorWithEmptyElementsAtItsEnds) {
    expect_through<8>({0, 0, 5, 5, 5, 5, 0, 0}, {0, 10, 0, 0, 0, 0, 10, 0});
}
TEST_P(SendRecv, AVectorOfEmptyElementsIsNothing) {
    Transfer send(0);
    scatter<8>(send, {});
    EXPECT_EQ(send.send(near).wait(), (Outcome{NNG_OK, 0}));
    Transfer recv(0);
    scatter<8>(recv, {});
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 0}));
    expect_to_work();
}

TEST_P(SendRecv, BringsWhatIsThereAndDoesNotWaitForMore) {
    send_all(near, {1, 2, 3});
    Transfer recv(100);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2, 3}));
}

TEST_P(SendRecv, BringsAtMostWhatItHasRoomForAndLeavesTheRest) {
    send_all(near, {1, 2, 3, 4, 5});
    Transfer recv(2);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2}));
    EXPECT_EQ(recv_all(far, 3), (Bytes{3, 4, 5}));
}

TEST_P(SendRecv, WritesNoByteBeyondItsCount) {
    send_all(near, {1, 2, 3});
    Transfer recv(Bytes(8, 0xee));
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.bytes(), (Bytes{1, 2, 3, 0xee, 0xee, 0xee, 0xee, 0xee}));
}

TEST_P(SendRecv, FillsAVectorInItsOrderWhenThereIsLessThanItHolds) {
    send_all(near, {1, 2, 3});
    Transfer recv(Bytes(6, 0));
    scatter<4>(recv, {2, 0, 2, 2});
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.bytes(), (Bytes{1, 2, 3, 0, 0, 0}));
}

TEST_P(SendRecv, ARecvWaitsForBytes) {
    Transfer recv(10);
    recv.recv(far);
    EXPECT_TRUE(recv.stays_pending());
    send_all(near, {7, 8});
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(recv.moved(), (Bytes{7, 8}));
}

TEST_P(SendRecv, HasNoOutputs) {
    Transfer recv(10);
    recv.recv(far);
    send_all(near, {7, 8});
    ASSERT_EQ(recv.wait(), (Outcome{NNG_OK, 2}));
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(nng_aio_get_output(recv, i), nullptr);
}

TEST_P(SendRecv, ByteByByte) {
    const Bytes bytes = Pattern().next(300);
    send_all(near, bytes);
    Bytes came;
    Transfer recv(1);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        ASSERT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 1}));
        came.push_back(recv.bytes().front());
    }
    EXPECT_EQ(came, bytes);
}

TEST_P(SendRecv, PendingRecvsGetTheBytesInTheOrderOfTheirSubmission) {
    constexpr int kCount = 16;
    std::vector<std::unique_ptr<Transfer>> recvs;
    for (int i = 0; i < kCount; ++i) {
        recvs.push_back(std::make_unique<Transfer>(2));
        recvs.back()->recv(far);
    }
    send_all(near, Pattern().next(2 * kCount));
    Pattern received;
    for (const auto& recv : recvs) {
        ASSERT_EQ(recv->wait(), (Outcome{NNG_OK, 2}));
        EXPECT_TRUE(received.continues(recv->moved()));
    }
}

TEST_P(SendRecv, OnlyAsManyPendingRecvsCompleteAsThereAreBytesFor) {
    Transfer first(4);
    Transfer second(4);
    first.recv(far);
    second.recv(far);
    send_all(near, {1});
    EXPECT_EQ(first.wait(), (Outcome{NNG_OK, 1}));
    EXPECT_TRUE(second.stays_pending());
    send_all(near, {2});
    EXPECT_EQ(second.wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(second.moved(), Bytes{2});
}

TEST_P(SendRecv, SendsGoOutInTheOrderOfTheirSubmission) {
    constexpr int kCount = 16;
    Pattern sent;
    std::vector<std::unique_ptr<Transfer>> sends;
    for (int i = 0; i < kCount; ++i) sends.push_back(std::make_unique<Transfer>(sent.next(100)));
    for (const auto& send : sends) send->send(near);
    Pattern received;
    EXPECT_TRUE(received.continues(recv_all(far, 100 * kCount)));
    for (const auto& send : sends) EXPECT_EQ(send->wait(), (Outcome{NNG_OK, 100}));
}

TEST_P(SendRecv, SendsThatWaitForTheReaderGoOutInTheOrderOfTheirSubmission) {
    Pattern sent;
    fill(sent);
    constexpr std::size_t kSize = 50'000;
    std::vector<std::unique_ptr<Transfer>> sends;
    for (std::uint8_t i = 0; i < 8; ++i) {  // the counts are not known before, so each send has its own byte
        sends.push_back(std::make_unique<Transfer>(Bytes(kSize, i)));
        sends.back()->send(near);
    }
    Pattern received;
    drain(received, sent);
    for (std::uint8_t i = 0; i < 8; ++i) {
        const Outcome outcome = sends[i]->wait();
        ASSERT_EQ(outcome.result, NNG_OK);
        ASSERT_GT(outcome.count, 0u);
        ASSERT_TRUE(recv_all(far, outcome.count) == Bytes(outcome.count, i));
    }
}

TEST_P(SendRecv, BothDirectionsAtOnce) {
    const std::size_t size = std::size_t{2} << 20;
    const Bytes there = Pattern(1).next(size);
    const Bytes back = Pattern(2).next(size);
    std::thread one([&] { send_all(near, there); });
    std::thread two([&] { send_all(far, back); });
    std::thread three([&] { EXPECT_TRUE(recv_all(far, size) == there); });
    EXPECT_TRUE(recv_all(near, size) == back);
    one.join();
    two.join();
    three.join();
}

TEST_P(SendRecv, APendingRecvDoesNotHoldUpASend) {
    Transfer recv(10);
    recv.recv(near);
    send_all(near, {1, 2});
    EXPECT_EQ(recv_all(far, 2), (Bytes{1, 2}));
    send_all(far, {3});
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(SendRecv, APendingSendDoesNotHoldUpARecv) {
    Pattern sent;
    fill(sent);
    Transfer send(sent.next(1));
    send.send(near);
    send_all(far, {9, 8, 7});
    EXPECT_EQ(recv_all(near, 3), (Bytes{9, 8, 7}));
    EXPECT_TRUE(send.busy());
    Pattern received;
    drain(received, sent);
    EXPECT_EQ(send.wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(SendRecv, AStoppedReaderHoldsTheSenderUpAndLosesNothing) {
    Pattern sent;
    fill(sent);
    ASSERT_GT(sent.position(), 0u);
    Transfer send(sent.next(1));
    EXPECT_TRUE(send.send(near).stays_pending());
    Pattern received;
    drain(received, sent);
    EXPECT_EQ(send.wait(), (Outcome{NNG_OK, 1}));
    expect_to_work();
}

TEST_P(SendRecv, ALargeSendToAStoppedReaderCountsWhatWent) {
    Pattern sent;
    fill(sent);
    Bytes rest = sent.next(std::size_t{4} << 20);
    const std::uint64_t before = sent.position() - rest.size();
    Transfer send(std::move(rest));
    send.send(near);
    Pattern received;
    Pattern all_before;
    all_before.skip(before);
    drain(received, all_before);
    const Outcome outcome = send.wait();
    ASSERT_EQ(outcome.result, NNG_OK);
    ASSERT_GT(outcome.count, 0u);
    ASSERT_LE(outcome.count, send.bytes().size());
    EXPECT_TRUE(received.continues(recv_all(far, outcome.count)));
    expect_to_work();  // no more bytes than the count were sent
}

TEST_P(SendRecv, ACallbackCanSubmitTheNext) {
    constexpr std::size_t kCount = 2000;
    support::Event all;
    Bytes came;
    Transfer recv(7, [&](nng_aio* aio) {
        if (nng_aio_result(aio) != NNG_OK) return all.set();
        came.insert(came.end(), recv_bytes_.begin(),
                    recv_bytes_.begin() + static_cast<std::ptrdiff_t>(nng_aio_count(aio)));
        if (came.size() >= kCount) return all.set();
        nng_stream_recv(far, aio);
    });
    recv.set_buffer(recv_bytes_.data(), recv_bytes_.size());
    nng_stream_recv(far, recv);
    send_all(near, Pattern().next(kCount));
    ASSERT_TRUE(all.wait());
    EXPECT_EQ(came, Pattern().next(kCount));
}

TEST_P(SendRecv, CallbacksOfOneStreamsRecvsComeInTheOrderOfTheirSubmission) {
    // The first receive's callback submits the second receive.
    expect_to_work();
    std::vector<int> order;
    support::Event both;
    Transfer first(1, [&](nng_aio*) {
        order.push_back(1);
        second_->recv(far);
    });
    Transfer second(1, [&](nng_aio*) {
        order.push_back(2);
        both.set();
    });
    second_ = &second;
    first.recv(far);
    send_all(near, {1, 2});
    ASSERT_TRUE(both.wait());
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
    EXPECT_EQ(first.bytes(), Bytes{1});
    EXPECT_EQ(second.bytes(), Bytes{2});
}

TEST_P(SendRecv, AHandleWithoutCallbackIsWaitedFor) {
    const support::SilentHandle recv = support::make_silent_handle();
    std::uint8_t byte = 0;
    const nng_iov iov{&byte, 1};
    ASSERT_EQ(nng_aio_set_iov(recv.get(), 1, &iov), NNG_OK);
    nng_stream_recv(far, recv.get());
    send_all(near, {42});
    nng_aio_wait(recv.get());
    EXPECT_EQ(nng_aio_result(recv.get()), NNG_OK);
    EXPECT_EQ(byte, 42);
}

TEST_P(SendRecv, TheVectorStaysForTheNextOperation) {
    send_all(near, {1, 2, 3, 4});
    Transfer recv(2);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(recv.bytes(), (Bytes{3, 4}));
}

TEST_P(SendRecv, OneHandleServesOneStreamAfterTheOther) {
    const Pair other = service.pair();
    send_all(near, {1});
    send_all(other.near, {2});
    Transfer recv(1);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(recv.bytes(), Bytes{1});
    EXPECT_EQ(recv.recv(other.far).wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(recv.bytes(), Bytes{2});
}

TEST_P(SendRecv, PingPong) {
    for (int i = 0; i < 500; ++i) {
        const Bytes ping = Pattern(static_cast<std::uint64_t>(i)).next(64);
        Transfer recv(64);
        recv.recv(far);
        send_all(near, ping);
        ASSERT_EQ(recv.wait(), (Outcome{NNG_OK, 64}));
        ASSERT_EQ(recv.bytes(), ping);
        send_all(far, recv.bytes());
        ASSERT_EQ(recv_all(near, 64), ping);
    }
}

TEST_P(SendRecv, ABlockedCallbackHoldsUpNoOtherStream) {
    const Pair other = service.pair();
    support::Event blocked;
    support::Event release;
    Transfer recv(1, [&](nng_aio*) {
        blocked.set();
        EXPECT_TRUE(release.wait());
    });
    recv.recv(far);
    send_all(near, {1});
    ASSERT_TRUE(blocked.wait());
    for (int i = 0; i < 20; ++i) expect_to_work(other.near, other.far);
    expect_to_work();
    release.set();
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(SendRecv, ACallbackCanWaitForAnOperationOnAnotherStream) {
    const Pair other = service.pair();
    support::Event done;
    Transfer recv(1, [&](nng_aio*) {
        expect_to_work(other.near, other.far);
        done.set();
    });
    for (int i = 1; i <= 50; ++i) {
        recv.recv(far);
        send_all(near, {1});
        ASSERT_TRUE(done.wait(i));
        EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
    }
}

// The thread `other` submits the second receive while the poller completes the first one.
TEST_P(SendRecv, ARecvIsOverWhenALaterOneIs) {
    constexpr int kRounds = 1'000;
    std::array<support::SilentHandle, 3> handles;
    std::array<std::uint8_t, 3> bytes{};
    for (std::size_t i = 0; i < handles.size(); ++i) {
        handles[i] = support::make_silent_handle();
        const nng_iov iov{&bytes[i], 1};
        ASSERT_EQ(nng_aio_set_iov(handles[i].get(), 1, &iov), NNG_OK);
    }
    nng_aio* const first = handles[0].get();
    nng_aio* const second = handles[1].get();
    nng_aio* const sending = handles[2].get();
    std::atomic<int> round{0};
    std::atomic<int> done{0};
    int overtaken = 0;
    std::thread other([&] {
        for (int i = 1; i <= kRounds; ++i) {
            while (round.load() != i) std::this_thread::yield();
            nng_stream_recv(near, second);
            while (nng_aio_busy(second)) {
            }
            if (nng_aio_busy(first)) ++overtaken;
            nng_aio_wait(first);
            done.store(i);
        }
    });
    for (int i = 1; i <= kRounds; ++i) {
        nng_stream_recv(near, first);
        nng_stream_send(far, sending);
        nng_aio_wait(sending);
        round.store(i);
        nng_stream_send(far, sending);
        nng_aio_wait(sending);
        while (done.load() != i) std::this_thread::yield();
    }
    other.join();
    EXPECT_EQ(overtaken, 0);
}

NAIO_OVER(all_schemes, SendRecv);

}  // namespace
}  // namespace streams
