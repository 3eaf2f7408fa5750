// Tests the IPv6 and IPv4 addresses at which listeners listen, and which dialers dial.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "scheme.h"
#include "service.h"
#include "support/objects.h"
#include "transfer.h"

namespace streams {
namespace {

using namespace support;

class Family : public testing::Test {
  protected:
    void SetUp() override {
        if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
    }

    static int port_of(nng_stream_listener* listener) {
        int port = 0;
        EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port), NNG_OK);
        return port;
    }
    static nng_err dial(const std::string& host, int port) {
        const Dialer dialer = make_dialer("tcp://" + host + ":" + std::to_string(port));
        Transfer dialing;
        const nng_err result = dialing.dial(dialer).wait().result;
        const Stream stream(result == NNG_OK ? dialing.stream() : Stream());
        return result;
    }
    // Expects that a listener at tcp6://host leaves its port to another listener at IPv4.
    static void expect_room_for_both(const std::string& host) {
        const Listener six = make_listener("tcp6://" + host + ":0");
        ASSERT_EQ(nng_stream_listener_listen(six), NNG_OK);
        Listener four = make_listener("tcp4://*:" + std::to_string(port_of(six)));
        ASSERT_EQ(nng_stream_listener_listen(four), NNG_OK) << host;
        EXPECT_EQ(dial("[::1]", port_of(six)), NNG_OK);
        EXPECT_EQ(dial("127.0.0.1", port_of(six)), NNG_OK);
        const int port = port_of(six);
        four.reset();
        EXPECT_EQ(dial("[::1]", port), NNG_OK);
        EXPECT_EQ(dial("127.0.0.1", port), NNG_ECONNREFUSED) << host;
    }
};

TEST_F(Family, Ipv6AloneLeavesThePortOfIpv4) {
    for (const char* const host : {"*", "", "[::]"}) expect_room_for_both(host);
}

TEST_F(Family, NoneThatIsAskedForIsBoth) {
    for (const char* const host : {"*", "", "[::]"}) {
        const Listener both = make_listener("tcp://" + std::string(host) + ":0");
        ASSERT_EQ(nng_stream_listener_listen(both), NNG_OK);
        EXPECT_EQ(dial("[::1]", port_of(both)), NNG_OK);
        EXPECT_EQ(dial("127.0.0.1", port_of(both)), NNG_OK);
    }
}

TEST_F(Family, Ipv6AloneDoesNotListenAtAnAddressOfIpv4) {
    const Listener listener = make_listener("tcp6://[::ffff:127.0.0.1]:0");
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_EADDRINVAL);
}

TEST_F(Family, Ipv6AloneDoesNotDialAnAddressOfIpv4) {
    const Listener four = make_listener("tcp4://127.0.0.1:0");
    ASSERT_EQ(nng_stream_listener_listen(four), NNG_OK);
    const std::string host_and_port = "[::ffff:127.0.0.1]:" + std::to_string(port_of(four));
    const Dialer any = make_dialer("tcp://" + host_and_port);
    Transfer dialing;
    ASSERT_EQ(dialing.dial(any).wait().result, NNG_OK);
    EXPECT_NE(dialing.stream(), nullptr);
    const Dialer six = make_dialer("tcp6://" + host_and_port);
    EXPECT_EQ(dialing.dial(six).wait().result, NNG_EADDRINVAL);
}

}  // namespace
}  // namespace streams
