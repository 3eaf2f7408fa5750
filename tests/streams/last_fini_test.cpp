// The last nng_fini, with streams in every state. In a process of its own, as the library is the process's.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <memory>

#include "library.h"
#include "stream_test.h"

namespace streams {
namespace {

class LastFini : public testing::TestWithParam<Scheme> {
  protected:
    LastFini() {
        conformance::bring_library_down();
        EXPECT_EQ(nng_init(nullptr), NNG_OK);
    }
    ~LastFini() override { conformance::bring_library_down(); }

    static const Scheme& scheme() { return GetParam(); }
};

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
    EXPECT_EQ(conformance::settled_threads(0), 0u);
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
    recv.recv(pair.near);
    nng_fini();
    EXPECT_EQ(recv.wait(), kStopped);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    pair.near.reset();
    pair.far.reset();
    service.reset();
    Service next(scheme());
    Pair again = next.pair();
    send_all(again.near, {1});
    EXPECT_EQ(recv_all(again.far, 1), Bytes{1});
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
    EXPECT_EQ(conformance::settled_threads(0), 0u);
}

TEST_P(LastFini, NoThreadsForStreamsUntilThereAreSome) {
    const Listener listener = make_listener(fresh_url(scheme()));
    EXPECT_EQ(conformance::library_threads("naio:io").size(), 0u);
}

NAIO_OVER(all_schemes, LastFini);

}  // namespace
}  // namespace streams
