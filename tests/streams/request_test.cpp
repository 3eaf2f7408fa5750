// Tests requests with types, and naio_aio_outcome, which tells how much an ended operation may have done. Single sends
// and receives, accepts and dials guarantee TOTAL: if a request ends the operation, it has moved nothing. Transfers of
// all bytes (fixture All) may end in part.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include "stream_test.h"

namespace streams {
namespace {

constexpr naio_cancel kTypes[] = {NAIO_CANCEL_TERMINAL, NAIO_CANCEL_PARTIAL, NAIO_CANCEL_TOTAL, NAIO_CANCEL_ALL};

class Request : public StreamTest {
  protected:
    // Ends operations with each type, with and without a reason, and expects the outcome TOTAL.
    template <class Submit>
    void expect_total(Transfer& transfer, Submit submit) {
        for (const naio_cancel type : kTypes) {
            for (const nng_err reason : {NNG_OK, NNG_EPEERAUTH}) {
                submit(transfer);
                EXPECT_TRUE(naio_aio_cancel(transfer, type, reason));
                EXPECT_EQ(transfer.wait(), (Outcome{reason == NNG_OK ? NNG_ECANCELED : reason, 0}));
                EXPECT_EQ(naio_aio_outcome(transfer), NAIO_CANCEL_TOTAL);
            }
        }
    }
};

TEST_P(Request, EndsARecvWithNothingTaken) {
    Transfer recv(10);
    expect_total(recv, [&](Transfer& one) { one.recv(far); });
    expect_to_work();
}

TEST_P(Request, EndsASendWithNothingSent) {
    Pattern sent;
    fill(sent);
    Transfer send(10);
    expect_total(send, [&](Transfer& one) { one.send(near); });
    Pattern received;
    drain(received, sent);
    expect_to_work();
}

TEST_P(Request, EndsAnAcceptWithNoConnectionTaken) {
    Transfer accept;
    expect_total(accept, [&](Transfer& one) { one.accept(service.listener()); });
    const Pair next = service.pair();
    expect_to_work(next.near, next.far);
}

TEST_P(Request, HasNoEffectOnWhatIsOver) {
    send_all(near, {1, 2});
    Transfer recv(10);
    ASSERT_EQ(recv.recv(far).wait(), (Outcome{NNG_OK, 2}));
    EXPECT_FALSE(naio_aio_cancel(recv, NAIO_CANCEL_ALL, NNG_OK));
    EXPECT_EQ(recv.wait(), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(naio_aio_outcome(recv), NAIO_CANCEL_NONE);
}

TEST_P(Request, ByATimeoutIsTotal) {
    Transfer recv(10);
    EXPECT_EQ(recv.within(3).recv(far).wait(), kTimedOut);
    EXPECT_EQ(naio_aio_outcome(recv), NAIO_CANCEL_TOTAL);
    EXPECT_EQ(recv.within(0).recv(far).wait(), kTimedOut);
    EXPECT_EQ(naio_aio_outcome(recv), NAIO_CANCEL_TOTAL);
}

TEST_P(Request, ByStopIsTotal) {
    Transfer recv(10);
    recv.recv(far);
    nng_aio_stop(recv);
    EXPECT_EQ(recv.wait(), kStopped);
    EXPECT_EQ(naio_aio_outcome(recv), NAIO_CANCEL_TOTAL);
}

TEST_P(Request, ThroughASlotReachesTheOperation) {
    naio_signal* signal = nullptr;
    ASSERT_EQ(naio_signal_alloc(&signal, 0), NNG_OK);
    Transfer recv(10);
    naio_aio_bind_slot(recv, naio_signal_slot(signal), NAIO_CANCEL_ALL);
    recv.recv(far);
    EXPECT_TRUE(naio_signal_emit(signal, NAIO_CANCEL_TOTAL));
    EXPECT_EQ(recv.wait(), kCancelled);
    naio_signal_free(signal);
    expect_to_work();
}

// ---- All of the bytes ---------------------------------------------------------------------------

class All : public StreamTest {
  protected:
    static Outcome outcome(nng_aio* aio) {
        nng_aio_wait(aio);
        return {nng_aio_result(aio), nng_aio_count(aio)};
    }
    // A handle whose vector is `bytes`.
    struct Memory {
        explicit Memory(std::size_t n) : bytes(n) {
            const nng_iov iov{bytes.data(), n};
            EXPECT_EQ(nng_aio_set_iov(handle, 1, &iov), NNG_OK);
        }
        Bytes bytes;
        support::Handle handle;
    };
};

TEST_P(All, AreWaitedFor) {
    Memory recv(10);
    naio_stream_recv_all(far, recv.handle, 0);
    send_all(near, {0, 1, 2});
    EXPECT_TRUE(recv.handle.stays_silent());
    send_all(near, {3, 4, 5, 6, 7, 8, 9});
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_OK, 10}));
    EXPECT_EQ(recv.bytes, (Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_P(All, OfAFewMebibytesGoInOneOperation) {
    Memory send(std::size_t{3} << 20);
    Pattern(1).fill(send.bytes.data(), send.bytes.size());
    Memory recv(send.bytes.size());
    naio_stream_send_all(near, send.handle, 0);
    naio_stream_recv_all(far, recv.handle, 0);
    EXPECT_EQ(outcome(send.handle), (Outcome{NNG_OK, send.bytes.size()}));
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_OK, send.bytes.size()}));
    EXPECT_TRUE(recv.bytes == send.bytes);
}

// No byte of one send is between the bytes of the other.
TEST_P(All, OfTwoSendsArriveOneAfterTheOther) {
    Pattern sent(1);
    Memory first(std::size_t{2} << 20), second(first.bytes.size());
    for (Memory* send : {&first, &second}) {
        sent.fill(send->bytes.data(), send->bytes.size());
        sent.skip(send->bytes.size());
    }
    naio_stream_send_all(near, first.handle, 0);
    naio_stream_send_all(near, second.handle, 0);
    Pattern received(1);
    EXPECT_TRUE(received.continues(recv_all(far, 2 * first.bytes.size())));
    EXPECT_EQ(outcome(first.handle), (Outcome{NNG_OK, first.bytes.size()}));
    EXPECT_EQ(outcome(second.handle), (Outcome{NNG_OK, second.bytes.size()}));
}

TEST_P(All, OfTwoReceivesComeOneAfterTheOther) {
    Memory first(std::size_t{1} << 20), second(first.bytes.size()), send(2 * first.bytes.size());
    Pattern(1).fill(send.bytes.data(), send.bytes.size());
    naio_stream_recv_all(far, first.handle, 0);
    naio_stream_recv_all(far, second.handle, 0);
    naio_stream_send_all(near, send.handle, 0);
    Pattern received(1);
    for (Memory* recv : {&first, &second}) {
        EXPECT_EQ(outcome(recv->handle), (Outcome{NNG_OK, recv->bytes.size()}));
        EXPECT_TRUE(received.continues(recv->bytes));
    }
}

TEST_P(All, OfAReceiveComeBeforeASingleOneGetsItsFirst) {
    Memory whole(4);
    Transfer single(4);
    naio_stream_recv_all(far, whole.handle, 0);
    send_all(near, {0, 1});
    single.recv(far);
    EXPECT_TRUE(single.stays_pending());
    send_all(near, {2, 3, 4});
    EXPECT_EQ(outcome(whole.handle), (Outcome{NNG_OK, 4}));
    EXPECT_EQ(single.wait(), (Outcome{NNG_OK, 1}));
    EXPECT_EQ(whole.bytes, (Bytes{0, 1, 2, 3}));
    EXPECT_EQ(single.moved(), Bytes{4});
}

TEST_P(All, OfALaterReceiveBeginAfterThoseOfACancelledOne) {
    Memory first(4), second(2);
    naio_stream_recv_all(far, first.handle, 0);
    send_all(near, {0, 1});
    naio_stream_recv_all(far, second.handle, NAIO_CANCEL_TOTAL);
    EXPECT_TRUE(first.handle.stays_silent());
    EXPECT_TRUE(naio_aio_cancel(first.handle, NAIO_CANCEL_PARTIAL, NNG_OK));
    EXPECT_EQ(outcome(first.handle), (Outcome{NNG_ECANCELED, 2}));
    naio_stream_recv_all(far, first.handle, 0);  // receives the 2 bytes that are missing, after the second receive
    send_all(near, {2, 3, 4, 5});
    EXPECT_EQ(outcome(second.handle), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(outcome(first.handle), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(second.bytes, (Bytes{2, 3}));
    EXPECT_EQ(first.bytes, (Bytes{0, 1, 4, 5}));
}

TEST_P(All, AreNotBegunBehindAnotherTransfer) {
    Memory first(4), total(4), partial(4), poll(4);
    naio_stream_recv_all(far, first.handle, 0);
    naio_stream_recv_all(far, total.handle, NAIO_CANCEL_TOTAL);
    naio_stream_recv_all(far, partial.handle, 0);
    EXPECT_FALSE(naio_aio_cancel(partial.handle, NAIO_CANCEL_TOTAL, NNG_OK));  // this receive does not accept TOTAL
    EXPECT_TRUE(naio_aio_cancel(total.handle, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(outcome(total.handle), kCancelled);
    EXPECT_EQ(naio_aio_outcome(total.handle), NAIO_CANCEL_TOTAL);
    nng_aio_set_timeout(poll.handle, 0);
    send_all(near, {1, 2});
    naio_stream_recv_all(far, poll.handle, 0);
    EXPECT_EQ(outcome(poll.handle), kTimedOut);
    EXPECT_EQ(naio_aio_outcome(poll.handle), NAIO_CANCEL_TOTAL);
    send_all(near, {3, 4, 5, 6, 7, 8});
    EXPECT_EQ(outcome(first.handle), (Outcome{NNG_OK, 4}));
    EXPECT_EQ(outcome(partial.handle), (Outcome{NNG_OK, 4}));
}

TEST_P(All, ThatAreThereCanBePolledFor) {
    Memory recv(4);
    nng_aio_set_timeout(recv.handle, 0);
    naio_stream_recv_all(far, recv.handle, 0);
    EXPECT_EQ(outcome(recv.handle), kTimedOut);
    EXPECT_EQ(naio_aio_outcome(recv.handle), NAIO_CANCEL_TOTAL);
    send_all(near, {1, 2});
    while (naio_stream_recv_all(far, recv.handle, 0), outcome(recv.handle).count == 0) {
    }
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_ETIMEDOUT, 2}));
    EXPECT_EQ(naio_aio_outcome(recv.handle), NAIO_CANCEL_PARTIAL);
    send_all(near, {3, 4});
    while (naio_stream_recv_all(far, recv.handle, 0), outcome(recv.handle).count == 0) {
    }
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_OK, 2}));
    EXPECT_EQ(recv.bytes, (Bytes{1, 2, 3, 4}));
}

TEST_P(All, AreNotTornByAPollThatAsksForTotal) {
    Memory recv(4);
    nng_aio_set_timeout(recv.handle, 0);
    naio_aio_set_timeout_types(recv.handle, NAIO_CANCEL_TOTAL);
    naio_stream_recv_all(far, recv.handle, NAIO_CANCEL_TOTAL);
    EXPECT_EQ(outcome(recv.handle), kTimedOut);
    send_all(near, {1, 2});
    do {
        naio_stream_recv_all(far, recv.handle, NAIO_CANCEL_TOTAL);
    } while (!recv.handle.stays_silent() && nng_aio_result(recv.handle) == NNG_ETIMEDOUT);
    send_all(near, {3, 4});
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_OK, 4}));
}

TEST_P(All, AreCountedWhenATimeoutComesBefore) {
    send_all(near, {1, 2, 3});
    Memory recv(10);
    nng_aio_set_timeout(recv.handle, 10);
    naio_stream_recv_all(far, recv.handle, 0);
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_ETIMEDOUT, 3}));
    EXPECT_EQ(naio_aio_outcome(recv.handle), NAIO_CANCEL_PARTIAL);
    expect_to_work();
}

TEST_P(All, AreCountedWhenTheStreamEndsBefore) {
    send_all(near, {1, 2, 3});
    free_near();
    Memory recv(10);
    naio_stream_recv_all(far, recv.handle, 0);
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_ECONNSHUT, 3}));
}

TEST_P(All, AreCountedWhenASendTimesOut) {
    Pattern sent;
    Memory send(std::size_t{16} << 20);
    sent.fill(send.bytes.data(), send.bytes.size());
    nng_aio_set_timeout(send.handle, 50);
    naio_stream_send_all(near, send.handle, 0);  // more bytes than the socket takes while the other end does not read
    const Outcome ended = outcome(send.handle);
    EXPECT_EQ(ended.result, NNG_ETIMEDOUT);
    sent.skip(ended.count);
    Pattern received;
    drain(received, sent);
    expect_to_work();  // no further byte was sent
}

TEST_P(All, AreReceivedWhollyOrNotAtAllIfTotalIsAskedFor) {
    Memory recv(4);
    naio_stream_recv_all(far, recv.handle, NAIO_CANCEL_TOTAL);
    EXPECT_TRUE(naio_aio_cancel(recv.handle, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(outcome(recv.handle), kCancelled);
    EXPECT_EQ(naio_aio_outcome(recv.handle), NAIO_CANCEL_TOTAL);
    expect_to_work();
}

TEST_P(All, RefuseATotalRequestOnceAByteHasCome) {
    Memory recv(6);
    send_all(near, {1, 2, 3});
    naio_stream_recv_all(far, recv.handle, NAIO_CANCEL_TOTAL);
    while (naio_aio_cancel(recv.handle, NAIO_CANCEL_TOTAL, NNG_OK)) {
        // The request may end the operation before it has received a byte.
        if (!nng_aio_busy(recv.handle)) naio_stream_recv_all(far, recv.handle, NAIO_CANCEL_TOTAL);
    }
    send_all(near, {4, 5, 6});
    EXPECT_EQ(outcome(recv.handle), (Outcome{NNG_OK, 6}));
    EXPECT_EQ(recv.bytes, (Bytes{1, 2, 3, 4, 5, 6}));
}

TEST_P(All, AcceptOnlyTerminalRequestsIfTerminalIsAskedFor) {
    Memory recv(6);
    naio_stream_recv_all(far, recv.handle, NAIO_CANCEL_TERMINAL);
    EXPECT_FALSE(naio_aio_cancel(recv.handle, NAIO_CANCEL_PARTIAL, NNG_OK));
    send_all(near, {1, 2, 3});
    EXPECT_TRUE(recv.handle.stays_silent());
    EXPECT_FALSE(naio_aio_cancel(recv.handle, NAIO_CANCEL_PARTIAL, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(recv.handle, NAIO_CANCEL_TERMINAL, NNG_OK));
    EXPECT_EQ(outcome(recv.handle).result, NNG_ECANCELED);
}

TEST_P(All, AreCancelledByAnAbortWithSuccess) {
    Memory recv(6);
    naio_stream_recv_all(far, recv.handle, 0);
    nng_aio_abort(recv.handle, NNG_OK);
    EXPECT_EQ(outcome(recv.handle), kCancelled);
}

TEST_P(All, OfNothingSucceed) {
    Memory none(0);
    naio_stream_recv_all(far, none.handle, 0);
    EXPECT_EQ(outcome(none.handle), (Outcome{NNG_OK, 0}));
    naio_stream_send_all(far, none.handle, 0);
    EXPECT_EQ(outcome(none.handle), (Outcome{NNG_OK, 0}));
}

TEST_P(All, EndWithTheStreamThatIsClosed) {
    Memory recv(4);
    naio_stream_recv_all(near, recv.handle, 0);
    nng_stream_close(near);
    EXPECT_EQ(outcome(recv.handle), kClosed);
}

class DialRequest : public Request {};

TEST_P(DialRequest, EndsADialWithNoTrace) {
    Crowded crowded(scheme());
    const Dialer dialer = make_dialer(crowded.url());
    Transfer dial;
    expect_total(dial, [&](Transfer& one) { one.dial(dialer); });
}

NAIO_OVER(all_schemes, Request);
NAIO_OVER(all_schemes, All);
NAIO_OVER(dialing_schemes, DialRequest);

}  // namespace
}  // namespace streams
