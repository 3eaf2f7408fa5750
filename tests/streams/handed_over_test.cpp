// Tests the library's treatment of descriptors that the program hands over: of descriptors whose socket another process
// or descriptor shares, and of descriptors that the library refuses.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "stream_test.h"

namespace streams {
namespace {

bool blocks(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }
bool is_inherited(int fd) { return (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0; }

Descriptor copy_of(int fd) { return Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

// Makes programs that are executed inherit the descriptor, as a service manager does.
void have_inherited(int fd) { ASSERT_EQ(fcntl(fd, F_SETFD, 0), 0); }

// Accepts a connection from a descriptor that may be non-blocking. Returns -1 if none comes.
Descriptor accept_from(int fd) {
    pollfd watched{fd, POLLIN, 0};
    if (poll(&watched, 1, 10'000) != 1) return {};
    return Descriptor(accept(fd, nullptr, nullptr));
}

// The service manager keeps a copy of the descriptor that it hands over.
class SharedListener : public testing::TestWithParam<Scheme> {
  protected:
    SharedListener() {
        EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, copy_of(managers).release()), NNG_OK);
    }
    static const Scheme& scheme() { return GetParam(); }

    void expect_managers_to_accept() {
        const Descriptor near = connect_to(scheme(), url);
        const Descriptor far = accept_from(managers);
        EXPECT_GE(far, 0);
    }

    const std::string url = fresh_full_url(scheme());
    const Descriptor managers = listen_on(scheme(), url);
    Listener listener = make_listener(fresh_url(scheme()));
};

TEST_P(SharedListener, GoesOnAfterClose) {
    nng_stream_listener_close(listener);
    expect_managers_to_accept();
}

TEST_P(SharedListener, GoesOnAfterStop) {
    nng_stream_listener_stop(listener);
    expect_managers_to_accept();
}

TEST_P(SharedListener, GoesOnAfterFree) {
    listener.reset();
    expect_managers_to_accept();
}

TEST_P(SharedListener, GoesOnAfterAnAcceptWaitedThere) {
    Transfer accept;
    accept.accept(listener);
    listener.reset();
    EXPECT_EQ(accept.wait(), kClosed);
    expect_managers_to_accept();
}

TEST_P(SharedListener, KeepsTheConnectionsThatWereQueued) {
    std::array<Descriptor, 3> queued;
    for (Descriptor& each : queued) each = connect_to(scheme(), url);
    Transfer accept;
    ASSERT_EQ(accept.accept(listener).wait().result, NNG_OK);
    const Stream taken = accept.stream();
    listener.reset();
    for (std::size_t i = 1; i < queued.size(); ++i) {
        const Descriptor far = accept_from(managers);
        ASSERT_GE(far, 0);
        const std::uint8_t sent = 7;
        std::uint8_t got = 0;
        ASSERT_EQ(write(queued[i], &sent, 1), 1);
        ASSERT_EQ(read(far, &got, 1), 1);
        EXPECT_EQ(got, sent);
    }
}

TEST_P(SharedListener, CanBeHandedOverAgain) {
    listener.reset();
    const Listener next = make_listener(fresh_url(scheme()));
    ASSERT_EQ(nng_stream_listener_set_int(next, NNG_OPT_LISTEN_FD, copy_of(managers).release()), NNG_OK);
    const Stream near = dial(url);
    Transfer accept;
    ASSERT_EQ(accept.accept(next).wait().result, NNG_OK);
    EXPECT_NE(accept.stream(), nullptr);
}

TEST_P(SharedListener, KeepsItsFile) {
    if (!scheme().file()) GTEST_SKIP() << "a listener over TCP has no file";
    listener.reset();
    EXPECT_TRUE(std::filesystem::is_socket(url.substr(url.find("://") + 3)));
}

// O_NONBLOCK belongs to the open file description, so all descriptors that share the description have the flag.
TEST_P(SharedListener, StaysNonBlocking) {
    EXPECT_FALSE(blocks(managers));
    listener.reset();
    EXPECT_FALSE(blocks(managers));
}

// FD_CLOEXEC belongs to the descriptor, so the service manager's descriptor does not get the flag.
TEST_P(SharedListener, IsInheritedByNoProgramThatTheProcessExecutes) {
    const Listener next = make_listener(fresh_url(scheme()));
    const int fd = copy_of(managers).release();
    have_inherited(fd);
    have_inherited(managers);
    ASSERT_EQ(nng_stream_listener_set_int(next, NNG_OPT_LISTEN_FD, fd), NNG_OK);
    EXPECT_FALSE(is_inherited(fd));
    EXPECT_TRUE(is_inherited(managers));
}

// ---- Refused descriptors stay the caller's, unchanged -------------------------------------------

class RefusedListener : public testing::TestWithParam<Scheme> {
  protected:
    static const Scheme& scheme() { return GetParam(); }

    void expect_refusal(nng_err error) {
        have_inherited(fd);
        EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd), error);
        EXPECT_TRUE(blocks(fd));
        EXPECT_TRUE(is_inherited(fd));
        const Descriptor near = connect_to(scheme(), url);
        EXPECT_GE(accept_from(fd), 0);
    }

    const std::string url = fresh_full_url(scheme());
    const Descriptor fd = listen_on(scheme(), url);
    const Listener listener = make_listener(fresh_url(scheme()));
};

TEST_P(RefusedListener, ByOneThatListens) {
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    expect_refusal(NNG_EBUSY);
}

TEST_P(RefusedListener, ByOneThatIsClosed) {
    nng_stream_listener_close(listener);
    expect_refusal(NNG_ECLOSED);
}

TEST_P(RefusedListener, ByOneOfAnotherKind) {
    const Listener other = make_listener(scheme().tcp() ? "ipc:///nowhere" : "tcp://127.0.0.1:0");
    EXPECT_EQ(nng_stream_listener_set_int(other, NNG_OPT_LISTEN_FD, fd), NNG_EADDRINVAL);
    EXPECT_TRUE(blocks(fd));
}

TEST_P(RefusedListener, AsItDoesNotListen) {
    const Descriptor connected = connect_to(scheme(), url);
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, connected), NNG_EINVAL);
    EXPECT_TRUE(blocks(connected));
}

TEST_P(RefusedListener, AsItIsForDatagrams) {
    const Descriptor datagrams(socket(scheme().family, SOCK_DGRAM, 0));
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, datagrams), NNG_EINVAL);
}

TEST_P(RefusedListener, AsItIsNoDescriptor) {
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, 1'000'000), NNG_ECLOSED);
}

// Tests descriptors that are handed over to a listener at socket://.
class RefusedSocket : public testing::Test {
  protected:
    RefusedSocket() {
        std::array<int, 2> fds{};
        EXPECT_EQ(nng_socket_pair(fds.data()), NNG_OK);
        one = Descriptor(fds[0]);
        other = Descriptor(fds[1]);
    }
    void expect_refusal(nng_err error) {
        EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, one), error);
        EXPECT_TRUE(blocks(one));
        const std::uint8_t byte = 1;
        EXPECT_EQ(write(one, &byte, 1), 1);  // it is still connected
    }

    const Listener listener = make_listener("socket://");
    Descriptor one;
    Descriptor other;
};

TEST_F(RefusedSocket, ByAListenerThatIsClosed) {
    nng_stream_listener_close(listener);
    expect_refusal(NNG_ECLOSED);
}

TEST_F(RefusedSocket, ByAListenerThatHasSixteen) {
    std::vector<Descriptor> others;
    for (int i = 0; i < 16; ++i) {
        int fds[2] = {-1, -1};
        ASSERT_EQ(nng_socket_pair(fds), NNG_OK);
        others.emplace_back(fds[1]);
        ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, fds[0]), NNG_OK);
    }
    expect_refusal(NNG_ENOSPC);
}

TEST_F(RefusedSocket, AsItIsForDatagrams) {
    const Descriptor datagrams(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, datagrams), NNG_EINVAL);
    EXPECT_TRUE(blocks(datagrams));
}

TEST_F(RefusedSocket, AsItListens) {
    const Scheme& tcp = tcp_schemes().front();
    const Descriptor listening = listen_on(tcp, fresh_full_url(tcp));
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, listening), NNG_EINVAL);
    EXPECT_TRUE(blocks(listening));
}

TEST_F(RefusedSocket, AsItIsNoDescriptor) {
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, 1'000'000), NNG_ECLOSED);
}

TEST_F(RefusedSocket, NotButTakenItStaysNonBlocking) {
    const Descriptor shared = copy_of(one);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, one.release()), NNG_OK);
    EXPECT_FALSE(blocks(shared));
}

TEST_F(RefusedSocket, NotButTakenItIsInheritedByNoProgramThatTheProcessExecutes) {
    const int fd = one.release();
    have_inherited(fd);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, fd), NNG_OK);
    EXPECT_FALSE(is_inherited(fd));
}

// Unlike a listener, a connection is shut down for all descriptors that share it, so that the peer learns of the end.
TEST_F(RefusedSocket, NotButTakenItsConnectionEndsWithTheStream) {
    const Descriptor shared = copy_of(one);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, one.release()), NNG_OK);
    Transfer accept;
    ASSERT_EQ(accept.accept(listener).wait().result, NNG_OK);
    accept.stream().reset();
    std::uint8_t byte = 0;
    EXPECT_EQ(read(other, &byte, 1), 0);
}

// A post has queued the handle of the accept, and another callback is queued behind it, when the listener is closed.
// Both callbacks run.
TEST(SocketListener, IsClosedWhileTheHandleOfAnAcceptIsQueuedForAPost) {
    const Listener listener = make_listener("socket://");
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Transfer accept;
    support::Handle second;
    naio_aio_set_queue(accept, queue);
    naio_aio_set_queue(second, queue);
    EXPECT_TRUE(naio_aio_post(accept));
    accept.accept(listener);
    EXPECT_TRUE(naio_aio_post(second));
    nng_stream_listener_close(listener);
    while (accept.busy() && naio_queue_run(queue, 1000) != 0) {
    }
    EXPECT_EQ(accept.wait(), kClosed);
    naio_queue_run(queue, 0);
    EXPECT_EQ(second.callbacks(), 1);
    naio_queue_free(queue);
}

// ---- A descriptor that is handed over may be a socket of any kind -------------------------------

TEST(HandedOverTcp, KnowsNothingOfThePeersProcess) {
    const Scheme& tcp = tcp_schemes().front();
    const std::string url = fresh_full_url(tcp);
    const Descriptor listening = listen_on(tcp, url);
    const Listener listener = make_listener("socket://");
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, connect_to(tcp, url).release()), NNG_OK);
    Transfer accept;
    ASSERT_EQ(accept.accept(listener).wait().result, NNG_OK);
    const Stream stream = accept.stream();
    for (const char* const option : {NNG_OPT_PEER_UID, NNG_OPT_PEER_GID, NNG_OPT_PEER_PID, NNG_OPT_PEER_ZONEID}) {
        int value = -7;
        EXPECT_EQ(nng_stream_get_int(stream, option, &value), NNG_ENOTSUP) << option;
        EXPECT_EQ(value, -7) << option;
    }
}

NAIO_OVER(dialing_schemes, SharedListener);
NAIO_OVER(dialing_schemes, RefusedListener);

}  // namespace
}  // namespace streams
