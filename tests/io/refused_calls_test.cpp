// Tests accepts and dials whose system calls fail.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string>

#include "io/system_calls.h"

namespace naio {
namespace {

// The first calls of accept fail with these errors, one per call, up to the first 0. Later calls reach the system.
std::array<int, 8> errors{};
std::atomic<unsigned> next{0};
int failing_accept(int descriptor, sockaddr* address, socklen_t* size) {
    const unsigned call = next++;
    if (call >= errors.size() || errors[call] == 0) return kSystemCalls.accept(descriptor, address, size);
    errno = errors[call];
    return -1;
}

class RefusedCalls : public testing::Test {
  protected:
    RefusedCalls() {
        EXPECT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
        EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);
        EXPECT_EQ(nng_aio_alloc(&accept, nullptr, nullptr), NNG_OK);
        EXPECT_EQ(nng_aio_alloc(&dial, nullptr, nullptr), NNG_OK);
        int port = 0;
        EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port), NNG_OK);
        EXPECT_EQ(nng_stream_dialer_alloc(&dialer, ("tcp://127.0.0.1:" + std::to_string(port)).c_str()), NNG_OK);
    }
    ~RefusedCalls() override {
        for (nng_aio* const each : {accept, dial}) {
            if (nng_aio_result(each) == NNG_OK) nng_stream_free(static_cast<nng_stream*>(nng_aio_get_output(each, 0)));
            nng_aio_free(each);
        }
        nng_stream_dialer_free(dialer);
        nng_stream_listener_free(listener);
        system_calls = kSystemCalls;
        nng_fini();
    }

    static void fail_accepts_with(const std::array<int, 8>& these) {
        errors = these;
        next = 0;
        system_calls.accept = failing_accept;
    }
    void connect() {
        nng_stream_dialer_dial(dialer, dial);
        nng_stream_listener_accept(listener, accept);
        nng_aio_wait(dial);
        nng_aio_wait(accept);
    }

    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    nng_aio* accept = nullptr;
    nng_aio* dial = nullptr;
};

TEST_F(RefusedCalls, OfConnectionsThatAreGoneDoNotEndAnAccept) {
    fail_accepts_with({ECONNABORTED, ECONNRESET, EPROTO, ENETDOWN, EHOSTUNREACH, ENETUNREACH, EINTR});
    connect();
    EXPECT_EQ(nng_aio_result(accept), NNG_OK);
    EXPECT_EQ(nng_aio_result(dial), NNG_OK);
    EXPECT_GE(next, 8u);
}

TEST_F(RefusedCalls, ForWantOfDescriptorsOrMemoryDoNotEndAnAccept) {
    fail_accepts_with({EMFILE, ENFILE, ENOBUFS, ENOMEM});
    connect();
    EXPECT_EQ(nng_aio_result(accept), NNG_OK);
    EXPECT_GE(next, 5u);
}

TEST_F(RefusedCalls, OfTheListeningSocketEndAnAcceptAndNotTheNextOne) {
    fail_accepts_with({EPERM});
    nng_stream_listener_accept(listener, accept);
    nng_aio_wait(accept);
    EXPECT_EQ(nng_aio_result(accept), NNG_EPERM);
    connect();
    EXPECT_EQ(nng_aio_result(accept), NNG_OK);
}

TEST_F(RefusedCalls, OfADialersOwnAddressEndTheDial) {
    nng_sockaddr documentation{};  // 192.0.2.1, which no machine has
    documentation.s_in.sa_family = NNG_AF_INET;
    documentation.s_in.sa_addr = htonl(0xc0000201);
    ASSERT_EQ(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &documentation), NNG_OK);
    nng_stream_dialer_dial(dialer, dial);
    nng_aio_wait(dial);
    EXPECT_EQ(nng_aio_result(dial), NNG_EADDRINVAL);
}

}  // namespace
}  // namespace naio
