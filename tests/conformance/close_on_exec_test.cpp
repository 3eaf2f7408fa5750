// Tests that each descriptor of the library has close-on-exec from its creation on. Another thread may fork and execute
// a program at any time, and the program would inherit a descriptor without close-on-exec.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "support/handle.h"
#include "support/library.h"

namespace conformance {
namespace {

using namespace support;

// Checks the process's descriptors again and again, on a thread of its own, for new ones that an executed program would
// inherit.
class Watcher {
  public:
    Watcher() {
        for (int each = 0; each < kHighest; ++each)
            if (is_inherited(each)) known_.insert(each);
        thread_ = std::thread([this] { watch(); });
    }
    ~Watcher() {
        if (thread_.joinable()) static_cast<void>(finish());
    }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    // Returns the number of times that the thread has checked all descriptors.
    [[nodiscard]] unsigned rounds() const { return rounds_; }

    // Ends the thread. Returns the number of times that the thread has found a new descriptor that would be inherited.
    unsigned finish() {
        enough_ = true;
        thread_.join();
        return found_;
    }

  private:
    static constexpr int kHighest = 64;

    static bool is_inherited(int descriptor) { return fcntl(descriptor, F_GETFD) == 0; }

    void watch() {
        for (; !enough_; ++rounds_)
            for (int each = 0; each < kHighest; ++each)
                if (!known_.contains(each) && is_inherited(each)) ++found_;
    }

    std::set<int> known_;
    std::atomic<bool> enough_{false};
    std::atomic<unsigned> rounds_{0};
    unsigned found_ = 0;
    std::thread thread_;
};

// Calls `something` many times while the watcher checks the descriptors, so that the watcher sees each stage of a call.
void expect_nothing_to_be_inherited(const std::function<void()>& something) {
    something();  // the first call may make libuv open descriptors that it keeps
    Watcher watcher;
    constexpr unsigned kTimes = 200;
    constexpr unsigned kRounds = 200;
    for (unsigned times = 0; times < kTimes || watcher.rounds() < kRounds; ++times) something();
    EXPECT_EQ(watcher.finish(), 0u);
}

TEST(CloseOnExec, IsSetOnWhatTheLibraryStartsWith) {
    expect_nothing_to_be_inherited([] {
        bring_library_down();
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
    });
    bring_library_down();
}

TEST(CloseOnExec, IsSetOnAQueuesDescriptor) {
    expect_nothing_to_be_inherited([] {
        naio_queue* queue = nullptr;
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        EXPECT_GE(naio_queue_fd(queue), 0);
        naio_queue_free(queue);
    });
}

TEST(CloseOnExec, IsSetOnADatagramSocketAndItsPoller) {
    expect_nothing_to_be_inherited([] {
        bring_library_down();
        nng_sockaddr any{};
        any.s_in.sa_family = NNG_AF_INET;
        any.s_in.sa_addr = htonl(INADDR_LOOPBACK);
        nng_udp* udp = nullptr;
        ASSERT_EQ(nng_udp_open(&udp, &any), NNG_OK);
        nng_udp_close(udp);
    });
    bring_library_down();
}

void expect_streams_not_to_be_inherited(const std::string& url) {
    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, url.c_str()), NNG_OK);
    ASSERT_EQ(nng_stream_dialer_alloc(&dialer, url.c_str()), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    Handle dialing;
    Handle accepting;
    expect_nothing_to_be_inherited([&] {
        nng_stream_dialer_dial(dialer, dialing);
        nng_stream_listener_accept(listener, accepting);
        for (nng_aio* each : {static_cast<nng_aio*>(dialing), static_cast<nng_aio*>(accepting)}) {
            nng_aio_wait(each);
            ASSERT_EQ(nng_aio_result(each), NNG_OK);
            nng_stream_free(static_cast<nng_stream*>(nng_aio_get_output(each, 0)));
        }
    });
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

TEST(CloseOnExec, IsSetOnStreams) {
    expect_streams_not_to_be_inherited("ipc:///tmp/naio." + std::to_string(getpid()) + ".exec");
}

// The path exists when the second listener begins to listen, so the second listener opens a socket to find out whether
// a server listens there.
TEST(CloseOnExec, IsSetOnListeners) {
    const std::string url = "ipc:///tmp/naio." + std::to_string(getpid()) + ".exec";
    expect_nothing_to_be_inherited([&] {
        nng_stream_listener* listener = nullptr;
        nng_stream_listener* second = nullptr;
        ASSERT_EQ(nng_stream_listener_alloc(&listener, url.c_str()), NNG_OK);
        ASSERT_EQ(nng_stream_listener_alloc(&second, url.c_str()), NNG_OK);
        ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
        EXPECT_EQ(nng_stream_listener_listen(second), NNG_EADDRINUSE);
        nng_stream_listener_free(second);
        nng_stream_listener_free(listener);
    });
}

TEST(CloseOnExec, IsSetOnFiles) {
    Handle opening;
    expect_nothing_to_be_inherited([&] {
        naio_file_open("/dev/null", NAIO_FILE_READ, 0, opening);
        nng_aio_wait(opening);
        ASSERT_EQ(nng_aio_result(opening), NNG_OK);
        naio_file_free(static_cast<naio_file*>(nng_aio_get_output(opening, 0)));
    });
}

}  // namespace
}  // namespace conformance
