// Tests options and addresses.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <unistd.h>

#include <string>

#include "stream_test.h"

namespace streams {
namespace {

class Option : public StreamTest {
  protected:
    nng_err get_bool(const char* name, bool& value) const { return nng_stream_get_bool(near, name, &value); }
    nng_err get_int(const char* name, int& value) const { return nng_stream_get_int(near, name, &value); }

    // Connects to the service with this dialer.
    Pair connect(nng_stream_dialer* dialer) {
        Transfer dial;
        EXPECT_EQ(dial.dial(dialer).wait().result, NNG_OK);
        Pair made{dial.stream(), service.accept()};
        return made;
    }

    static bool flag(nng_stream* stream, const char* name) {
        bool value = false;
        EXPECT_EQ(nng_stream_get_bool(stream, name, &value), NNG_OK) << name;
        return value;
    }
};

TEST_P(Option, ThatIsUnknown) {
    bool flag = false;
    int number = 0;
    std::size_t size = 0;
    nng_duration duration = 0;
    std::uint64_t large = 0;
    const char* text = nullptr;
    EXPECT_EQ(nng_stream_get_bool(near, "no-such", &flag), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_get_int(near, "no-such", &number), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_get_size(near, "no-such", &size), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_get_ms(near, "no-such", &duration), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_get_uint64(near, "no-such", &large), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_get_string(near, "no-such", &text), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_listener_get_bool(service.listener(), "no-such", &flag), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_listener_get_int(service.listener(), "no-such", &number), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_listener_set_int(service.listener(), "no-such", 1), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_listener_set_bool(service.listener(), "no-such", true), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_listener_set_string(service.listener(), "no-such", "x"), NNG_ENOTSUP);
}

TEST_P(Option, OfThePeersProcess) {
    int uid = -1;
    int gid = -1;
    int pid = -1;
    if (scheme().tcp()) {
        EXPECT_EQ(get_int(NNG_OPT_PEER_UID, uid), NNG_ENOTSUP);
        return;
    }
    ASSERT_EQ(get_int(NNG_OPT_PEER_UID, uid), NNG_OK);
    ASSERT_EQ(get_int(NNG_OPT_PEER_GID, gid), NNG_OK);
    ASSERT_EQ(get_int(NNG_OPT_PEER_PID, pid), NNG_OK);
    EXPECT_EQ(uid, static_cast<int>(getuid()));
    EXPECT_EQ(gid, static_cast<int>(getgid()));
    EXPECT_EQ(pid, getpid());
    int zone = 0;
    EXPECT_EQ(get_int(NNG_OPT_PEER_ZONEID, zone), NNG_ENOTSUP);
}

TEST_P(Option, OfAnotherType) {
    bool flag = false;
    if (scheme().tcp()) {
        int number = 0;
        EXPECT_EQ(get_int(NNG_OPT_TCP_NODELAY, number), NNG_EBADTYPE);
    } else {
        EXPECT_EQ(get_bool(NNG_OPT_PEER_UID, flag), NNG_EBADTYPE);
    }
}

TEST_P(Option, AddressesOfBothSides) {
    const nng_sockaddr* self = nng_stream_self_addr(near);
    const nng_sockaddr* peer = nng_stream_peer_addr(near);
    ASSERT_NE(self, nullptr);
    ASSERT_NE(peer, nullptr);
    if (scheme().is("socket")) {
        EXPECT_EQ(self->s_family, NNG_AF_UNSPEC);
        EXPECT_EQ(peer->s_family, NNG_AF_UNSPEC);
    } else if (scheme().tcp()) {
        EXPECT_EQ(self->s_family, scheme().is("tcp") ? NNG_AF_INET : NNG_AF_INET6);
        EXPECT_TRUE(nng_sockaddr_equal(self, nng_stream_peer_addr(far)));
        EXPECT_TRUE(nng_sockaddr_equal(peer, nng_stream_self_addr(far)));
        EXPECT_EQ(std::to_string(nng_sockaddr_port(peer)), service.url().substr(service.url().rfind(':') + 1));
    } else if (scheme().file()) {
        EXPECT_EQ(peer->s_family, NNG_AF_IPC);
        EXPECT_EQ(scheme().name + std::string("://") + peer->s_ipc.sa_path, service.url());
        EXPECT_TRUE(nng_sockaddr_equal(peer, nng_stream_self_addr(far)));
    } else {
        EXPECT_EQ(peer->s_family, NNG_AF_ABSTRACT);
        const std::string name(reinterpret_cast<const char*>(peer->s_abstract.sa_name), peer->s_abstract.sa_len);
        EXPECT_EQ("abstract://" + name, service.url());
    }
}

TEST_P(Option, AddressesOutliveTheConnection) {
    const nng_sockaddr before = *nng_stream_peer_addr(near);
    nng_stream_close(near);
    EXPECT_EQ(nng_stream_peer_addr(near)->s_family, before.s_family);
}

TEST_P(Option, OfAClosedStream) {
    nng_stream_close(near);
    nng_stream_stop(near);
    bool flag = false;
    int number = 0;
    const nng_err result = scheme().tcp() ? get_bool(NNG_OPT_TCP_NODELAY, flag) : get_int(NNG_OPT_PEER_UID, number);
    EXPECT_EQ(result, NNG_ECLOSED);
}

TEST_P(Option, ThePeersCertificateIsThereOverTlsOnly) {
    nng_tls_cert* certificate = nullptr;
    EXPECT_EQ(nng_stream_peer_cert(near, &certificate), NNG_ENOTSUP);
}

// ---- TCP ----------------------------------------------------------------------------------------

class TcpOption : public Option {
  protected:
    const Dialer dialer = make_dialer(service.url());
};

TEST_P(TcpOption, DefaultsAreNodelayWithoutKeepalive) {
    for (nng_stream* stream : {near, far}) {
        EXPECT_TRUE(flag(stream, NNG_OPT_TCP_NODELAY));
        EXPECT_FALSE(flag(stream, NNG_OPT_TCP_KEEPALIVE));
    }
}

TEST_P(TcpOption, OfTheDialerAreItsStreams) {
    ASSERT_EQ(nng_stream_dialer_set_bool(dialer, NNG_OPT_TCP_NODELAY, false), NNG_OK);
    ASSERT_EQ(nng_stream_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true), NNG_OK);
    const Pair made = connect(dialer);
    EXPECT_FALSE(flag(made.near, NNG_OPT_TCP_NODELAY));
    EXPECT_TRUE(flag(made.near, NNG_OPT_TCP_KEEPALIVE));
    EXPECT_TRUE(flag(made.far, NNG_OPT_TCP_NODELAY));
    EXPECT_FALSE(flag(made.far, NNG_OPT_TCP_KEEPALIVE));
}

TEST_P(TcpOption, OfTheListenerAreItsStreams) {
    ASSERT_EQ(nng_stream_listener_set_bool(service.listener(), NNG_OPT_TCP_NODELAY, false), NNG_OK);
    ASSERT_EQ(nng_stream_listener_set_bool(service.listener(), NNG_OPT_TCP_KEEPALIVE, true), NNG_OK);
    const Pair made = connect(dialer);
    EXPECT_FALSE(flag(made.far, NNG_OPT_TCP_NODELAY));
    EXPECT_TRUE(flag(made.far, NNG_OPT_TCP_KEEPALIVE));
    EXPECT_TRUE(flag(near, NNG_OPT_TCP_NODELAY));  // existing streams keep their options
}

TEST_P(TcpOption, CanBeReadBackFromDialerAndListener) {
    bool value = false;
    EXPECT_EQ(nng_stream_dialer_get_bool(dialer, NNG_OPT_TCP_NODELAY, &value), NNG_OK);
    EXPECT_TRUE(value);
    EXPECT_EQ(nng_stream_dialer_set_bool(dialer, NNG_OPT_TCP_NODELAY, false), NNG_OK);
    EXPECT_EQ(nng_stream_dialer_get_bool(dialer, NNG_OPT_TCP_NODELAY, &value), NNG_OK);
    EXPECT_FALSE(value);
    EXPECT_EQ(nng_stream_listener_get_bool(service.listener(), NNG_OPT_TCP_KEEPALIVE, &value), NNG_OK);
    EXPECT_FALSE(value);
    EXPECT_EQ(nng_stream_listener_set_bool(service.listener(), NNG_OPT_TCP_KEEPALIVE, true), NNG_OK);
    EXPECT_EQ(nng_stream_listener_get_bool(service.listener(), NNG_OPT_TCP_KEEPALIVE, &value), NNG_OK);
    EXPECT_TRUE(value);
}

TEST_P(TcpOption, SetWithAnotherType) {
    EXPECT_EQ(nng_stream_dialer_set_int(dialer, NNG_OPT_TCP_NODELAY, 1), NNG_EBADTYPE);
    EXPECT_EQ(nng_stream_listener_set_int(service.listener(), NNG_OPT_TCP_KEEPALIVE, 1), NNG_EBADTYPE);
}

TEST_P(TcpOption, TheBoundPortIsThereOnceItListens) {
    int port = -1;
    EXPECT_EQ(nng_stream_listener_get_int(service.listener(), NNG_OPT_BOUND_PORT, &port), NNG_OK);
    EXPECT_GT(port, 0);
    const Listener idle = make_listener(fresh_url(scheme()));
    EXPECT_EQ(nng_stream_listener_get_int(idle, NNG_OPT_BOUND_PORT, &port), NNG_ESTATE);
    EXPECT_EQ(nng_stream_listener_set_int(idle, NNG_OPT_BOUND_PORT, 80), NNG_EREADONLY);
}

TEST_P(TcpOption, TheLocalAddressOfADialer) {
    nng_sockaddr address = *nng_stream_self_addr(near);
    EXPECT_EQ(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &address), NNG_EADDRINVAL);  // because it has a port
    if (scheme().is("tcp"))
        address.s_in.sa_port = 0;
    else
        address.s_in6.sa_port = 0;
    ASSERT_EQ(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &address), NNG_OK);
    const Pair made = connect(dialer);
    EXPECT_EQ(nng_stream_self_addr(made.near)->s_family, address.s_family);
    nng_sockaddr foreign{};
    foreign.s_family = NNG_AF_IPC;
    EXPECT_EQ(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &foreign), NNG_EADDRINVAL);
}

TEST_P(TcpOption, ADialerDialsFromItsLocalAddress) {
    if (!scheme().is("tcp")) GTEST_SKIP() << "there is only one loopback address of IPv6";
    nng_sockaddr from{};
    from.s_in.sa_family = NNG_AF_INET;
    from.s_in.sa_addr = htonl(INADDR_LOOPBACK + 1);
    ASSERT_EQ(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &from), NNG_OK);
    const Pair made = connect(dialer);
    EXPECT_EQ(nng_stream_self_addr(made.near)->s_in.sa_addr, from.s_in.sa_addr);
}

TEST_P(TcpOption, WildcardsListenEverywhere) {
    const std::string scheme_name = scheme().is("tcp") ? "tcp4" : "tcp6";
    for (const std::string& host :
         {std::string(), std::string("*"), std::string(scheme().is("tcp") ? "0.0.0.0" : "[::]")}) {
        const Listener everywhere = make_listener(scheme_name + "://" + host + ":0");
        ASSERT_EQ(nng_stream_listener_listen(everywhere), NNG_OK) << host;
        int port = 0;
        ASSERT_EQ(nng_stream_listener_get_int(everywhere, NNG_OPT_BOUND_PORT, &port), NNG_OK);
        EXPECT_NE(dial(service.url().substr(0, service.url().rfind(':') + 1) + std::to_string(port)), nullptr);
    }
}

TEST_P(TcpOption, NamesAreLookedUp) {
    const std::string port = service.url().substr(service.url().rfind(':'));
    if (!scheme().is("tcp")) GTEST_SKIP() << "localhost may have no such address";
    EXPECT_NE(dial("tcp4://localhost" + port), nullptr);
    EXPECT_NE(dial("tcp://localhost" + port), nullptr);
}

NAIO_OVER(all_schemes, Option);
NAIO_OVER(tcp_schemes, TcpOption);

}  // namespace
}  // namespace streams
