// No descriptors left. In a process of its own, as the limit is the process's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <vector>

#include "../race/scale.h"
#include "stream_test.h"

namespace streams {
namespace {

// As long as it lives, no descriptor can be made; but one after each release.
class Exhausted {
  public:
    Exhausted() {
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

// Of this process, in microseconds.
long cpu_time() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

class Descriptors : public ServiceTest {
  protected:
    // UndefinedBehaviorSanitizer opens a pipe to look at an object's type, and takes its failure for another type.
    void SetUp() override {
        if (race::kShare == 2) GTEST_SKIP() << "the sanitizer needs descriptors itself";
        const Pair made_once = service.pair();  // and what the library makes for the first one
    }

    static void expect_connected(int fd, nng_stream* stream) {
        const std::uint8_t byte = 7;
        ASSERT_EQ(write(fd, &byte, 1), 1);
        EXPECT_EQ(recv_all(stream, 1), Bytes{7});
    }
};

TEST_P(Descriptors, AcceptWaitsForOneAndGoesOn) {
    const Descriptor fd = service.knock();
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
    const Descriptor fd = service.knock();  // takes it
    EXPECT_TRUE(accept.stays_pending());
    exhausted.release_one();
    ASSERT_EQ(accept.wait().result, NNG_OK);
    const Stream stream = accept.stream();
    expect_connected(fd, stream);
}

TEST_P(Descriptors, AcceptDoesNotSpinWhileItWaits) {
    const Descriptor fd = service.knock();
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
    const Descriptor fd = service.knock();
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
    const Descriptor fd = service.knock();
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
    for (Descriptor& fd : fds) fd = service.knock();
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

TEST(SocketPair, SaysThatThereIsNone) {
    const Exhausted exhausted;
    int fds[2];
    EXPECT_EQ(nng_socket_pair(fds), NNG_ENOFILES);
}

NAIO_OVER(dialing_schemes, Descriptors);

}  // namespace
}  // namespace streams
