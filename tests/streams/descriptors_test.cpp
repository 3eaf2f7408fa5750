// Tests the library while the process can open no more descriptors. The tests limit the whole process.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "stream_test.h"
#include "support/few_descriptors.h"
#include "support/library.h"
#include "support/scale.h"

namespace streams {
namespace {

using namespace support;

// Waits until the library's first worker runs. UBSan needs a descriptor when it checks the worker's object first.
void let_a_worker_begin() {
    Handle handle;
    nng_aio_finish(handle, NNG_OK);
    EXPECT_TRUE(handle.called_back());
}

// While this object exists, no descriptor can be made, except one after each release_one().
class Exhausted {
  public:
    Exhausted() {
        let_a_worker_begin();
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit low = before_;
        low.rlim_cur = 64;  // few enough to use up
        while (static_cast<rlim_t>(lowest_free()) >= low.rlim_cur) low.rlim_cur *= 2;
        setrlimit(RLIMIT_NOFILE, &low);
        for (int fd = 0; fd >= 0;) {
            fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
            if (fd >= 0) taken_.emplace_back(fd);
        }
        EXPECT_EQ(errno, EMFILE);
    }
    ~Exhausted() {
        taken_.clear();
        setrlimit(RLIMIT_NOFILE, &before_);
    }
    void release_one() { taken_.pop_back(); }

  private:
    static int lowest_free() { return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

    rlimit before_{};
    std::vector<Descriptor> taken_;
};

// Returns the processor time of this process in microseconds.
long cpu_time() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

class Descriptors : public ServiceTest {
  protected:
    // UndefinedBehaviorSanitizer opens a pipe to check an object's type. If it gets no pipe, it reports a wrong type,
    // so the tests are skipped in its build.
    void SetUp() override {
        if (kShare == 2) GTEST_SKIP() << "the sanitizer needs descriptors itself";
        const Pair made_once = service.pair();  // also makes the descriptors that the library keeps
    }

    static void expect_connected(int fd, nng_stream* stream) {
        const std::uint8_t byte = 7;
        ASSERT_EQ(write(fd, &byte, 1), 1);
        EXPECT_EQ(recv_all(stream, 1), Bytes{7});
    }
};

TEST_P(Descriptors, AcceptWaitsForOneAndGoesOn) {
    const Descriptor fd = service.raw_peer();
    Transfer accept;
    {
        Exhausted exhausted;
        accept.accept(service.listener());
        EXPECT_TRUE(accept.stays_pending());
        exhausted.release_one();
        ASSERT_EQ(accept.wait().result, NNG_OK);
    }
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
}

TEST_P(Descriptors, AConnectionThatComesLaterIsAcceptedWhenThereIsOne) {
    Transfer accept;
    accept.accept(service.listener());
    Exhausted exhausted;
    exhausted.release_one();
    const Descriptor fd = service.raw_peer();  // takes the descriptor
    EXPECT_TRUE(accept.stays_pending());
    exhausted.release_one();
    ASSERT_EQ(accept.wait().result, NNG_OK);
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
}

TEST_P(Descriptors, AcceptDoesNotSpinWhileItWaits) {
    const Descriptor fd = service.raw_peer();
    Transfer accept;
    Exhausted exhausted;
    accept.accept(service.listener());
    const long before = cpu_time();
    nng_msleep(200);
    EXPECT_LT(cpu_time() - before, 50'000);
    nng_aio_cancel(accept);
    EXPECT_EQ(accept.wait(), kCancelled);
}

TEST_P(Descriptors, AcceptThatWaitsCanBeCancelledTimeOutAndBeClosed) {
    const Descriptor fd = service.raw_peer();
    const Exhausted exhausted;
    Transfer accept;
    accept.accept(service.listener());
    nng_aio_cancel(accept);
    EXPECT_EQ(accept.wait(), kCancelled);
    EXPECT_EQ(accept.within(5).accept(service.listener()).wait(), kTimedOut);
    EXPECT_EQ(accept.within(0).accept(service.listener()).wait(), kTimedOut);
    accept.within(NNG_DURATION_INFINITE).accept(service.listener());
    nng_stream_listener_close(service.listener());
    EXPECT_EQ(accept.wait(), kClosed);
}

TEST_P(Descriptors, TheListenerCanBeFreedWhileItWaits) {
    const Descriptor fd = service.raw_peer();
    Transfer accept;
    {
        const Exhausted exhausted;
        accept.accept(service.listener());
        service.free();
        EXPECT_EQ(accept.wait(), kClosed);
    }
}

TEST_P(Descriptors, AllThatWaitAreAcceptedInOrder) {
    std::array<Descriptor, 4> fds;
    for (Descriptor& fd : fds) fd = service.raw_peer();
    std::array<Transfer, 4> accepts;
    {
        Exhausted exhausted;
        for (Transfer& accept : accepts) accept.accept(service.listener());
        for (Transfer& accept : accepts) {
            exhausted.release_one();
            ASSERT_EQ(accept.wait().result, NNG_OK);
        }
    }
    for (std::size_t i = 0; i < fds.size(); ++i) {
        const Stream stream = accepts[i].stream();
        expect_connected(fds[i], stream);
    }
}

TEST_P(Descriptors, StreamsThatAreThereGoOn) {
    const Pair pair = service.pair();
    const Exhausted exhausted;
    send_all(pair.near, {1, 2, 3});
    EXPECT_EQ(recv_all(pair.far, 3), (Bytes{1, 2, 3}));
}

TEST_P(Descriptors, ADialSaysThatThereIsNone) {
    const Dialer dialer = make_dialer(service.url());
    Transfer dial;
    {
        const Exhausted exhausted;
        EXPECT_EQ(dial.dial(dialer).wait(), (Outcome{NNG_ENOFILES, 0}));
    }
    ASSERT_EQ(dial.dial(dialer).wait().result, NNG_OK);
    EXPECT_NE(dial.stream(), nullptr);
}

TEST_P(Descriptors, AListenerSaysThatThereIsNone) {
    const Listener listener = make_listener(fresh_url(scheme()));
    {
        const Exhausted exhausted;
        EXPECT_EQ(nng_stream_listener_listen(listener), NNG_ENOFILES);
    }
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);
}

// The accept lacks a descriptor three times: when its submitter tries, when the poller tries, which watches the
// listener since the first accept, and after the listener's pause, because the limit lasts longer than the pause.
TEST(ListenerPause, BeginsOnce) {
    Service service(tcp_schemes().front());
    Transfer before;
    before.accept(service.listener());
    const Descriptor first = service.raw_peer();
    ASSERT_EQ(before.wait().result, NNG_OK);
    const Stream stream = before.stream();
    const Descriptor client(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string port = service.url().substr(service.url().rfind(':') + 1);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    Transfer accept;
    let_a_worker_begin();
    {
        const FewDescriptors none(0);
        accept.accept(service.listener());
        EXPECT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_TRUE(accept.stays_pending());
    }
    ASSERT_EQ(accept.wait().result, NNG_OK);
    EXPECT_NE(accept.stream(), nullptr);
    struct naio_statistics stats {};
    stats.size = sizeof(stats);
    naio_stats(&stats);
    EXPECT_GT(stats.accepts_retried, 0u);
}

// The first watched descriptor needs further descriptors for its poller. Expects that `call` returns NNG_ENOFILES if
// one of them is missing. Makes the call with one more descriptor each time, until it succeeds.
template <class Call>
void expect_to_say_so(Call call) {
    if (kShare == 2) GTEST_SKIP() << "the sanitizer needs descriptors itself";
    unsigned failures = 0;
    for (nng_err result = NNG_ENOFILES; result != NNG_OK && failures < 100; ++failures) {
        bring_library_down();
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        {
            const FewDescriptors few(failures);
            result = call();
        }
        EXPECT_TRUE(result == NNG_OK || result == NNG_ENOFILES) << nng_strerror(result);
    }
    EXPECT_GT(failures, 3u);
    EXPECT_LT(failures, 100u);
}

TEST(FirstDescriptors, ThatADialCannotHave) {
    const Descriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(server, 100), 0);
    ASSERT_EQ(getsockname(server, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const std::string url = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    expect_to_say_so([&] {
        const Dialer dialer = make_dialer(url);
        Transfer dial;
        const nng_err result = dial.dial(dialer).wait().result;
        if (result == NNG_OK) static_cast<void>(dial.stream());
        return result;
    });
}

TEST(FirstDescriptors, ThatAListenerCannotHave) {
    for (const char* url : {"tcp://127.0.0.1:0", "abstract://"})
        expect_to_say_so([url] { return nng_stream_listener_listen(make_listener(url)); });
}

TEST(FirstDescriptors, ThatUdpCannotHave) {
    expect_to_say_so([] {
        nng_sockaddr any{};
        any.s_in.sa_family = NNG_AF_INET;
        any.s_in.sa_addr = htonl(INADDR_LOOPBACK);
        nng_udp* udp = nullptr;
        const int result = nng_udp_open(&udp, &any);
        if (result == NNG_OK) nng_udp_close(udp);
        return static_cast<nng_err>(result);
    });
}

TEST(SocketPair, SaysThatThereIsNone) {
    const Exhausted exhausted;
    int fds[2];
    EXPECT_EQ(nng_socket_pair(fds), NNG_ENOFILES);
}

NAIO_OVER(dialing_schemes, Descriptors);

}  // namespace
}  // namespace streams
