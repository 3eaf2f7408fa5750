// Tests operations that poll, which have a zero timeout, and operations that complete at once and in place.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include "stream_test.h"

namespace streams {
namespace {

// Sends a few bytes, for which the stream has room. The function does not wait, so callbacks may call it.
void send_all_in_place(nng_stream* stream, Bytes bytes) {
    Transfer send(std::move(bytes));
    send.skip_callback().send(stream);
    ASSERT_TRUE(send.skipped());
    ASSERT_EQ(send.wait(), (Outcome{NNG_OK, send.bytes().size()}));
}

class Polling : public StreamTest {};

TEST_P(Polling, ARecvWithNothingThereTimesOut) {
    Transfer recv(10);
    EXPECT_EQ(recv.within(0).recv(far).wait(), kTimedOut);
    expect_to_work();
}

TEST_P(Polling, ARecvDeliversWhatIsThere) {
    send_all(near, {1, 2, 3});
    Transfer recv(10);
    EXPECT_EQ(recv.within(0).recv(far).wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2, 3}));
}

TEST_P(Polling, ARecvThatTimedOutLeavesNothingBehind) {
    Transfer recv(10);
    EXPECT_EQ(recv.within(0).recv(far).wait(), kTimedOut);
    send_all(near, {1});
    EXPECT_EQ(recv.within(0).recv(far).wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(recv.within(0).recv(far).wait(), kTimedOut);
}

TEST_P(Polling, ASendGoesWhileThereIsRoom) {
    Transfer send(Bytes{1, 2, 3});
    EXPECT_EQ(send.within(0).send(near).wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv_all(far, 3), (Bytes{1, 2, 3}));
}

TEST_P(Polling, ASendTimesOutWhenThereIsNoRoomAndSendsNothing) {
    Pattern sent;
    fill(sent);
    Transfer send(Bytes{1, 2, 3});
    EXPECT_EQ(send.within(0).send(near).wait(), kTimedOut);
    Pattern received;
    drain(received, sent);
    expect_to_work();
}

TEST_P(Polling, ARecvDoesNotOvertakeOneThatWaits) {
    Transfer waiting(10);
    waiting.recv(far);
    Transfer recv(10);
    EXPECT_EQ(recv.within(0).recv(far).wait(), kTimedOut);
    send_all(near, {1, 2});
    EXPECT_EQ(waiting.wait(), (Outcome{NNG_OK, 2}));
}

TEST_P(Polling, ASendDoesNotOvertakeOneThatWaits) {
    Pattern sent;
    fill(sent);
    Transfer waiting(sent.next(1));
    waiting.send(near);
    Transfer send(Bytes{1});
    EXPECT_EQ(send.within(0).send(near).wait(), kTimedOut);
    Pattern received;
    drain(received, sent);
    EXPECT_EQ(waiting.wait(), (Outcome{NNG_OK, 1}));
    expect_to_work();
}

TEST_P(Polling, OfNothingCompletes) {
    Transfer recv(0);
    EXPECT_EQ(recv.within(0).recv(far).wait(), (Outcome{NNG_OK, 0}));
    Transfer send(0);
    EXPECT_EQ(send.within(0).send(near).wait(), (Outcome{NNG_OK, 0}));
}

TEST_P(Polling, APastExpiryPollsToo) {
    Transfer recv(10);
    nng_aio_set_expire(recv, nng_clock() > 10 ? nng_clock() - 10 : 0);
    EXPECT_EQ(recv.recv(far).wait(), kTimedOut);
    send_all(near, {1, 2, 3});
    nng_aio_set_expire(recv, nng_clock() > 10 ? nng_clock() - 10 : 0);
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 3}));
}

// A callback may run on the poller's thread, where the library often leaves an operation to the poller instead of
// trying it at once. An operation with a zero timeout must be tried at once.
TEST_P(Polling, ARecvInACallbackDeliversWhatIsThere) {
    for (int i = 0; i < 20; ++i) {
        Transfer poll(10);
        poll.within(0);
        Transfer recv(10, [&](nng_aio*) {
            send_all_in_place(near, {4, 5, 6});
            poll.recv(far);
        });
        recv.recv(far);
        send_all(near, {1, 2, 3});
        ASSERT_EQ(recv.wait(), (Outcome{NNG_OK, 3}));
        ASSERT_EQ(poll.wait(), (Outcome{NNG_OK, 3}));
        ASSERT_EQ(poll.moved(), (Bytes{4, 5, 6}));
    }
}

TEST_P(Polling, TheEndOfTheStreamIsDelivered) {
    free_near();
    Transfer recv(10);
    Outcome outcome = kTimedOut;
    while (outcome == kTimedOut) outcome = recv.within(0).recv(far).wait();  // loops until the end has arrived
    EXPECT_EQ(outcome, kShut);
}

class Skipping : public StreamTest {};

TEST_P(Skipping, ARecvOfWhatIsThereCompletesInPlace) {
    send_all(near, {1, 2, 3});
    Transfer recv(10);
    recv.skip_callback().recv(far);
    ASSERT_TRUE(recv.skipped());
    EXPECT_FALSE(recv.busy());
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv.moved(), (Bytes{1, 2, 3}));
}

TEST_P(Skipping, ARecvThatHasToWaitCallsBack) {
    Transfer recv(10);
    recv.skip_callback().recv(far);
    EXPECT_FALSE(recv.skipped());
    send_all(near, {1, 2, 3});
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 3}));
}

TEST_P(Skipping, ASendCompletesInPlaceWhileThereIsRoom) {
    Transfer send(Bytes{1, 2, 3});
    send.skip_callback().send(near);
    ASSERT_TRUE(send.skipped());
    EXPECT_EQ(send.wait(), (Outcome{NNG_OK, 3}));
    EXPECT_EQ(recv_all(far, 3), (Bytes{1, 2, 3}));
}

TEST_P(Skipping, ASendThatHasToWaitCallsBack) {
    Pattern sent;
    fill(sent);
    Transfer send(sent.next(1));
    send.skip_callback().send(near);
    EXPECT_FALSE(send.skipped());
    Pattern received;
    drain(received, sent);
    EXPECT_EQ(send.wait(), (Outcome{NNG_OK, 1}));
}

TEST_P(Skipping, OfNothingCompletesInPlace) {
    Transfer recv(0);
    recv.skip_callback().recv(far);
    EXPECT_TRUE(recv.skipped());
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 0}));
}

TEST_P(Skipping, ALoopOfRecvsWithoutAnyCallbackDrainsTheStream) {
    const Bytes bytes = Pattern().next(10'000);
    send_all(near, bytes);
    Transfer recv(1000);
    Pattern received;
    for (int i = 0; i < 10; ++i) {
        recv.skip_callback().recv(far);
        ASSERT_TRUE(recv.skipped());
        ASSERT_EQ(recv.wait(), (Outcome{NNG_OK, 1000}));
        EXPECT_TRUE(received.continues(recv.bytes()));
    }
    EXPECT_EQ(recv.handle().callbacks(), 0);
}

TEST_P(Skipping, InACallbackCompletesInPlace) {
    for (int i = 0; i < 20; ++i) {
        Transfer second(10);
        Transfer recv(10, [&](nng_aio*) {
            send_all_in_place(near, {4, 5, 6});
            second.skip_callback().recv(far);
            EXPECT_TRUE(second.skipped());
        });
        recv.recv(far);
        send_all(near, {1, 2, 3});
        ASSERT_EQ(recv.wait(), (Outcome{NNG_OK, 3}));
        ASSERT_EQ(second.wait(), (Outcome{NNG_OK, 3}));
    }
}

TEST_P(Skipping, IsForOneOperationOnly) {
    send_all(near, {1, 2});
    Transfer recv(1);
    recv.skip_callback().recv(far);
    ASSERT_TRUE(recv.skipped());
    EXPECT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(recv.handle().callbacks(), 1);
}

TEST_P(Skipping, AClosedStreamRefusesInPlace) {
    nng_stream_close(near);
    Transfer recv(10);
    recv.skip_callback().recv(near);
    EXPECT_TRUE(recv.skipped());
    EXPECT_EQ(recv.wait(), kClosed);
}

NAIO_OVER(all_schemes, Polling);
NAIO_OVER(all_schemes, Skipping);

}  // namespace
}  // namespace streams
