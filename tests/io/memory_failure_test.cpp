// Tests failed allocations. Whichever allocation fails, the function or operation that needed it ends with NNG_ENOMEM,
// and no memory leaks.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>

#include "support/ledger.h"

namespace naio {
namespace {

using namespace support;

std::string path(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("naio." + std::to_string(::getpid()) + "." + name)).string();
}

// One walk through a scene. It records whether a result was NNG_ENOMEM.
class Walk {
  public:
    // Returns true if the result is NNG_OK. Otherwise expects that the result is NNG_ENOMEM.
    bool has(nng_err result) {
        if (result == NNG_ENOMEM) lacking_ = true;
        EXPECT_TRUE(result == NNG_OK || result == NNG_ENOMEM) << nng_strerror(result);
        return result == NNG_OK;
    }
    [[nodiscard]] bool lacking() const { return lacking_; }

  private:
    bool lacking_ = false;
};

// A handle. It converts to nullptr if its allocation has failed.
class Handle {
  public:
    explicit Handle(Walk& walk) {
        if (!walk.has(nng_aio_alloc(&aio_, nullptr, nullptr))) return;
        nng_aio_set_timeout(aio_, 10'000);
        vector_ = {bytes_.data(), bytes_.size()};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector_), NNG_OK);
    }
    ~Handle() { nng_aio_free(aio_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    operator nng_aio*() const { return aio_; }
    nng_err wait() const {
        nng_aio_wait(aio_);
        return nng_aio_result(aio_);
    }
    template <class T>
    T* output() const {
        return static_cast<T*>(nng_aio_get_output(aio_, 0));
    }

  private:
    nng_aio* aio_ = nullptr;
    std::array<char, 100> bytes_{};
    nng_iov vector_{};
};

// True if both operations succeed. If `one` fails, `other` is cancelled, because it needs `one`.
bool both(Walk& walk, const Handle& one, const Handle& other) {
    const bool has_one = walk.has(one.wait());
    if (!has_one) nng_aio_cancel(other);
    const nng_err result = other.wait();
    if (!has_one && (result == NNG_ECANCELED || result == NNG_ECONNSHUT || result == NNG_ECONNRESET)) return false;
    return walk.has(result) && has_one;
}

void exchange(Walk& walk, nng_stream* near, nng_stream* far) {
    const Handle sending(walk), receiving(walk);
    if (walk.lacking()) return;
    naio_stream_send_all(near, sending, 0);
    naio_stream_recv_all(far, receiving, 0);
    both(walk, sending, receiving);
}

void connect(Walk& walk, nng_stream_listener* listener, nng_stream_dialer* dialer) {
    const Handle dialing(walk), accepting(walk);
    if (walk.lacking()) return;
    nng_stream_dialer_dial(dialer, dialing);
    nng_stream* near = nullptr;
    nng_stream* far = nullptr;
    if (walk.has(dialing.wait())) {
        near = dialing.output<nng_stream>();
        nng_stream_listener_accept(listener, accepting);
        if (walk.has(accepting.wait())) far = accepting.output<nng_stream>();
    }
    if (far != nullptr) exchange(walk, near, far);
    nng_stream_free(near);
    nng_stream_free(far);
}

void stream(Walk& walk, const std::string& url, const std::function<std::string(nng_stream_listener*)>& dialed) {
    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    if (walk.has(nng_stream_listener_alloc(&listener, url.c_str())) && walk.has(nng_stream_listener_listen(listener)) &&
        walk.has(nng_stream_dialer_alloc(&dialer, dialed(listener).c_str())))
        connect(walk, listener, dialer);
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

void tcp(Walk& walk) {
    stream(walk, "tcp://localhost:0", [](nng_stream_listener* listener) {
        int port = 0;
        EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port), NNG_OK);
        return "tcp://localhost:" + std::to_string(port);
    });
}

void ipc(Walk& walk) {
    const std::string url = "ipc://" + path("memory");
    stream(walk, url, [&url](nng_stream_listener*) { return url; });
    EXPECT_FALSE(std::filesystem::exists(path("memory")));
}

void socket(Walk& walk) {
    std::array<int, 2> ends{};
    ASSERT_EQ(nng_socket_pair(ends.data()), NNG_OK);
    nng_stream_listener* listener = nullptr;
    const Handle accepting(walk);
    if (!walk.lacking() && walk.has(nng_stream_listener_alloc(&listener, "socket://")) &&
        walk.has(nng_stream_listener_listen(listener))) {
        EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, ends[0]), NNG_OK);
        nng_stream_listener_accept(listener, accepting);
        ends[0] = -1;
        if (walk.has(accepting.wait())) nng_stream_free(accepting.output<nng_stream>());
    }
    nng_stream_listener_free(listener);
    for (const int end : ends) ::close(end);
}

void datagram(Walk& walk) {
    nng_udp* udp = nullptr;
    nng_sockaddr self{};
    self.s_in.sa_family = NNG_AF_INET;
    self.s_in.sa_addr = htonl(INADDR_LOOPBACK);
    if (!walk.has(static_cast<nng_err>(nng_udp_open(&udp, &self)))) return;
    const Handle sending(walk), receiving(walk);
    if (!walk.lacking()) {
        EXPECT_EQ(nng_udp_sockname(udp, &self), NNG_OK);
        EXPECT_EQ(nng_aio_set_input(sending, 0, &self), NNG_OK);
        nng_udp_recv(udp, receiving);
        nng_udp_send(udp, sending);
        both(walk, sending, receiving);
    }
    nng_udp_close(udp);
}

void name(Walk& walk) {
    const Handle looking(walk);
    if (walk.lacking()) return;
    std::array<nng_sockaddr, 4> found{};
    naio_resolve("localhost", "80", NNG_AF_UNSPEC, 0, found.data(), found.size(), looking);
    walk.has(looking.wait());
}

void file(Walk& walk) {
    const Handle handle(walk);
    if (walk.lacking()) return;
    const std::string name = path("memory");
    naio_file_open(name.c_str(), NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE, 0600, handle);
    if (!walk.has(handle.wait())) return;
    auto* const file = handle.output<naio_file>();
    naio_file_write(file, handle);
    walk.has(handle.wait());
    naio_file_pread(file, 0, handle);
    walk.has(handle.wait());
    naio_file_close(file, handle);  // closes the file even if the result is NNG_ENOMEM
    walk.has(handle.wait());
    EXPECT_TRUE(std::filesystem::remove(name));
}

struct Scene {
    const char* name;
    void (*walk)(Walk&);
};

class MemoryFailure : public testing::TestWithParam<Scene> {
  protected:
    // Walks through the scene repeatedly. In walk n (1, 2, ...) allocation n and the `times` - 1 allocations after it
    // fail. The first walk in which no result is NNG_ENOMEM is the last one.
    static void expect_to_fail_cleanly_wherever(long times) {
        constexpr long kMoreThanAWalkAllocates = 1'000;
        long n = 1;
        for (; n < kMoreThanAWalkAllocates; ++n) {
            const Restarted library(Ledger::params());
            ASSERT_EQ(library.result(), NNG_OK);
            Ledger::fail_from(n, times);
            Walk walk;
            GetParam().walk(walk);
            Ledger::fail_from(Ledger::kNever);
            nng_fini();
            Ledger::expect_balance();
            if (!walk.lacking()) break;
            if (HasFailure()) FAIL() << "when allocation " << n << " failed";
        }
        EXPECT_GT(n, 1);
        EXPECT_LT(n, kMoreThanAWalkAllocates);
    }
};

TEST_P(MemoryFailure, OfOneAllocation) { expect_to_fail_cleanly_wherever(1); }

TEST_P(MemoryFailure, OfAllFromThenOn) { expect_to_fail_cleanly_wherever(Ledger::kNever); }

INSTANTIATE_TEST_SUITE_P(, MemoryFailure,
                         testing::Values(Scene{"tcp", tcp}, Scene{"ipc", ipc}, Scene{"socket", socket},
                                         Scene{"datagram", datagram}, Scene{"name", name}, Scene{"file", file}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace naio
