// Tests that a look-up that hangs delays neither nng_fini nor a later nng_init. Also tests the number of resolver
// threads.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include "fake_names.h"
#include "io/system_calls.h"
#include "runtime/runtime.h"
#include "support/library.h"

namespace {

using namespace support;

using naio::FakeNames;

struct Look {
    Look() { EXPECT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK); }
    ~Look() { nng_aio_free(aio); }
    void start(const char* host) { naio_resolve(host, nullptr, NNG_AF_UNSPEC, 0, &address, 1, aio); }

    nng_aio* aio = nullptr;
    nng_sockaddr address{};
};

TEST(ResolveFini, FiniDoesNotWaitForALookUpThatHangs) {
    const FakeNames names;
    naio::system_calls.getaddrinfo = FakeNames::look_up;
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Look look;
    EXPECT_EQ(library_threads("naio:name").size(), 0u) << "before the first look-up";
    look.start("hang");
    FakeNames::wait_until_asked(1);
    bring_library_down();
    EXPECT_EQ(nng_aio_result(look.aio), NNG_ESTOPPED);
    EXPECT_EQ(settled_threads(1), 1u) << "the thread whose look-up hangs";

    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Look again;
    again.start("one");
    nng_aio_wait(again.aio);
    EXPECT_EQ(nng_aio_result(again.aio), NNG_OK);
    EXPECT_EQ(nng_sockaddr_port(&again.address), 0u);
    FakeNames::let_go();
    bring_library_down();
    EXPECT_EQ(settled_threads(0), 0u);
    EXPECT_EQ(look.address.s_family, NNG_AF_UNSPEC);
}

TEST(ResolveFini, AsManyThreadsAsAreAskedFor) {
    const FakeNames names;
    naio::system_calls.getaddrinfo = FakeNames::look_up;
    nng_init_params params{};
    params.num_resolver_threads = 3;
    const Restarted library(params);
    Look looks[4];
    for (Look& look : looks) look.start("hang");
    FakeNames::wait_until_asked(3);
    EXPECT_EQ(settled_threads(3, "naio:name"), 3u);
    FakeNames::let_go(4);
    for (Look& look : looks) nng_aio_wait(look.aio);
    EXPECT_EQ(nng_aio_count(looks[3].aio), 1u);
}

}  // namespace
