// Tests the messages that the library logs about conditions that a user would want to know.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/few_descriptors.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/logged.h"
#include "support/scale.h"
#include "support/text.h"

namespace naio {
namespace {

using support::any_has;
using support::Event;
using support::Handle;
using support::Logged;

// The logger. It also calls the library: such a call would not return if the library held a lock while it logs.
void take(nng_log_level, nng_log_facility, const char* id, const char* text) {
    const support::SilentHandle aio = support::make_silent_handle();
    static_cast<void>(nng_aio_start(aio.get(), nullptr, nullptr));
    nng_aio_finish(aio.get(), NNG_OK);
    naio_dump([](void*, const char*) {}, nullptr);
    Logged::add(std::string(id) + ": " + text);
}

class NoticesTest : public testing::Test {
  protected:
    NoticesTest() {
        support::bring_library_down();
        nng_init_params params{};
        params.num_task_threads = 1;
        params.max_task_threads = 2;
        EXPECT_EQ(nng_init(&params), NNG_OK);
        Logged::clear();
        nng_log_set_level(NNG_LOG_INFO);
        nng_log_set_logger(take);
    }
    ~NoticesTest() override {
        nng_log_set_logger(nullptr);
        nng_log_set_level(NNG_LOG_NOTICE);
        nng_fini();
    }
};

TEST_F(NoticesTest, SayThatAllWorkersAreBlocked) {
    Event inside, leave;
    const auto block = [&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(leave.wait());
    };
    std::deque<Handle> blocked;
    for (int i = 0; i < 2; ++i) blocked.emplace_back(block);
    for (const Handle& each : blocked) {
        ASSERT_TRUE(nng_aio_start(each, nullptr, nullptr));
        nng_aio_finish(each, NNG_OK);
    }
    ASSERT_TRUE(inside.wait(2));
    for (int i = 0; i < 10'000 && Logged::lines().empty();
         ++i) {  // the message comes at most once a second, and an earlier test may have caused it
        const Handle waiting;
        ASSERT_TRUE(nng_aio_start(waiting, nullptr, nullptr));
        nng_aio_finish(waiting, NNG_OK);
        EXPECT_EQ(waiting.wait(), NNG_OK);
    }
    EXPECT_TRUE(any_has(Logged::lines(), "NAIO-BLOCKED: all 2 workers are inside callbacks"));
    leave.set();
}

TEST_F(NoticesTest, NameACallbackThatHeldUpATimersThread) {
    // Each sleep is on a new handle, because the workers run the later callbacks of a handle whose callback has been
    // over budget, so that none of them holds up a timer's thread.
    for (int i = 0; i < 1000 && !any_has(Logged::lines(), "NAIO-LONG-CALLBACK"); ++i) {
        const Handle fresh([](nng_aio*) { std::this_thread::sleep_for(std::chrono::milliseconds(10)); });
        nng_sleep_aio(1, fresh);
        EXPECT_EQ(fresh.wait(), NNG_OK);
    }
    EXPECT_TRUE(any_has(Logged::lines(), "NAIO-LONG-CALLBACK: aio 0x"));
    EXPECT_TRUE(any_has(Logged::lines(), "took more than 1 ms"));
}

TEST_F(NoticesTest, SayWhyAnAcceptWaits) {
    if (support::kShare == 2) GTEST_SKIP() << "the sanitizer needs descriptors itself";
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    int port = 0;
    ASSERT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port), NNG_OK);
    {
        const Handle warm_up;  // gives the listener its poller
        nng_stream_listener_accept(listener, warm_up);
        nng_aio_cancel(warm_up);
        static_cast<void>(warm_up.wait());
    }
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Handle accept;
    {
        const support::FewDescriptors none(0);
        nng_stream_listener_accept(listener, accept);
        ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_TRUE(Logged::wait_for("NAIO-ACCEPT-WAITS: a listener cannot accept a connection now"));
    }
    EXPECT_EQ(accept.wait(), NNG_OK);
    nng_stream_free(accept.output<nng_stream>());
    close(client);
    nng_stream_listener_free(listener);
}

TEST_F(NoticesTest, NameASocketThatWasLeftBehind) {
    std::string folder = testing::TempDir() + "naio-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(path.size(), sizeof(address.sun_path));
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int former = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(former, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    close(former);
    for (int i = 0; i < 2; ++i) {  // the second listener finds no file
        nng_stream_listener* listener = nullptr;
        ASSERT_EQ(nng_stream_listener_alloc(&listener, ("ipc://" + path).c_str()), NNG_OK);
        EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);
        nng_stream_listener_free(listener);
    }
    EXPECT_EQ(Logged::lines(), std::vector<std::string>{"NAIO-STALE-SOCKET: " + path +
                                                        ": a listener has replaced the socket of one that has ended"});
    rmdir(folder.c_str());
}

TEST_F(NoticesTest, AreNotMadeIfTheLevelExcludesThem) {
    nng_log_set_level(NNG_LOG_ERR);
    Event inside, leave;
    std::deque<Handle> blocked;
    for (int i = 0; i < 2; ++i)
        blocked.emplace_back([&](nng_aio*) {
            inside.set();
            EXPECT_TRUE(leave.wait());
        });
    for (const Handle& each : blocked) {
        ASSERT_TRUE(nng_aio_start(each, nullptr, nullptr));
        nng_aio_finish(each, NNG_OK);
    }
    ASSERT_TRUE(inside.wait(2));
    Handle waiting;
    ASSERT_TRUE(nng_aio_start(waiting, nullptr, nullptr));
    nng_aio_finish(waiting, NNG_OK);
    EXPECT_TRUE(waiting.called_back());
    leave.set();
    for (Handle& each : blocked) EXPECT_TRUE(each.called_back());
    EXPECT_EQ(Logged::lines(), std::vector<std::string>{});
}

// The logger of the child process writes the message to stderr, where EXPECT_DEATH looks for it.
TEST(NoticesDeathTest, NameAMisusedHandle) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    const auto misuse = [] {
        nng_log_set_logger([](nng_log_level level, nng_log_facility, const char* id, const char* text) {
            std::fprintf(stderr, "logged %d %s %s\n", static_cast<int>(level == NNG_LOG_ERR), id, text);
        });
        const Handle handle;
        if (nng_aio_start(handle, nullptr, nullptr)) static_cast<void>(nng_aio_start(handle, nullptr, nullptr));
    };
    EXPECT_DEATH(misuse(),
                 "logged 1 NAIO-MISUSE nng_aio_start\\(0x[0-9a-f]+\\): an operation is in flight already; state");
}

}  // namespace
}  // namespace naio
