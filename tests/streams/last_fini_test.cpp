// Tests the last nng_fini with streams in every state.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <memory>

#include "silent.h"
#include "stream_test.h"
#include "support/library.h"

namespace streams {
namespace {

using namespace support;

class LastFini : public testing::TestWithParam<Scheme> {
  protected:
    LastFini() {
        bring_library_down();
        EXPECT_EQ(nng_init(nullptr), NNG_OK);
    }
    ~LastFini() override { bring_library_down(); }

    static const Scheme& scheme() { return GetParam(); }
};

// Brings the library down while the operation waits, and up again.
void restart_during(Transfer& operation) {
    nng_fini();
    EXPECT_EQ(operation.wait(), kStopped);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
}

TEST_P(LastFini, EndsAllThatWaits) {
    auto service = std::make_unique<Service>(scheme());
    Pair pair = service->pair();
    Pattern sent;
    fill(pair.near, sent);
    std::array<Transfer, 3> transfers{Transfer(1), Transfer(1), Transfer(0)};
    transfers[0].recv(pair.near);
    transfers[1].send(pair.near);
    transfers[2].accept(service->listener());
    nng_fini();
    for (Transfer& transfer : transfers) EXPECT_EQ(transfer.wait(), kStopped);
    EXPECT_EQ(settled_threads(0), 0u);
}

TEST_P(LastFini, LeavesObjectsThatCanBeFreedAfterIt) {
    auto service = std::make_unique<Service>(scheme());
    Pair pair = service->pair();
    nng_fini();
    pair.near.reset();
    nng_stream_close(pair.far);
    pair.far.reset();
    service.reset();
}

TEST_P(LastFini, LeavesObjectsThatCanBeFreedAfterTheNextInit) {
    auto service = std::make_unique<Service>(scheme());
    Pair pair = service->pair();
    Transfer recv(1);
    restart_during(recv.recv(pair.near));
    EXPECT_EQ(recv.recv(pair.near).wait(), kClosed);
    pair.near.reset();
    pair.far.reset();
    service.reset();
    Service next(scheme());
    Pair again = next.pair();
    send_all(again.near, {1});
    EXPECT_EQ(recv_all(again.far, 1), Bytes{1});
}

// The poller has watched the first stream before, and not the second one.
TEST_P(LastFini, EndsLaterReceivesOfHandlesWithoutACallback) {
    auto service = std::make_unique<Service>(scheme());
    Pair pair = service->pair();
    Transfer recv(1);
    restart_during(recv.recv(pair.near));
    for (nng_stream* const each : {pair.near.get(), pair.far.get()}) {
        const Silent silent;
        nng_stream_recv(each, silent);
        EXPECT_FALSE(nng_aio_busy(silent));
        nng_aio_cancel(silent);
        EXPECT_EQ(silent.wait(), kClosed);
    }
}

TEST_P(LastFini, IsSeenByThePeerWhenTheStreamIsFreed) {
    auto service = std::make_unique<Service>(scheme());
    RawPair pair = service->raw_pair();
    nng_fini();
    pair.near.reset();
    char byte = 0;
    EXPECT_EQ(read(pair.far, &byte, 1), 0);
}

TEST_P(LastFini, IsNotHeldUpByAStreamThatIsOpen) {
    Service service(scheme());
    const Pair pair = service.pair();
    send_all(pair.near, {1});  // the other end does not read it
    nng_fini();
    EXPECT_EQ(settled_threads(0), 0u);
}

// Two callbacks pass one byte back and forth until the library goes down.
TEST_P(LastFini, EndsStreamsThatAreBusy) {
    struct Player {
        explicit Player(nng_stream* on) : stream(on) {
            EXPECT_EQ(nng_aio_alloc(&aio, &Player::go_on, this), NNG_OK);
            const nng_iov iov{&byte, 1};
            EXPECT_EQ(nng_aio_set_iov(aio, 1, &iov), NNG_OK);
            nng_stream_recv(stream, aio);
        }
        ~Player() { nng_aio_free(aio); }
        Player(const Player&) = delete;
        Player& operator=(const Player&) = delete;

        static void go_on(void* self) {
            auto& player = *static_cast<Player*>(self);
            if (nng_aio_result(player.aio) != NNG_OK) return;
            player.sends = !player.sends;
            (player.sends ? nng_stream_send : nng_stream_recv)(player.stream, player.aio);
        }

        nng_stream* const stream;
        nng_aio* aio = nullptr;
        std::uint8_t byte = 0;
        bool sends = false;
    };
    for (int i = 0; i < 20; ++i) {
        auto service = std::make_unique<Service>(scheme());
        Pair pair = service->pair();
        {
            Player near(pair.near);
            Player far(pair.far);
            send_all(pair.near, {1});
            nng_fini();
            EXPECT_EQ(nng_aio_result(near.aio), NNG_ESTOPPED);
            EXPECT_EQ(nng_aio_result(far.aio), NNG_ESTOPPED);
        }
        EXPECT_EQ(settled_threads(0), 0u);
        pair.near.reset();
        pair.far.reset();
        service.reset();
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
    }
}

TEST_P(LastFini, NoThreadsForStreamsUntilThereAreSome) {
    const Listener listener = make_listener(fresh_url(scheme()));
    EXPECT_EQ(library_threads("naio:io").size(), 0u);
}

NAIO_OVER(all_schemes, LastFini);

}  // namespace
}  // namespace streams
