// Tests nng_udp_* through the C interface.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "io/system_calls.h"
#include "support/library.h"

namespace {

using namespace support;

nng_sockaddr loopback(std::uint16_t port = 0) {
    nng_sockaddr address{};
    address.s_in = {NNG_AF_INET, htons(port), htonl(INADDR_LOOPBACK)};
    return address;
}

nng_sockaddr loopback6() {
    nng_sockaddr address{};
    address.s_in6.sa_family = NNG_AF_INET6;
    address.s_in6.sa_addr[15] = 1;
    return address;
}

// 127.0.0.1, written as an IPv6 address.
nng_sockaddr mapped(std::uint32_t port) {
    nng_sockaddr address = loopback6();
    address.s_in6.sa_port = htons(static_cast<std::uint16_t>(port));
    for (const std::size_t i : {10u, 11u}) address.s_in6.sa_addr[i] = 0xff;
    address.s_in6.sa_addr[12] = 127;
    return address;
}

nng_sockaddr group_of_ipv4() {
    nng_sockaddr group = loopback();
    group.s_in.sa_addr = htonl(0xe0000101);  // 224.0.1.1
    return group;
}

nng_sockaddr group_of_ipv6() {
    nng_sockaddr group{};
    group.s_in6.sa_family = NNG_AF_INET6;
    group.s_in6.sa_scope = 1;  // the loopback interface
    group.s_in6.sa_addr[0] = 0xff;
    group.s_in6.sa_addr[1] = 0x01;
    group.s_in6.sa_addr[15] = 0x42;
    return group;
}

struct Close {
    void operator()(nng_udp* udp) const { nng_udp_close(udp); }
};
using Udp = std::unique_ptr<nng_udp, Close>;

Udp open(nng_sockaddr address) {
    nng_udp* udp = nullptr;
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_OK);
    return Udp(udp);
}

nng_sockaddr name_of(const Udp& udp) {
    nng_sockaddr address{};
    EXPECT_EQ(nng_udp_sockname(udp.get(), &address), NNG_OK);
    return address;
}

// An aio with memory and an address.
class Operation {
  public:
    explicit Operation(std::size_t size = 100) : memory_(size, '-') { init(); }
    explicit Operation(std::string text) : memory_(std::move(text)) { init(); }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    ~Operation() { nng_aio_free(aio); }

    Operation& recv(const Udp& udp) { return nng_udp_recv(udp.get(), aio), *this; }
    Operation& send(const Udp& udp, const nng_sockaddr& to) {
        address = to;
        nng_udp_send(udp.get(), aio);
        return *this;
    }
    nng_err wait() {
        nng_aio_wait(aio);
        return nng_aio_result(aio);
    }
    std::string text() { return memory_.substr(0, nng_aio_count(aio)); }

    nng_aio* aio = nullptr;
    nng_sockaddr address{};

  private:
    void init() {
        EXPECT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
        const nng_iov vector{memory_.data(), memory_.size()};
        EXPECT_EQ(nng_aio_set_iov(aio, memory_.empty() ? 0 : 1, &vector), NNG_OK);
        EXPECT_EQ(nng_aio_set_input(aio, 0, &address), NNG_OK);
    }
    std::string memory_;
};

// A pair of sockets. The destructor restores the system calls.
class UdpTest : public testing::Test {
  protected:
    UdpTest() : a_(open(loopback())), b_(open(loopback())) {}
    ~UdpTest() override {
        a_.reset();
        b_.reset();
        naio::system_calls = naio::kSystemCalls;
        bring_library_down();
    }
    void send(const std::string& text) { EXPECT_EQ(Operation(text).send(a_, name_of(b_)).wait(), NNG_OK); }

    Udp a_, b_;
};

TEST_F(UdpTest, ADatagramArrivesWithItsSender) {
    Operation received;
    received.recv(b_);
    Operation sent("hello");
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(sent.aio), 5u);
    EXPECT_EQ(received.wait(), NNG_OK);
    EXPECT_EQ(received.text(), "hello");
    const nng_sockaddr sender = name_of(a_);
    EXPECT_TRUE(nng_sockaddr_equal(&received.address, &sender));
}

TEST_F(UdpTest, ADatagramThatIsThereIsReceivedAtOnce) {
    send("hello");
    Operation received;
    nng_aio_set_timeout(received.aio, NNG_DURATION_ZERO);
    bool skipped = false;
    nng_aio_skip_callback(received.aio, &skipped);
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_TRUE(skipped);
    EXPECT_EQ(received.text(), "hello");
    EXPECT_EQ(received.recv(b_).wait(), NNG_ETIMEDOUT);
}

TEST_F(UdpTest, WithIpv6) {
    Udp a = open(loopback6()), b = open(loopback6());
    EXPECT_EQ(Operation("hello").send(a, name_of(b)).wait(), NNG_OK);
    Operation received;
    EXPECT_EQ(received.recv(b).wait(), NNG_OK);
    EXPECT_EQ(received.address.s_family, NNG_AF_INET6);
    EXPECT_EQ(received.text(), "hello");
}

TEST_F(UdpTest, AnEmptyDatagramIsOneToo) {
    send("");
    send("x");
    Operation received;
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(received.aio), 0u);
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(received.text(), "x");
}

TEST_F(UdpTest, GathersAndScattersPieces) {
    Operation sent;
    char text[] = "abcdef";
    const nng_iov out[] = {{text, 1}, {nullptr, 0}, {text + 1, 2}, {text + 3, 3}};
    EXPECT_EQ(nng_aio_set_iov(sent.aio, 4, out), NNG_OK);
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_OK);
    Operation received;
    char first[3] = "", second[9] = "";
    const nng_iov in[] = {{nullptr, 0}, {first, 2}, {second, 8}};
    EXPECT_EQ(nng_aio_set_iov(received.aio, 3, in), NNG_OK);
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(received.aio), 6u);
    EXPECT_STREQ(first, "ab");
    EXPECT_STREQ(second, "cdef");
}

TEST_F(UdpTest, ADatagramThatDoesNotFitIsCutAndSaysSo) {
    send("hello, world");
    send("next");
    Operation received(5);
    EXPECT_EQ(received.recv(b_).wait(), NNG_EMSGSIZE);
    EXPECT_EQ(received.text(), "hello");
    EXPECT_EQ(nng_sockaddr_port(&received.address), [&] {
        const nng_sockaddr sender = name_of(a_);
        return nng_sockaddr_port(&sender);
    }());
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(received.text(), "next");
}

TEST_F(UdpTest, ADatagramThatIsTooLongIsNotSent) {
    EXPECT_EQ(Operation(std::string(70'000, 'x')).send(a_, name_of(b_)).wait(), NNG_EMSGSIZE);
    EXPECT_EQ(Operation(std::string(60'000, 'x')).send(a_, name_of(b_)).wait(), NNG_OK);
    Operation received(std::size_t{70'000});
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(received.aio), 60'000u);
}

TEST_F(UdpTest, TheSenderNeedNotBeAskedFor) {
    send("hello");
    Operation received;
    EXPECT_EQ(nng_aio_set_input(received.aio, 0, nullptr), NNG_OK);
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(received.text(), "hello");
}

TEST_F(UdpTest, TheReceiverMustBeAnAddressOfTheFamily) {
    Operation sent("hello");
    EXPECT_EQ(sent.send(a_, nng_sockaddr{}).wait(), NNG_EADDRINVAL);
    nng_sockaddr path{};
    path.s_ipc.sa_family = NNG_AF_IPC;
    std::strcpy(path.s_ipc.sa_path, "/tmp/x");
    EXPECT_EQ(sent.send(a_, path).wait(), NNG_EADDRINVAL);
    nng_sockaddr other = loopback6();
    other.s_in6.sa_port = htons(80);
    EXPECT_EQ(sent.send(a_, other).wait(), NNG_EADDRINVAL);
    EXPECT_EQ(sent.send(a_, loopback(0)).wait(), NNG_EADDRINVAL);  // no socket has port 0
    const Udp six = open(loopback6());
    EXPECT_EQ(sent.send(six, name_of(b_)).wait(), NNG_EADDRINVAL);
    EXPECT_EQ(sent.send(six, mapped(nng_sockaddr_port(&other))).wait(), NNG_EADDRINVAL);
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_OK);  // the socket stays usable
    EXPECT_EQ(nng_aio_set_input(sent.aio, 0, nullptr), NNG_OK);
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_EADDRINVAL);
}

TEST_F(UdpTest, OpenNeedsAnAddressOfThisMachine) {
    nng_udp* udp = nullptr;
    nng_sockaddr address{};
    EXPECT_EQ(nng_udp_open(&udp, nullptr), NNG_EADDRINVAL);
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_EADDRINVAL);
    address.s_family = NNG_AF_IPC;
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_EADDRINVAL);
    address = loopback();
    address.s_in.sa_addr = htonl(0xc0000201);  // 192.0.2.1, which no machine has
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_EADDRINVAL);
    address = name_of(a_);
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_EADDRINUSE);
    address = mapped(0);
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_EADDRINVAL);
    naio::system_calls.socket = [](int, int, int) { return errno = EMFILE, -1; };
    address = loopback();
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_ENOFILES);
    naio::system_calls.socket = [](int, int, int) { return errno = EAFNOSUPPORT, -1; };
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_ENOTSUP);
    naio::system_calls.socket = [](int, int, int) { return errno = ENOBUFS, -1; };
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_ENOMEM);
    naio::system_calls = naio::kSystemCalls;
    naio::system_calls.bind = [](int, const sockaddr*, socklen_t) { return errno = EACCES, -1; };
    EXPECT_EQ(nng_udp_open(&udp, &address), NNG_EPERM);
    EXPECT_EQ(udp, nullptr);
}

TEST_F(UdpTest, Ipv6AndIpv4HaveAPortEach) {
    nng_sockaddr any{};
    any.s_in6.sa_family = NNG_AF_INET6;
    const Udp six = open(any);
    any = loopback();
    any.s_in = {NNG_AF_INET, name_of(six).s_in6.sa_port, htonl(INADDR_ANY)};
    const Udp four = open(any);
    ASSERT_NE(four, nullptr);
    any.s_in.sa_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(Operation("four").send(a_, any).wait(), NNG_OK);
    Operation received;
    EXPECT_EQ(received.recv(four).wait(), NNG_OK);
    EXPECT_EQ(received.text(), "four");
}

TEST_F(UdpTest, SendSaysWhatTheSystemRefuses) {
    Operation sent("hello");
    naio::system_calls.sendmsg = [](int, const msghdr*, int) -> ssize_t { return errno = ENETUNREACH, -1; };
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_EUNREACHABLE);
    naio::system_calls.sendmsg = [](int, const msghdr*, int) -> ssize_t { return errno = EACCES, -1; };
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_EPERM);  // as for a broadcast
    naio::system_calls.sendmsg = [](int, const msghdr*, int) -> ssize_t { return errno = EINVAL, -1; };
    EXPECT_EQ(sent.send(a_, name_of(b_)).wait(), NNG_EADDRINVAL);  // as for a link-local address without its interface
}

TEST_F(UdpTest, ReceptionsCompleteInTheOrderTheyWereSubmitted) {
    std::vector<std::unique_ptr<Operation>> received;
    for (int i = 0; i < 20; ++i) {
        received.push_back(std::make_unique<Operation>());
        received.back()->recv(b_);
    }
    for (int i = 0; i < 20; ++i) send(std::to_string(i));
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(received[static_cast<std::size_t>(i)]->wait(), NNG_OK);
        EXPECT_EQ(received[static_cast<std::size_t>(i)]->text(), std::to_string(i));
    }
}

TEST_F(UdpTest, CancelAndTimeoutLoseNothing) {
    Operation cancelled, late, received;
    cancelled.recv(b_);
    nng_aio_set_timeout(late.aio, 1);
    late.recv(b_);
    EXPECT_TRUE(naio_aio_cancel(cancelled.aio, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(cancelled.wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(cancelled.aio), NAIO_CANCEL_TOTAL);
    EXPECT_EQ(late.wait(), NNG_ETIMEDOUT);
    received.recv(b_);
    send("hello");
    EXPECT_EQ(received.wait(), NNG_OK);
    EXPECT_EQ(received.text(), "hello");
}

TEST_F(UdpTest, StopEndsWhatIsInFlightAndWhatComesLater) {
    const nng_sockaddr name = name_of(b_);
    Operation received;
    received.recv(b_);
    nng_udp_stop(b_.get());
    EXPECT_EQ(received.wait(), NNG_ECLOSED);
    EXPECT_EQ(received.recv(b_).wait(), NNG_ECLOSED);
    EXPECT_EQ(Operation("x").send(b_, name).wait(), NNG_ECLOSED);
    nng_sockaddr address;
    EXPECT_EQ(nng_udp_sockname(b_.get(), &address), NNG_ECLOSED);
    const Udp again = open(name);  // the port is free
    nng_udp_stop(b_.get());
    nng_udp_stop(nullptr);
    nng_udp_close(nullptr);
}

TEST_F(UdpTest, CloseInACallbackIsFine) {
    Operation received;
    struct Closer {
        Udp* udp;
        nng_aio* aio = nullptr;
    } closer{&b_};
    ASSERT_EQ(nng_aio_alloc(
                  &closer.aio, [](void* self) { static_cast<Closer*>(self)->udp->reset(); }, &closer),
              NNG_OK);
    nng_udp_recv(b_.get(), closer.aio);
    send("");
    nng_aio_free(closer.aio);
    EXPECT_EQ(b_, nullptr);
}

TEST_F(UdpTest, FiniEndsWhatIsInFlight) {
    Operation received;
    received.recv(b_);
    bring_library_down();
    EXPECT_EQ(nng_aio_result(received.aio), NNG_ESTOPPED);
}

TEST_F(UdpTest, WaitsForTheSystemInBothDirections) {
    static int refusals;
    refusals = 1;
    naio::system_calls.sendmsg = [](int number, const msghdr* message, int flags) -> ssize_t {
        if (refusals-- > 0) return errno = EAGAIN, -1;
        return ::sendmsg(number, message, flags);
    };
    send("hello");
    EXPECT_LT(refusals, 0);
    Operation received;
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
}

TEST_F(UdpTest, FailuresOfTheSystemEndOneOperation) {
    naio::system_calls.recvmsg = [](int, msghdr*, int) -> ssize_t { return errno = ECONNREFUSED, -1; };
    Operation received;
    EXPECT_EQ(received.recv(b_).wait(), NNG_ECONNREFUSED);
    static int interrupts;
    interrupts = 3;
    naio::system_calls.recvmsg = [](int number, msghdr* message, int flags) -> ssize_t {
        if (interrupts-- > 0) return errno = EINTR, -1;
        return ::recvmsg(number, message, flags);
    };
    send("hello");
    EXPECT_EQ(received.recv(b_).wait(), NNG_OK);
    EXPECT_EQ(received.text(), "hello");
}

// A socket of IPv4 or IPv6 (the parameter), and a multicast group of that family.
class UdpGroupTest : public UdpTest, public testing::WithParamInterface<bool> {
  protected:
    UdpGroupTest() : udp(GetParam() ? open(loopback6()) : open(loopback())) {}
    nng_err join(const nng_sockaddr& address) { return set(address, true); }
    nng_err leave(const nng_sockaddr& address) { return set(address, false); }

    const Udp udp;
    const nng_sockaddr group = GetParam() ? group_of_ipv6() : group_of_ipv4();

  private:
    nng_err set(nng_sockaddr address, bool joining) {
        return static_cast<nng_err>(nng_udp_multicast_membership(udp.get(), &address, joining));
    }
};

TEST_P(UdpGroupTest, IsJoinedAndLeftOnce) {
    ASSERT_EQ(join(group), NNG_OK);
    EXPECT_EQ(join(group), NNG_EADDRINVAL);
    EXPECT_EQ(leave(group), NNG_OK);
    EXPECT_EQ(leave(group), NNG_EADDRINVAL);
    EXPECT_EQ(join(group), NNG_OK);
}

TEST_P(UdpGroupTest, IsNoAddressOfAHost) {
    const nng_sockaddr host = GetParam() ? loopback6() : loopback();
    EXPECT_EQ(join(host), NNG_EINVAL);
    EXPECT_EQ(leave(host), NNG_EINVAL);
}

TEST_P(UdpGroupTest, IsOfTheSocketsFamily) {
    for (const nng_sockaddr& other : {GetParam() ? group_of_ipv4() : group_of_ipv6(), nng_sockaddr{}}) {
        EXPECT_EQ(join(other), NNG_EADDRINVAL);
        EXPECT_EQ(leave(other), NNG_EADDRINVAL);
    }
}

TEST_P(UdpGroupTest, IsNotForAStoppedSocket) {
    nng_udp_stop(udp.get());
    EXPECT_EQ(join(group), NNG_ECLOSED);
    EXPECT_EQ(leave(group), NNG_ECLOSED);
}

TEST_F(UdpTest, AGroupOfAnInterfaceThatIsNotThere) {
    const Udp six = open(loopback6());
    nng_sockaddr group = group_of_ipv6();
    group.s_in6.sa_scope = 1'000'000;
    EXPECT_EQ(nng_udp_multicast_membership(six.get(), &group, true), NNG_EADDRINVAL);
}

INSTANTIATE_TEST_SUITE_P(, UdpGroupTest, testing::Bool(),
                         [](const auto& given) { return std::string(given.param ? "ipv6" : "ipv4"); });

TEST_F(UdpTest, ReceivesWhatIsSentToItsGroup) {
    nng_sockaddr group = loopback();
    group.s_in.sa_addr = htonl(0xe0000101);
    nng_sockaddr any = loopback();
    any.s_in.sa_addr = htonl(INADDR_ANY);
    const Udp member = open(any);
    if (nng_udp_multicast_membership(member.get(), &group, true) != NNG_OK) GTEST_SKIP() << "no multicast here";
    group.s_in.sa_port = name_of(member).s_in.sa_port;
    Operation received, sent("hello");
    nng_aio_set_timeout(received.aio, 5000);
    received.recv(member);
    if (sent.send(member, group).wait() != NNG_OK) GTEST_SKIP() << "no route to the group";
    EXPECT_EQ(received.wait(), NNG_OK);
    EXPECT_EQ(received.text(), "hello");
}

}  // namespace
