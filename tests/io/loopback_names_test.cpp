// Tests names of a machine that has IPv4 addresses, and no IPv6 address except ::1. The test gives this process a
// network namespace and an /etc/hosts that are those of such a machine.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

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

// Gives an interface the address, unless `address` is empty, and switches the interface on. Returns false if the system
// refuses one of these steps.
bool configure(const char* name, const char* address) {
    const Descriptor asking(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
    sockaddr_in of_ipv4{};
    of_ipv4.sin_family = AF_INET;
    if (*address != '\0') {
        ::inet_pton(AF_INET, address, &of_ipv4.sin_addr);
        std::memcpy(&request.ifr_addr, &of_ipv4, sizeof(of_ipv4));
        if (::ioctl(asking, SIOCSIFADDR, &request) != 0) return false;
    }
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return ::ioctl(asking, SIOCSIFFLAGS, &request) == 0;
}

bool replace_hosts() {
    const std::string path = std::filesystem::temp_directory_path() / ("naio-hosts-" + std::to_string(::getpid()));
    std::ofstream(path) << "127.0.0.1 localhost self.test\n::1 localhost self.test six.test six\n10.9.8.7 far.test\n";
    const bool replaced = ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                          ::mount(path.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
    ::unlink(path.c_str());
    return replaced;
}

bool has_only_loopback_of_ipv6() {
    const Descriptor probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    return ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

class LoopbackNames : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        own_network = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (own_network < 0 || ::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
            lacking = "only root may give the test a network of its own";
        else if (!configure("lo", "") || !configure("lo:1", "10.9.8.7"))
            lacking = "the system refuses addresses for the test's own network";
        else if (!(has_replaced_hosts = replace_hosts()))
            lacking = "/etc/hosts cannot be replaced for this test alone";
        else if (!has_only_loopback_of_ipv6())
            lacking = "this machine has no IPv6";
    }
    // Restores the network and the list of hosts for later tests of this process. A thread keeps the network in which
    // it was started, so the library's threads end first.
    static void TearDownTestSuite() {
        bring_library_down();
        if (has_replaced_hosts) ::umount2("/etc/hosts", MNT_DETACH);
        if (own_network >= 0) ::setns(own_network, CLONE_NEWNET), ::close(own_network);
    }
    void SetUp() override {
        if (lacking != nullptr) GTEST_SKIP() << lacking;
    }

    static Listener listen_at(const std::string& url) {
        nng_stream_listener* listener = nullptr;
        EXPECT_EQ(nng_stream_listener_alloc(&listener, url.c_str()), NNG_OK);
        EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);
        return Listener(listener);
    }
    static int port_of(nng_stream_listener* listener) {
        int port = 0;
        EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port), NNG_OK);
        return port;
    }
    static nng_err dial(const std::string& host, int port) {
        nng_stream_dialer* made = nullptr;
        EXPECT_EQ(nng_stream_dialer_alloc(&made, ("tcp://" + host + ":" + std::to_string(port)).c_str()), NNG_OK);
        const Dialer dialer(made);
        const Handle dialing;
        nng_stream_dialer_dial(dialer, dialing);
        const nng_err result = dialing.wait();
        const Stream stream(dialing.output<nng_stream>());
        return result;
    }

    static inline const char* lacking = nullptr;
    static inline int own_network = -1;
    static inline bool has_replaced_hosts = false;
};

TEST_F(LoopbackNames, ReachAServerAtTheLoopbackAddressOfIpv6) {
    const Listener server = listen_at("tcp://[::1]:0");
    for (const char* const host : {"localhost", "self.test", "six"})
        EXPECT_EQ(dial(host, port_of(server)), NNG_OK) << host;
}

TEST_F(LoopbackNames, ReachAServerAtTheLoopbackAddressOfIpv4) {
    const Listener server = listen_at("tcp://127.0.0.1:0");
    for (const char* const host : {"localhost", "self.test"}) EXPECT_EQ(dial(host, port_of(server)), NNG_OK) << host;
}

TEST_F(LoopbackNames, ReachAServerAtTheirName) {
    const Listener server = listen_at("tcp://localhost:0");
    EXPECT_EQ(dial("localhost", port_of(server)), NNG_OK);
    EXPECT_EQ(dial("127.0.0.1", port_of(server)), NNG_OK);
}

TEST_F(LoopbackNames, AreNotThoseOfOtherAddresses) {
    const Listener server = listen_at("tcp://[::1]:0");
    EXPECT_EQ(dial("far.test", port_of(server)), NNG_ECONNREFUSED);
}

}  // namespace
}  // namespace naio
