// Tests URLs that no dialer or listener can have, and the descriptors that socket:// takes.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "service.h"
#include "support/objects.h"

namespace streams {
namespace {

using namespace support;

TEST(BadUrl, MakesNoDialerAndNoListener) {
    for (const char* const url :
         {"", "tcp", "tcp:", "tcp:/", "tcp:127.0.0.1:80", "://", "nonsense://x", "inproc://x", "http://127.0.0.1:80/",
          "tcp://127.0.0.1:99999", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:no-such-service", "tcp://[::1:80",
          "tcp://[::1]x:80", "tcp://[nonsense]:80", "ipc://", "unix://", "abstract://%zz", "abstract://%0"}) {
        nng_stream_dialer* dialer = nullptr;
        nng_stream_listener* listener = nullptr;
        EXPECT_NE(nng_stream_dialer_alloc(&dialer, url), NNG_OK) << url;
        EXPECT_NE(nng_stream_listener_alloc(&listener, url), NNG_OK) << url;
        EXPECT_EQ(dialer, nullptr);
        EXPECT_EQ(listener, nullptr);
    }
}

TEST(BadUrl, OfAnUnknownScheme) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "nonsense://x"), NNG_ENOTSUP);
}

TEST(BadUrl, OfADialerThatLacksHostOrPort) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1"), NNG_EADDRINVAL);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1:0"), NNG_EADDRINVAL);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://:80"), NNG_EADDRINVAL);
}

TEST(BadUrl, OfAnEmptyPath) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "ipc://"), NNG_EADDRINVAL);
}

TEST(BadUrl, OfADialerForSocketPairs) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "socket://"), NNG_ENOTSUP);
}

TEST(BadUrl, OfATooLongAbstractName) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, ("abstract://" + std::string(200, 'x')).c_str()), NNG_EADDRINVAL);
}

// ---- socket:// ----------------------------------------------------------------------------------

TEST(SocketFd, HoldsSixteenThatWaitAndRefusesMore) {
    const Listener listener = make_listener("socket://");
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    std::vector<Descriptor> kept;
    nng_err result = NNG_OK;
    int held = 0;
    while (result == NNG_OK && held < 100) {
        int fds[2];
        ASSERT_EQ(nng_socket_pair(fds), NNG_OK);
        kept.emplace_back(fds[0]);
        result = nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, fds[1]);
        if (result != NNG_OK)
            kept.emplace_back(fds[1]);
        else
            ++held;
    }
    EXPECT_EQ(result, NNG_ENOSPC);
    EXPECT_EQ(held, 16);
}

TEST(SocketFd, RefusesWhatIsNone) {
    const Listener listener = make_listener("socket://");
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, -1), NNG_EINVAL);
    EXPECT_EQ(nng_stream_listener_set_bool(listener, NNG_OPT_SOCKET_FD, true), NNG_EBADTYPE);
    int value = 0;
    EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_SOCKET_FD, &value), NNG_EWRITEONLY);
}

TEST(SocketFd, RefusesAllOnceItIsClosed) {
    const Listener listener = make_listener("socket://");
    nng_stream_listener_close(listener);
    int fds[2];
    ASSERT_EQ(nng_socket_pair(fds), NNG_OK);
    const Descriptor one(fds[0]);
    const Descriptor other(fds[1]);
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, one), NNG_ECLOSED);
}

TEST(SocketFd, SocketsThatWaitAreClosedWithTheListener) {
    Listener listener = make_listener("socket://");
    int fds[2];
    ASSERT_EQ(nng_socket_pair(fds), NNG_OK);
    const Descriptor other(fds[1]);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, fds[0]), NNG_OK);
    listener.reset();
    char byte = 0;
    EXPECT_EQ(read(other, &byte, 1), 0);
}

}  // namespace
}  // namespace streams
