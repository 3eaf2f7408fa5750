// Tests dials that connect, that are refused, and that are ended on the way.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "stream_test.h"

namespace streams {
namespace {

class Dial : public ServiceTest {
  protected:
    const Dialer dialer = make_dialer(service.url());

    static void expect_connected(nng_stream* one, nng_stream* other) {
        send_all(one, {1, 2, 3});
        EXPECT_EQ(recv_all(other, 3), (Bytes{1, 2, 3}));
        send_all(other, {4, 5});
        EXPECT_EQ(recv_all(one, 2), (Bytes{4, 5}));
    }
};

TEST_P(Dial, ConnectsToAListenerThatAccepts) {
    Transfer accept;
    accept.accept(service.listener());
    Transfer dial;
    ASSERT_EQ(dial.dial(dialer).wait(), (Outcome{NNG_OK, 0}));
    ASSERT_EQ(accept.wait(), (Outcome{NNG_OK, 0}));
    const Stream near = dial.stream();
    const Stream far = accept.stream();
    ASSERT_NE(near, nullptr);
    ASSERT_NE(far, nullptr);
    expect_connected(near, far);
}

TEST_P(Dial, ConnectsToAListenerThatAcceptsLater) {
    Transfer dial;
    ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
    const Stream near = dial.stream();
    send_all(near, {9});
    const Stream far = service.accept();
    EXPECT_EQ(recv_all(far, 1), Bytes{9});
    expect_connected(near, far);
}

TEST_P(Dial, AgainConnectsAgain) {
    Transfer dial;
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
        const Stream near = dial.stream();
        const Stream far = service.accept();
        expect_connected(near, far);
    }
}

TEST_P(Dial, SeveralTimesAtOnceConnectsSeveralTimes) {
    std::array<Transfer, 8> dials;
    for (Transfer& dial : dials) dial.dial(dialer);
    std::vector<Stream> nears;
    std::vector<Stream> fars;
    for (Transfer& dial : dials) {
        ASSERT_EQ(dial.wait().result, NNG_OK);
        nears.push_back(dial.stream());
        fars.push_back(service.accept());
    }
    for (const Stream& near : nears) send_all(near, {1});
    for (const Stream& far : fars) EXPECT_EQ(recv_all(far, 1), Bytes{1});
}

TEST_P(Dial, FromSeveralThreadsConnects) {
    constexpr int kThreads = 4;
    std::array<Stream, kThreads> nears;
    std::vector<std::thread> threads;
    for (Stream& near : nears)
        threads.emplace_back([&] {
            Transfer dial;
            ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
            near = dial.stream();
        });
    for (std::thread& thread : threads) thread.join();
    for (int i = 0; i < kThreads; ++i) EXPECT_NE(service.accept(), nullptr);
}

TEST_P(Dial, AStreamOutlivesItsDialer) {
    Dialer own = make_dialer(service.url());
    Transfer dial;
    ASSERT_EQ(dial.dial(own).wait().result, NNG_OK);
    own.reset();
    const Stream near = dial.stream();
    const Stream far = service.accept();
    expect_connected(near, far);
}

TEST_P(Dial, ByAUrlObjectIsTheSame) {
    nng_url* url = nullptr;
    ASSERT_EQ(nng_url_parse(&url, service.url().c_str()), NNG_OK);
    nng_stream_dialer* made = nullptr;
    ASSERT_EQ(nng_stream_dialer_alloc_url(&made, url), NNG_OK);
    nng_url_free(url);
    const Dialer own(made);
    Transfer dial;
    ASSERT_EQ(dial.dial(own).wait().result, NNG_OK);
    const Stream near = dial.stream();
    const Stream far = service.accept();
    expect_connected(near, far);
}

TEST_P(Dial, CanBeDoneByACallback) {
    support::Event both;
    Stream near;
    Transfer dial(0, [&](nng_aio* aio) {
        near = Stream(static_cast<nng_stream*>(nng_aio_get_output(aio, 0)));
        both.set();
    });
    Transfer first(0, [&](nng_aio*) { dial.dial(dialer); });
    first.dial(dialer);
    ASSERT_TRUE(both.wait());
    EXPECT_EQ(first.wait().result, NNG_OK);
    EXPECT_EQ(dial.wait().result, NNG_OK);
    const Stream other = first.stream();
    EXPECT_NE(near, nullptr);
}

TEST_P(Dial, ToAnAddressWithoutAListenerIsRefused) {
    const Dialer nowhere = make_dialer(fresh_full_url(scheme()));
    Transfer dial;
    EXPECT_EQ(dial.dial(nowhere).wait(), (Outcome{NNG_ECONNREFUSED, 0}));
    EXPECT_EQ(nng_aio_get_output(dial, 0), nullptr);
}

TEST_P(Dial, AfterARefusalConnectsToAListenerThatCameLater) {
    const std::string url = fresh_full_url(scheme());
    const Dialer own = make_dialer(url);
    Transfer dial;
    ASSERT_EQ(dial.dial(own).wait().result, NNG_ECONNREFUSED);
    const Listener late = make_listener(url);
    ASSERT_EQ(nng_stream_listener_listen(late), NNG_OK);
    ASSERT_EQ(dial.dial(own).wait().result, NNG_OK);
    EXPECT_NE(dial.stream(), nullptr);
}

TEST_P(Dial, ClearsTheOutputOfTheDialBefore) {
    Transfer dial;
    ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
    const Stream stream = dial.stream();
    const Dialer nowhere = make_dialer(fresh_full_url(scheme()));
    ASSERT_NE(dial.dial(nowhere).wait().result, NNG_OK);
    EXPECT_EQ(nng_aio_get_output(dial, 0), nullptr);
}

TEST_P(Dial, WithZeroTimeoutConnectsAtOnceOrTimesOut) {
    Transfer dial;
    const Outcome outcome = dial.within(0).dial(dialer).wait();
    if (outcome.result == NNG_OK) {
        const Stream near = dial.stream();
    } else {
        EXPECT_EQ(outcome, kTimedOut);
    }
    dial.within(NNG_DURATION_INFINITE);
    ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
    EXPECT_NE(dial.stream(), nullptr);
}

TEST_P(Dial, SkipsTheCallbackOnlyIfItIsDoneInPlace) {
    Transfer dial;
    dial.skip_callback().dial(dialer);
    const bool skipped = dial.skipped();
    EXPECT_FALSE(skipped && dial.busy());
    ASSERT_EQ(dial.wait().result, NNG_OK);
    EXPECT_NE(dial.stream(), nullptr);
}

TEST_P(Dial, OnAClosedDialerIsRefused) {
    nng_stream_dialer_close(dialer);
    Transfer dial;
    EXPECT_EQ(dial.dial(dialer).wait(), kClosed);
    nng_stream_dialer_close(dialer);  // again
    EXPECT_EQ(dial.dial(dialer).wait(), kClosed);
    nng_stream_dialer_stop(dialer);
    EXPECT_EQ(dial.dial(dialer).wait(), kClosed);
}

TEST_P(Dial, OnAStoppedHandleIsRefused) {
    Transfer dial;
    nng_aio_stop(dial);
    EXPECT_EQ(dial.dial(dialer).wait(), kStopped);
}

TEST_P(Dial, GivenUpAtAnyMomentLeavesTheDialerUsable) {
    for (int i = 0; i < 100; ++i) {
        Transfer dial;
        dial.dial(dialer);
        for (int spin = 0; spin < i * 20; ++spin) std::atomic_signal_fence(std::memory_order_seq_cst);
        nng_aio_cancel(dial);
        const Outcome outcome = dial.wait();
        if (outcome.result == NNG_OK) {
            const Stream near = dial.stream();
            ASSERT_NE(near, nullptr);
        } else {
            ASSERT_EQ(outcome, kCancelled);
        }
        Transfer accept;  // empties the backlog, so that it does not become full
        while (accept.within(0).accept(service.listener()).wait().result == NNG_OK) accept.stream().reset();
    }
    Transfer dial;
    ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
    EXPECT_NE(dial.stream(), nullptr);
}

class DialPending : public testing::TestWithParam<Scheme> {
  protected:
    // Ends a dial that waits, and expects the outcome and no stream.
    template <class End>
    void expect(Outcome outcome, End end) {
        Transfer dial;
        dial.dial(dialer);
        EXPECT_TRUE(dial.busy());
        end(dial);
        EXPECT_EQ(dial.wait(), outcome);
        EXPECT_EQ(nng_aio_get_output(dial, 0), nullptr);
    }

    Crowded crowded{GetParam()};
    Dialer dialer = make_dialer(crowded.url());
};

TEST_P(DialPending, Waits) {
    Transfer dial;
    EXPECT_TRUE(dial.dial(dialer).stays_pending());
    nng_aio_cancel(dial);
    EXPECT_EQ(dial.wait(), kCancelled);
}

TEST_P(DialPending, IsEndedByCancel) {
    expect(kCancelled, [](Transfer& dial) { nng_aio_cancel(dial); });
}
TEST_P(DialPending, IsEndedByAbort) {
    expect({NNG_EPEERAUTH, 0}, [](Transfer& dial) { nng_aio_abort(dial, NNG_EPEERAUTH); });
}
TEST_P(DialPending, IsEndedByStop) {
    expect(kStopped, [](Transfer& dial) { nng_aio_stop(dial); });
}
TEST_P(DialPending, IsEndedByTheDialersClose) {
    expect(kClosed, [&](Transfer&) { nng_stream_dialer_close(dialer); });
}
TEST_P(DialPending, IsEndedByTheDialersStop) {
    expect(kClosed, [&](Transfer&) { nng_stream_dialer_stop(dialer); });
}
TEST_P(DialPending, IsEndedByTheDialersFree) {
    expect(kClosed, [&](Transfer&) { dialer.reset(); });
}

TEST_P(DialPending, IsEndedByItsTimeout) {
    Transfer dial;
    EXPECT_EQ(dial.within(5).dial(dialer).wait(), kTimedOut);
}

TEST_P(DialPending, TimesOutAtOnceWithZeroTimeout) {
    Transfer dial;
    EXPECT_EQ(dial.within(0).dial(dialer).wait(), kTimedOut);
}

TEST_P(DialPending, OneOfSeveralCanBeEndedAlone) {
    std::array<Transfer, 3> dials;
    for (Transfer& dial : dials) dial.dial(dialer);
    nng_aio_cancel(dials[1]);
    EXPECT_EQ(dials[1].wait(), kCancelled);
    EXPECT_TRUE(dials[0].busy());
    EXPECT_TRUE(dials[2].busy());
    nng_stream_dialer_close(dialer);
    EXPECT_EQ(dials[0].wait(), kClosed);
    EXPECT_EQ(dials[2].wait(), kClosed);
}

TEST_P(DialPending, ConnectsWhenThereIsRoom) {
    if (GetParam().tcp()) GTEST_SKIP() << "the system tries to connect over TCP again only after a second";
    Transfer dial;
    dial.dial(dialer);
    crowded.make_room();
    ASSERT_EQ(dial.wait().result, NNG_OK);
    const Stream near = dial.stream();
    const Descriptor far = crowded.accept_last();
    send_all(near, {5});
    std::uint8_t byte = 0;
    EXPECT_EQ(read(far, &byte, 1), 1);
    EXPECT_EQ(byte, 5);
}

TEST_P(DialPending, IsRefusedWhenTheListenerGoes) {
    if (GetParam().tcp()) GTEST_SKIP() << "the system tries to connect over TCP again only after a second";
    Transfer dial;
    dial.dial(dialer);
    crowded.close();
    EXPECT_EQ(dial.wait(), (Outcome{NNG_ECONNREFUSED, 0}));
}

NAIO_OVER(dialing_schemes, Dial);
NAIO_OVER(dialing_schemes, DialPending);

}  // namespace
}  // namespace streams
