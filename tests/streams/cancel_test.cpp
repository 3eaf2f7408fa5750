// Tests sends and receives that the program ends: no byte is lost or repeated, and the stream goes on.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include "stream_test.h"
#include "support/gate.h"
#include "support/operation.h"

namespace streams {
namespace {

using namespace support;

// A way to end an operation in flight, and the outcome of an operation that ends in this way.
struct Way {
    Outcome outcome;
    void (*end)(Transfer&);
};
const Way kCancel{kCancelled, [](Transfer& transfer) { nng_aio_cancel(transfer); }};
const Way kAbort{{NNG_EPEERAUTH, 0}, [](Transfer& transfer) { nng_aio_abort(transfer, NNG_EPEERAUTH); }};
const Way kStop{kStopped, [](Transfer& transfer) { nng_aio_stop(transfer); }};

class CancelRecv : public StreamTest {
  protected:
    void expect(const Way& way) {
        Transfer recv(10);
        recv.recv(far);
        way.end(recv);
        EXPECT_EQ(recv.wait(), way.outcome);
        expect_to_work();
    }

    // Three receives wait. A request ends the one at `index`; the others get the bytes.
    void expect_of_three(std::size_t index, const Way& way) {
        std::array<Transfer, 3> recvs{Transfer(1), Transfer(1), Transfer(1)};
        for (Transfer& recv : recvs) recv.recv(far);
        way.end(recvs[index]);
        EXPECT_EQ(recvs[index].wait(), way.outcome);
        send_all(near, {10, 11});
        std::uint8_t next = 10;
        for (std::size_t i = 0; i < 3; ++i) {
            if (i == index) continue;
            EXPECT_EQ(recvs[i].wait(), (Outcome{NNG_OK, 1}));
            EXPECT_EQ(recvs[i].bytes().front(), next++);
        }
        expect_to_work();
    }
};

TEST_P(CancelRecv, ByCancel) { expect(kCancel); }
TEST_P(CancelRecv, ByAbortWithItsCode) { expect(kAbort); }
TEST_P(CancelRecv, ByStop) { expect(kStop); }
TEST_P(CancelRecv, TheFirstOfThree) { expect_of_three(0, kCancel); }
TEST_P(CancelRecv, TheSecondOfThree) { expect_of_three(1, kAbort); }
TEST_P(CancelRecv, TheLastOfThree) { expect_of_three(2, kStop); }

TEST_P(CancelRecv, TheHandleCanBeUsedAgain) {
    Transfer recv(10);
    recv.recv(far);
    nng_aio_cancel(recv);
    EXPECT_EQ(recv.wait(), kCancelled);
    send_all(near, {1, 2});
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2}));
}

TEST_P(CancelRecv, ByItsTimeoutNotBeforeItIsDue) {
    Transfer recv(10);
    const std::int64_t begin = monotonic_ns();
    EXPECT_EQ(recv.within(10).recv(far).wait(), kTimedOut);
    EXPECT_GE(monotonic_ns() - begin, 10 * kMillisecond);
    expect_to_work();
}

TEST_P(CancelRecv, ByItsExpiry) {
    Transfer recv(10);
    nng_aio_set_expire(recv, nng_clock() + 5);
    EXPECT_EQ(recv.recv(far).wait(), kTimedOut);
    expect_to_work();
}

TEST_P(CancelRecv, ByTheTimeoutOfTheSecondLeavesTheFirst) {
    Transfer first(1);
    Transfer second(1);
    first.recv(far);
    EXPECT_EQ(second.within(5).recv(far).wait(), kTimedOut);
    send_all(near, {1});
    EXPECT_EQ(first.wait(), (Outcome{NNG_OK, 1}));
    expect_to_work();
}

TEST_P(CancelRecv, ByTheTimeoutOfTheFirstLeavesTheSecond) {
    Transfer first(1);
    Transfer second(1);
    first.within(5).recv(far);
    second.recv(far);
    EXPECT_EQ(first.wait(), kTimedOut);
    send_all(near, {1});
    EXPECT_EQ(second.wait(), (Outcome{NNG_OK, 1}));
    expect_to_work();
}

TEST_P(CancelRecv, AfterItsEndChangesNothing) {
    send_all(near, {1, 2, 3});
    Transfer recv(10);
    ASSERT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 3}));
    nng_aio_cancel(recv);
    nng_aio_abort(recv, NNG_EPEERAUTH);
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2, 3}));
}

TEST_P(CancelRecv, BeforeTheReceiveIsNotRemembered) {
    Transfer recv(10);
    nng_aio_cancel(recv);
    send_all(near, {1});
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(CancelRecv, OnAStoppedHandleIsRefusedAndTakesNothing) {
    send_all(near, {1, 2, 3});
    Transfer recv(10);
    nng_aio_stop(recv);
    EXPECT_EQ(recv.recv(far).wait(), kStopped);
    EXPECT_EQ(recv_all(far, 3), (Bytes{1, 2, 3}));
}

TEST_P(CancelRecv, InACallbackOfAnother) {
    Transfer waiting(1);
    Transfer first(1, [&](nng_aio*) { nng_aio_cancel(waiting); });
    first.recv(far);
    waiting.recv(far);
    send_all(near, {1});
    EXPECT_EQ(first.wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(waiting.wait(), kCancelled);
    expect_to_work();
}

TEST_P(CancelRecv, LeavesTheOtherDirectionAlone) {
    Pattern sent;
    fill(sent);
    Transfer send(sent.next(1));
    send.send(near);
    Transfer recv(1);
    recv.recv(near);
    nng_aio_cancel(recv);
    EXPECT_EQ(recv.wait(), kCancelled);
    EXPECT_TRUE(send.busy());
    Pattern received;
    drain(received, sent);
    EXPECT_EQ(send.wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(CancelRecv, AgainstBytesThatComeLosesNone) {
    Pattern sent;
    Pattern received;
    std::minstd_rand random(1);
    for (int i = 0; i < 300; ++i) {
        Transfer recv(100);
        recv.recv(far);
        const Bytes bytes = sent.next(1 + random() % 100);
        std::thread sender;
        if (i % 10 == 0)
            sender = std::thread([&] { send_all(near, bytes); });
        else
            send_all(near, bytes);
        nng_aio_cancel(recv);
        const Outcome outcome = recv.wait();
        if (outcome.result == NNG_OK) {
            ASSERT_TRUE(received.continues(recv.moved()));
        } else {
            ASSERT_EQ(outcome, kCancelled);
        }
        if (sender.joinable()) sender.join();
        drain(received, sent);
        ASSERT_FALSE(HasFatalFailure());
    }
}

// The canceller's request comes at a random moment, so that it may come while the library receives the byte.
TEST_P(CancelRecv, ByAnotherThreadAgainstBytesThatComeLosesNone) {
    constexpr int kRounds = 1'000;
    Pattern sent;
    Pattern received;
    Transfer recv(1);
    support::Gate gate(2);
    std::thread canceller([&] {
        std::minstd_rand random(2);
        for (int i = 0; i < kRounds; ++i) {
            gate.pass();
            for (auto turns = random() % 20'000; turns > 0; --turns) asm volatile("" ::: "memory");
            nng_aio_cancel(recv);
            gate.pass();
        }
    });
    for (int i = 0; i < kRounds; ++i) {
        recv.recv(far);
        gate.pass();
        send_all(near, sent.next(1));
        gate.pass();
        const Outcome outcome = recv.wait();
        EXPECT_TRUE(outcome == kCancelled || outcome == (Outcome{NNG_OK, 1})) << outcome;
        if (outcome.result == NNG_OK) {
            EXPECT_TRUE(received.continues(recv.moved()));
        }
        drain(received, sent);
    }
    canceller.join();
}

TEST_P(CancelRecv, ByShortTimeoutsAgainstBytesThatComeLosesNone) {
    constexpr std::size_t kTotal = 20'000;
    std::thread sender([&] {
        Pattern sent;
        while (sent.position() < kTotal) {
            send_all(near, sent.next(100));
            if (sent.position() % 1000 == 0) nng_msleep(1);
        }
    });
    Pattern received;
    Transfer recv(300);
    recv.within(1);
    bool good = true;
    while (good && received.position() < kTotal) {
        const Outcome outcome = recv.recv(far).wait();
        good = outcome == kTimedOut || (outcome.result == NNG_OK && received.continues(recv.moved()));
    }
    sender.join();
    EXPECT_TRUE(good);
    EXPECT_EQ(received.position(), kTotal);
}

// ---- Sends --------------------------------------------------------------------------------------

class CancelSend : public StreamTest {
  protected:
    // Ends a send that waits for the reader, and expects that none of its bytes are sent.
    void expect(const Way& way) {
        Pattern sent;
        fill(sent);
        Transfer send(Bytes(1000, 0xaa));
        send.send(near);
        way.end(send);
        const Outcome outcome = send.wait();
        EXPECT_EQ(outcome, way.outcome);
        Pattern received;
        drain(received, sent);
        expect_to_work();
    }

    // Three sends wait. A request ends the one at `index`; the bytes of the others are sent.
    void expect_of_three(std::size_t index, const Way& way) {
        Pattern sent;
        fill(sent);
        std::array<Transfer, 3> sends{Transfer(Bytes{20}), Transfer(Bytes{21}), Transfer(Bytes{22})};
        for (Transfer& send : sends) send.send(near);
        way.end(sends[index]);
        EXPECT_EQ(sends[index].wait(), way.outcome);
        Pattern received;
        drain(received, sent);
        const Bytes rest = recv_all(far, 2);
        std::size_t at = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            if (i == index) continue;
            EXPECT_EQ(sends[i].wait(), (Outcome{NNG_OK, 1}));
            EXPECT_EQ(rest.at(at++), 20 + i);
        }
        expect_to_work();
    }
};

TEST_P(CancelSend, ByCancel) { expect(kCancel); }
TEST_P(CancelSend, ByAbortWithItsCode) { expect(kAbort); }
TEST_P(CancelSend, ByStop) { expect(kStop); }
TEST_P(CancelSend, TheFirstOfThree) { expect_of_three(0, kCancel); }
TEST_P(CancelSend, TheSecondOfThree) { expect_of_three(1, kAbort); }
TEST_P(CancelSend, TheLastOfThree) { expect_of_three(2, kStop); }

TEST_P(CancelSend, ByItsTimeout) {
    Pattern sent;
    fill(sent);
    Transfer send(Bytes(1000, 0xaa));
    const std::int64_t begin = monotonic_ns();
    EXPECT_EQ(send.within(5).send(near).wait(), kTimedOut);
    EXPECT_GE(monotonic_ns() - begin, 5 * kMillisecond);
    Pattern received;
    drain(received, sent);
    expect_to_work();
}

TEST_P(CancelSend, TheHandleCanBeUsedAgain) {
    Pattern sent;
    fill(sent);
    Transfer send(Bytes{1, 2, 3});
    send.send(near);
    nng_aio_cancel(send);
    EXPECT_EQ(send.wait(), kCancelled);
    Pattern received;
    drain(received, sent);
    EXPECT_EQ(send.send(near).wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv_all(far, 3), (Bytes{1, 2, 3}));
}

TEST_P(CancelSend, OnAStoppedHandleIsRefusedAndSendsNothing) {
    Transfer send(Bytes{1, 2, 3});
    nng_aio_stop(send);
    EXPECT_EQ(send.send(near).wait(), kStopped);
    expect_to_work();
}

TEST_P(CancelSend, AgainstAReaderSendsAllOfItsCountAndNoMore) {
    Pattern sent;
    Pattern received;
    for (int i = 0; i < 20; ++i) {
        // Small sends, because the reader makes room while the test cancels the last one, so that it may still succeed.
        Transfer send(std::size_t{1} << 16);
        for (int tries = 0; tries < 1000; ++tries) {
            sent.fill(send.bytes().data(), send.bytes().size());
            send.send(near);
            if (send.busy()) break;
            ASSERT_EQ(send.wait().result, NNG_OK);
            sent.skip(nng_aio_count(send));
        }
        std::thread reader([&] {
            Transfer recv(std::size_t{1} << 18);
            ASSERT_EQ(recv.recv(far).wait().result, NNG_OK);
            ASSERT_TRUE(received.continues(recv.moved()));
        });
        nng_aio_cancel(send);
        const Outcome outcome = send.wait();
        reader.join();
        if (outcome.result == NNG_OK)
            sent.skip(outcome.count);
        else
            ASSERT_EQ(outcome, kCancelled);
    }
    drain(received, sent);
    expect_to_work();
}

TEST_P(CancelSend, LeavesTheOtherDirectionAlone) {
    Pattern sent;
    fill(sent);
    Transfer recv(1);
    recv.recv(near);
    Transfer send(Bytes{1});
    send.send(near);
    nng_aio_cancel(send);
    EXPECT_EQ(send.wait(), kCancelled);
    EXPECT_TRUE(recv.busy());
    send_all(far, {7});
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 1}));
}

NAIO_OVER(all_schemes, CancelRecv);
NAIO_OVER(all_schemes, CancelSend);

}  // namespace
}  // namespace streams
