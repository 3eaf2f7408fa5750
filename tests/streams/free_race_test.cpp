// Tests that one thread may free streams, dialers and listeners while other threads cancel, stop and complete the
// operations on them.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <barrier>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "stream_test.h"
#include "support/scale.h"

namespace streams {
namespace {

using namespace support;

// Calls all functions at the same moment, each on a thread of its own.
void at_once(const std::vector<std::function<void()>>& acts) {
    std::barrier gate(static_cast<std::ptrdiff_t>(acts.size()));
    std::vector<std::thread> threads;
    for (const auto& act : acts)
        threads.emplace_back([&gate, &act] {
            gate.arrive_and_wait();
            act();
        });
    for (std::thread& thread : threads) thread.join();
}

// Expects that each operation has ended once, with one of these results.
template <class Transfers>
void expect_ended(Transfers& transfers, const std::set<nng_err>& results) {
    for (Transfer& transfer : transfers) {
        const Outcome outcome = transfer.wait();
        EXPECT_TRUE(results.count(outcome.result) != 0) << outcome;
    }
}

class FreeRace : public StreamTest {
  protected:
    static constexpr unsigned kRounds = rounds(150);
};

TEST_P(FreeRace, OfAStreamThatReceivesAgainstCancelsStopsAndBytes) {
    for (unsigned i = 0; i < kRounds; ++i) {
        Pair own = service.pair();
        std::array<Transfer, 4> recvs{Transfer(1), Transfer(1), Transfer(1), Transfer(1)};
        Transfer send(Bytes{1, 2});
        for (Transfer& recv : recvs) recv.recv(own.near);
        at_once({[&] { own.near.reset(); },
                 [&] {
                     nng_aio_cancel(recvs[1]);
                     nng_aio_stop(recvs[2]);
                 },
                 [&] { send.send(own.far); }});
        expect_ended(recvs, {NNG_OK, NNG_ECLOSED, NNG_ECANCELED, NNG_ESTOPPED});
        send.wait();
    }
}

TEST_P(FreeRace, OfAStreamThatSendsAgainstCancelsStopsAndAReader) {
    for (unsigned i = 0; i < kRounds / 10 + 1; ++i) {
        Pair own = service.pair();
        Pattern sent;
        streams::fill(own.near, sent);
        std::array<Transfer, 4> sends{Transfer(1), Transfer(1), Transfer(1), Transfer(1)};
        Transfer recv(std::size_t{1} << 20);
        for (Transfer& send : sends) send.send(own.near);
        at_once({[&] { own.near.reset(); },
                 [&] {
                     nng_aio_cancel(sends[1]);
                     nng_aio_stop(sends[2]);
                 },
                 [&] { recv.recv(own.far); }});
        expect_ended(sends, {NNG_OK, NNG_ECLOSED, NNG_ECANCELED, NNG_ESTOPPED});
        recv.wait();
    }
}

TEST_P(FreeRace, OfBothSidesAgainstEachOther) {
    for (unsigned i = 0; i < kRounds; ++i) {
        Pair own = service.pair();
        std::array<Transfer, 2> recvs{Transfer(1), Transfer(1)};
        recvs[0].recv(own.near);
        recvs[1].recv(own.far);
        at_once({[&] { own.near.reset(); }, [&] { own.far.reset(); }});
        expect_ended(recvs, {NNG_ECLOSED, NNG_ECONNSHUT, NNG_ECONNRESET});
    }
}

TEST_P(FreeRace, OfAStreamWhoseCallbacksSubmitAgain) {
    for (unsigned i = 0; i < kRounds; ++i) {
        Pair own = service.pair();
        Event ended;
        nng_stream* const stream = own.near;
        // The stream is only closed, because the callback must not use a stream that is freed.
        Handle recv([&](nng_aio* aio) {
            if (nng_aio_result(aio) != NNG_OK) return ended.set();
            nng_stream_recv(stream, aio);
        });
        std::uint8_t byte = 0;
        const nng_iov iov{&byte, 1};
        ASSERT_EQ(nng_aio_set_iov(recv, 1, &iov), NNG_OK);
        nng_stream_recv(stream, recv);
        Transfer send(Bytes(20, 1));
        at_once({[&] { nng_stream_close(stream); }, [&] { send.send(own.far); }});
        ASSERT_TRUE(ended.wait());
        send.wait();
    }
}

TEST_P(FreeRace, OfStopAgainstCloseAgainstOperationsThatBegin) {
    for (unsigned i = 0; i < kRounds; ++i) {
        const Pair own = service.pair();
        std::array<Transfer, 2> recvs{Transfer(1), Transfer(1)};
        at_once({[&] { nng_stream_stop(own.near); }, [&] { nng_stream_close(own.near); },
                 [&] { recvs[0].recv(own.near); }, [&] { recvs[1].within(0).recv(own.near); }});
        expect_ended(recvs, {NNG_ECLOSED, NNG_ETIMEDOUT});
    }
}

TEST_P(FreeRace, OfAListenerAgainstCancelsAndConnections) {
    for (unsigned i = 0; i < kRounds / 2; ++i) {
        auto own = std::make_unique<Service>(scheme());
        std::array<Transfer, 4> accepts;
        for (Transfer& accept : accepts) accept.accept(own->listener());
        const Descriptor early = own->raw_peer();
        at_once({[&] { own->free(); },
                 [&] {
                     nng_aio_cancel(accepts[1]);
                     nng_aio_stop(accepts[2]);
                 }});
        expect_ended(accepts, {NNG_OK, NNG_ECLOSED, NNG_ECANCELED, NNG_ESTOPPED});
        for (const Transfer& accept : accepts) accept.stream().reset();
    }
}

class DialFreeRace : public ServiceTest {};

TEST_P(DialFreeRace, OfADialerAgainstCancelsAndConnections) {
    for (unsigned i = 0; i < rounds(100); ++i) {
        Dialer dialer = make_dialer(service.url());
        std::array<Transfer, 4> dials;
        for (Transfer& dial : dials) dial.dial(dialer);
        at_once({[&] { dialer.reset(); },
                 [&] {
                     nng_aio_cancel(dials[1]);
                     nng_aio_stop(dials[2]);
                 }});
        expect_ended(dials, {NNG_OK, NNG_ECLOSED, NNG_ECANCELED, NNG_ESTOPPED});
        for (const Transfer& dial : dials) dial.stream().reset();
        Transfer accept;  // empties the backlog, so that it does not become full
        while (accept.within(0).accept(service.listener()).wait().result == NNG_OK) accept.stream().reset();
    }
}

NAIO_OVER(all_schemes, FreeRace);
NAIO_OVER(dialing_schemes, DialFreeRace);

}  // namespace
}  // namespace streams
