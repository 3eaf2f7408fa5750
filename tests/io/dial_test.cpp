// Tests dials through the C interface. The tests replace system calls and the look-up of names.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "io/system_calls.h"
#include "runtime/runtime.h"
#include "support/library.h"
#include "support/objects.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using namespace support;
using support::Descriptor;
using support::Dialer;
using support::Listener;
using support::Stream;

sockaddr_in ipv4(const char* host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::inet_pton(AF_INET, host, &address.sin_addr), 1);
    return address;
}

int bind_to(int number, const sockaddr_in& address) {
    return ::bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int free_port() {
    const Descriptor taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = ipv4("127.0.0.1", 0);
    EXPECT_EQ(bind_to(taken, address), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
}

class DialTest : public testing::Test {
  protected:
    ~DialTest() override {
        bring_library_down();
        system_calls.getaddrinfo = ::getaddrinfo;
        system_calls = kSystemCalls;
    }
    static Dialer dialer_to(const std::string& url) {
        nng_stream_dialer* dialer = nullptr;
        EXPECT_EQ(nng_stream_dialer_alloc(&dialer, url.c_str()), NNG_OK);
        return Dialer(dialer);
    }
    // Binds each dialing socket to the port that it dials, if that port is free. The system, too,
    // may choose this port for a dialing socket.
    static void let_the_system_choose_the_port_that_is_dialed() {
        system_calls.connect = [](int number, const sockaddr* address, socklen_t size) {
            if (address->sa_family == AF_INET || address->sa_family == AF_INET6) ::bind(number, address, size);
            return ::connect(number, address, size);
        };
    }
};

TEST_F(DialTest, SaysWhatTheSystemRefuses) {
    static int failure;
    system_calls.connect = [](int, const sockaddr*, socklen_t) { return errno = failure, -1; };
    const auto dial = [](const char* url, int error) {
        failure = error;
        const Dialer dialer = dialer_to(url);
        Handle dialing;
        nng_stream_dialer_dial(dialer, dialing);
        return dialing.wait();
    };
    for (const char* const url : {"tcp://127.0.0.1:80", "ipc:///tmp/naio"}) {
        EXPECT_EQ(dial(url, ECONNREFUSED), NNG_ECONNREFUSED);
        EXPECT_EQ(dial(url, EACCES), NNG_EPERM);
        EXPECT_EQ(dial(url, ENOMEM), NNG_ENOMEM);
    }
    for (const int error : {ENETUNREACH, EHOSTUNREACH}) EXPECT_EQ(dial("tcp://127.0.0.1:80", error), NNG_EUNREACHABLE);
    EXPECT_EQ(dial("tcp://127.0.0.1:80", ETIMEDOUT), NNG_ETIMEDOUT);
    for (const int error : {ENOENT, ENOTDIR}) EXPECT_EQ(dial("ipc:///tmp/naio", error), NNG_ECONNREFUSED);
    system_calls.socket = [](int, int, int) { return errno = failure, -1; };
    EXPECT_EQ(dial("tcp://127.0.0.1:80", EMFILE), NNG_ENOFILES);
}

TEST_F(DialTest, ToItselfIsRefused) {
    let_the_system_choose_the_port_that_is_dialed();
    const Dialer dialer = dialer_to("tcp://127.0.0.1:" + std::to_string(free_port()));
    Handle dialing;
    for (int i = 0; i < 3; ++i) {
        nng_stream_dialer_dial(dialer, dialing);
        EXPECT_EQ(dialing.wait(), NNG_ECONNREFUSED);
        EXPECT_EQ(dialing.output<nng_stream>(), nullptr);
    }
}

TEST_F(DialTest, ToItselfIsRefusedOverIpv6) {
    let_the_system_choose_the_port_that_is_dialed();
    const Dialer dialer = dialer_to("tcp://[::1]:" + std::to_string(free_port()));
    Handle dialing;
    nng_stream_dialer_dial(dialer, dialing);
    const nng_err result = dialing.wait();
    if (result == NNG_EADDRINVAL || result == NNG_EUNREACHABLE || result == NNG_ENOTSUP)
        GTEST_SKIP() << "this machine has no IPv6";
    EXPECT_EQ(result, NNG_ECONNREFUSED);
}

TEST_F(DialTest, ToItselfLeavesThePortToAServer) {
    let_the_system_choose_the_port_that_is_dialed();
    const int port = free_port();
    Handle dialing;
    {
        const Dialer dialer = dialer_to("tcp://127.0.0.1:" + std::to_string(port));
        nng_stream_dialer_dial(dialer, dialing);
        EXPECT_EQ(dialing.wait(), NNG_ECONNREFUSED);
    }
    const Descriptor server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // Binding fails until the poller has closed the dial's descriptor. If the dial had made a connection, the port
    // would stay in use for a minute.
    for (int i = 0; i < 5000; ++i) {
        if (bind_to(server, ipv4("127.0.0.1", port)) == 0) break;
        nng_msleep(1);
    }
    EXPECT_EQ(::listen(server, 1), 0);
    sockaddr_in name{};
    socklen_t size = sizeof name;
    EXPECT_EQ(::getsockname(server, reinterpret_cast<sockaddr*>(&name), &size), 0);
    EXPECT_EQ(ntohs(name.sin_port), port);
}

int two_addresses(const char*, const char* service, const addrinfo* hints, addrinfo** found) {
    addrinfo numeric = *hints;
    numeric.ai_flags = AI_NUMERICHOST;
    addrinfo* second = nullptr;
    if (const int error = ::getaddrinfo("127.0.0.1", service, &numeric, &second); error != 0) return error;
    if (const int error = ::getaddrinfo("127.0.0.2", service, &numeric, found); error != 0) return error;
    (*found)->ai_next = second;
    return 0;
}

TEST_F(DialTest, ToItselfGoesOnWithTheNextAddress) {
    const int port = free_port();
    const Descriptor server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ASSERT_EQ(bind_to(server, ipv4("127.0.0.1", port)), 0);
    ASSERT_EQ(::listen(server, 1), 0);
    system_calls.connect = [](int number, const sockaddr* address, socklen_t size) {
        const auto* to = reinterpret_cast<const sockaddr_in*>(address);
        if (ntohl(to->sin_addr.s_addr) == 0x7f000002u) ::bind(number, address, size);
        return ::connect(number, address, size);
    };
    system_calls.getaddrinfo = two_addresses;
    const Dialer dialer = dialer_to("tcp://two.example:" + std::to_string(port));
    Handle dialing;
    nng_stream_dialer_dial(dialer, dialing);
    ASSERT_EQ(dialing.wait(), NNG_OK);
    const Stream stream(dialing.output<nng_stream>());
    EXPECT_EQ(nng_stream_peer_addr(stream)->s_in.sa_addr, htonl(INADDR_LOOPBACK));
}

}  // namespace
}  // namespace naio
