#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "stream_pair.h"

namespace naio {
namespace {

struct Free {
    void operator()(nng_stream* stream) const { nng_stream_free(stream); }
    void operator()(nng_stream_listener* listener) const { nng_stream_listener_free(listener); }
    void operator()(nng_stream_dialer* dialer) const { nng_stream_dialer_free(dialer); }
};
using StreamPtr = std::unique_ptr<nng_stream, Free>;
using ListenerPtr = std::unique_ptr<nng_stream_listener, Free>;
using DialerPtr = std::unique_ptr<nng_stream_dialer, Free>;

ListenerPtr new_listener(const std::string& url) {
    nng_stream_listener* listener = nullptr;
    EXPECT_EQ(nng_stream_listener_alloc(&listener, url.c_str()), NNG_OK) << url;
    return ListenerPtr(listener);
}

ListenerPtr listen(const std::string& url) {
    ListenerPtr listener = new_listener(url);
    EXPECT_EQ(nng_stream_listener_listen(listener.get()), NNG_OK) << url;
    return listener;
}

DialerPtr new_dialer(const std::string& url) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, url.c_str()), NNG_OK) << url;
    return DialerPtr(dialer);
}

int bound_port(const ListenerPtr& listener) {
    int port = 0;
    EXPECT_EQ(nng_stream_listener_get_int(listener.get(), NNG_OPT_BOUND_PORT, &port), NNG_OK);
    return port;
}

std::string path(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("naio." + std::to_string(::getpid()) + "." + name)).string();
}

void bind_to(int number, const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
}

// By scheme: where to listen, and where to dial then.
class StreamTest : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        const std::string& scheme = GetParam();
        const std::string name = path(scheme);
        if (scheme == "socket") return connect_pair();
        const bool tcp = scheme.starts_with("tcp");
        const std::string host = scheme == "tcp6" ? "[::1]" : "127.0.0.1";
        listener_ = listen(tcp ? scheme + "://" + host + ":0" : scheme + "://" + name);
        dialer_ = new_dialer(tcp ? scheme + "://" + host + ":" + std::to_string(bound_port(listener_))
                                 : scheme + "://" + name);
        connect();
    }

    void connect() {
        Operation accepting, dialing;
        nng_stream_listener_accept(listener_.get(), accepting);
        nng_stream_dialer_dial(dialer_.get(), dialing);
        ASSERT_EQ(dialing.wait(), NNG_OK);
        ASSERT_EQ(accepting.wait(), NNG_OK);
        near_.reset(dialing.stream());
        far_.reset(accepting.stream());
    }

    void connect_pair() {
        listener_ = listen("socket://");
        std::array<int, 2> ends{};
        ASSERT_EQ(nng_socket_pair(ends.data()), NNG_OK);
        for (const int end : ends) {
            Operation accepting;
            ASSERT_EQ(nng_stream_listener_set_int(listener_.get(), NNG_OPT_SOCKET_FD, end), NNG_OK);
            nng_stream_listener_accept(listener_.get(), accepting);
            ASSERT_EQ(accepting.wait(), NNG_OK);
            (near_ ? far_ : near_).reset(accepting.stream());
        }
    }

    // Until the other side takes nothing any more: for a while, as TCP goes on to move what it has.
    void fill(nng_stream* stream) {
        std::vector<char> data(1 << 16);
        for (int refused = 0; refused < 3;) {
            Operation sending;
            nng_aio_set_timeout(sending, 100);
            sending.use(data.data(), data.size());
            nng_stream_send(stream, sending);
            const nng_err result = sending.wait();
            ASSERT_TRUE(result == NNG_OK || result == NNG_ETIMEDOUT);
            refused = result == NNG_OK ? 0 : refused + 1;
            sent_ += nng_aio_count(sending);
        }
    }

    ListenerPtr listener_;
    DialerPtr dialer_;
    StreamPtr near_;
    StreamPtr far_;
    std::size_t sent_ = 0;
};

TEST_P(StreamTest, bytes_come_out_as_they_went_in) {
    std::array<char, 6> got{};
    Operation receiving, sending;
    receiving.use(got.data(), got.size());
    nng_stream_recv(far_.get(), receiving);
    char text[] = "hello";
    sending.use(text, 5);
    nng_stream_send(near_.get(), sending);
    EXPECT_EQ(sending.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(sending), 5u);
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(receiving), 5u);
    EXPECT_STREQ(got.data(), "hello");
}

TEST_P(StreamTest, a_receive_without_room_succeeds_at_once) {
    Operation receiving;
    nng_aio_set_timeout(receiving, NNG_DURATION_ZERO);
    nng_stream_recv(far_.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(receiving), 0u);
}

TEST_P(StreamTest, a_timeout_of_zero_polls) {
    char byte = 'x';
    Operation receiving, sending;
    nng_aio_set_timeout(receiving, NNG_DURATION_ZERO);
    receiving.use(&byte, 1);
    nng_stream_recv(far_.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_ETIMEDOUT);
    sending.use(&byte, 1);
    nng_stream_send(near_.get(), sending);
    EXPECT_EQ(sending.wait(), NNG_OK);
    nng_stream_recv(far_.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_OK);
}

TEST_P(StreamTest, an_operation_that_need_not_wait_can_skip_its_callback) {
    char byte = 'x';
    bool skipped = false;
    Operation sending;
    sending.use(&byte, 1);
    nng_aio_skip_callback(sending, &skipped);
    nng_stream_send(near_.get(), sending);
    EXPECT_TRUE(skipped);
    EXPECT_EQ(nng_aio_count(sending), 1u);
}

TEST_P(StreamTest, a_cancelled_receive_takes_nothing) {
    std::array<char, 4> got{};
    Operation first, second, sending;
    first.use(got.data(), got.size());
    second.use(got.data(), got.size());
    nng_stream_recv(far_.get(), first);
    nng_stream_recv(far_.get(), second);
    nng_aio_cancel(first);
    EXPECT_EQ(first.wait(), NNG_ECANCELED);
    char text[] = "abc";
    sending.use(text, 3);
    nng_stream_send(near_.get(), sending);
    EXPECT_EQ(second.wait(), NNG_OK);
    EXPECT_STREQ(got.data(), "abc");
}

TEST_P(StreamTest, a_receive_times_out_and_the_stream_goes_on) {
    char byte = 0;
    Operation receiving, sending;
    nng_aio_set_timeout(receiving, 5);
    receiving.use(&byte, 1);
    nng_stream_recv(far_.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_ETIMEDOUT);
    byte = 'x';
    sending.use(&byte, 1);
    nng_stream_send(near_.get(), sending);
    nng_aio_set_timeout(receiving, NNG_DURATION_INFINITE);
    nng_stream_recv(far_.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_OK);
}

TEST_P(StreamTest, receives_complete_in_the_order_they_were_submitted) {
    constexpr int kCount = 8;
    std::array<char, kCount> got{};
    std::vector<std::unique_ptr<Operation>> receiving;
    for (int i = 0; i < kCount; ++i) {
        receiving.push_back(std::make_unique<Operation>());
        receiving.back()->use(&got[static_cast<std::size_t>(i)], 1);
        nng_stream_recv(far_.get(), *receiving.back());
    }
    char text[] = "01234567";
    Operation sending;
    sending.use(text, kCount);
    nng_stream_send(near_.get(), sending);
    for (auto& each : receiving) EXPECT_EQ(each->wait(), NNG_OK);
    EXPECT_EQ(std::string(got.data(), kCount), text);
}

TEST_P(StreamTest, close_ends_what_waits_and_what_comes_later) {
    char byte = 0;
    fill(far_.get());
    Operation receiving, sending, later;
    receiving.use(&byte, 1);
    sending.use(&byte, 1);
    later.use(&byte, 1);
    nng_stream_recv(far_.get(), receiving);
    nng_stream_send(far_.get(), sending);
    nng_stream_close(far_.get());
    EXPECT_EQ(receiving.wait(), NNG_ECLOSED);
    EXPECT_EQ(sending.wait(), NNG_ECLOSED);
    nng_stream_recv(far_.get(), later);
    EXPECT_EQ(later.wait(), NNG_ECLOSED);
    EXPECT_EQ(later.ended.count(), 1);
    nng_stream_stop(far_.get());
}

TEST_P(StreamTest, a_callback_of_what_a_stop_ends_may_free_it) {
    char byte = 0;
    nng_aio* receiving = nullptr;
    nng_stream* const stream = far_.release();
    const auto free = [](void* it) { nng_stream_free(static_cast<nng_stream*>(it)); };
    ASSERT_EQ(nng_aio_alloc(&receiving, free, stream), NNG_OK);
    const nng_iov vector{&byte, 1};
    EXPECT_EQ(nng_aio_set_iov(receiving, 1, &vector), NNG_OK);
    nng_stream_recv(stream, receiving);
    nng_stream_stop(stream);
    nng_aio_wait(receiving);
    EXPECT_EQ(nng_aio_result(receiving), NNG_ECLOSED);
    nng_aio_free(receiving);
}

TEST_P(StreamTest, free_ends_what_waits) {
    char byte = 0;
    Operation receiving;
    receiving.use(&byte, 1);
    nng_stream_recv(far_.get(), receiving);
    far_.reset();
    EXPECT_EQ(receiving.wait(), NNG_ECLOSED);
}

TEST_P(StreamTest, a_receive_learns_that_the_peer_has_closed) {
    char byte = 0;
    Operation receiving, again;
    receiving.use(&byte, 1);
    again.use(&byte, 1);
    nng_stream_recv(far_.get(), receiving);
    near_.reset();
    EXPECT_EQ(receiving.wait(), NNG_ECONNSHUT);
    nng_stream_recv(far_.get(), again);
    EXPECT_EQ(again.wait(), NNG_ECONNSHUT);
}

TEST_P(StreamTest, what_waits_to_be_sent_goes_out_when_the_peer_takes_it) {
    fill(near_.get());
    std::vector<char> data(1 << 20, 'y');
    Operation sending;
    sending.use(data.data(), data.size());
    nng_stream_send(near_.get(), sending);
    EXPECT_TRUE(sending.ended.stays_away());
    std::size_t received = 0;
    std::vector<char> got(1 << 16);
    Operation receiving;
    receiving.use(got.data(), got.size());
    nng_aio_set_timeout(receiving, NNG_DURATION_ZERO);
    while (sending.ended.count() == 0 || received < sent_ + nng_aio_count(sending)) {
        nng_stream_recv(far_.get(), receiving);
        if (receiving.wait() == NNG_ETIMEDOUT) continue;
        ASSERT_EQ(nng_aio_result(receiving), NNG_OK);
        received += nng_aio_count(receiving);
    }
    EXPECT_EQ(sending.wait(), NNG_OK);
    EXPECT_EQ(received, sent_ + nng_aio_count(sending));
}

TEST_P(StreamTest, a_stopped_handle_is_told_so) {
    char byte = 0;
    Operation receiving;
    receiving.use(&byte, 1);
    nng_stream_recv(far_.get(), receiving);
    nng_aio_stop(receiving);
    EXPECT_EQ(nng_aio_result(receiving), NNG_ESTOPPED);
    nng_stream_recv(far_.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_ESTOPPED);
    EXPECT_EQ(receiving.ended.count(), 2);
}

TEST_P(StreamTest, an_option_that_it_has_not_is_not_supported) {
    bool flag = false;
    int number = 0;
    EXPECT_EQ(nng_stream_get_bool(near_.get(), "no-such-option", &flag), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_get_int(near_.get(), "no-such-option", &number), NNG_ENOTSUP);
    if (GetParam().starts_with("tcp")) {
        EXPECT_EQ(nng_stream_get_bool(near_.get(), NNG_OPT_TCP_NODELAY, &flag), NNG_OK);
        EXPECT_TRUE(flag);
        EXPECT_EQ(nng_stream_get_int(near_.get(), NNG_OPT_TCP_NODELAY, &number), NNG_EBADTYPE);
    } else {
        EXPECT_EQ(nng_stream_get_int(near_.get(), NNG_OPT_PEER_PID, &number), NNG_OK);
        EXPECT_EQ(number, ::getpid());
    }
}

TEST_P(StreamTest, both_ends_know_both_addresses) {
    if (!GetParam().starts_with("tcp")) {
        EXPECT_TRUE(nng_stream_peer_addr(near_.get())->s_family == nng_stream_self_addr(near_.get())->s_family);
        return;
    }
    EXPECT_TRUE(nng_sockaddr_equal(nng_stream_peer_addr(near_.get()), nng_stream_self_addr(far_.get())));
    EXPECT_TRUE(nng_sockaddr_equal(nng_stream_self_addr(near_.get()), nng_stream_peer_addr(far_.get())));
}

// Sends back what comes, from callbacks alone.
struct Echo {
    Echo(nng_stream* on) : stream(on) {
        EXPECT_EQ(nng_aio_alloc(&aio, step, this), NNG_OK);
        receive();
    }
    ~Echo() { nng_aio_free(aio); }
    void receive() {
        sending = false;
        const nng_iov vector{data.data(), data.size()};
        EXPECT_EQ(nng_aio_set_iov(aio, 1, &vector), NNG_OK);
        nng_stream_recv(stream, aio);
    }
    static void step(void* self) {
        auto& echo = *static_cast<Echo*>(self);
        if (nng_aio_result(echo.aio) != NNG_OK) return;
        if (!echo.sending) {
            echo.at = 0;
            echo.size = nng_aio_count(echo.aio);
        } else {
            echo.at += nng_aio_count(echo.aio);
        }
        if (echo.at == echo.size) return echo.receive();
        echo.sending = true;
        const nng_iov vector{echo.data.data() + echo.at, echo.size - echo.at};
        EXPECT_EQ(nng_aio_set_iov(echo.aio, 1, &vector), NNG_OK);
        nng_stream_send(echo.stream, echo.aio);
    }
    nng_stream* stream;
    nng_aio* aio = nullptr;
    std::array<char, 4096> data{};
    std::size_t at = 0, size = 0;
    bool sending = false;
};

TEST_P(StreamTest, an_echo_returns_every_byte) {
    Echo echo(far_.get());
    std::size_t sent = 0, received = 0;
    std::vector<unsigned char> out(3000), in(5000);
    Operation sending, receiving;
    constexpr std::size_t kTotal = 300'000;
    const auto byte_at = [](std::size_t i) { return static_cast<unsigned char>(i * 7 + i / 251); };
    while (received < kTotal) {
        if (sent < kTotal && sent - received < 20'000) {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = byte_at(sent + i);
            sending.use(out.data(), out.size());
            nng_stream_send(near_.get(), sending);
            ASSERT_EQ(sending.wait(), NNG_OK);
            sent += nng_aio_count(sending);
        }
        nng_aio_set_timeout(receiving, sent < kTotal ? 0 : 20'000);
        receiving.use(in.data(), in.size());
        nng_stream_recv(near_.get(), receiving);
        if (receiving.wait() == NNG_ETIMEDOUT) continue;
        ASSERT_EQ(nng_aio_result(receiving), NNG_OK);
        for (std::size_t i = 0; i < nng_aio_count(receiving); ++i) ASSERT_EQ(in[i], byte_at(received + i));
        received += nng_aio_count(receiving);
    }
}

TEST_P(StreamTest, requests_and_data_that_race_lose_no_byte) {
    constexpr int kRounds = 500;
    char out = 0;
    char in = 0;
    Operation sending;
    char expected = 0;
    for (int i = 0; i < kRounds; ++i) {
        Operation receiving;
        receiving.use(&in, 1);
        nng_stream_recv(far_.get(), receiving);
        std::thread canceler([&] { nng_aio_cancel(receiving); });
        out = static_cast<char>(i);
        sending.use(&out, 1);
        nng_stream_send(near_.get(), sending);
        EXPECT_EQ(sending.wait(), NNG_OK);
        canceler.join();
        nng_err result = receiving.wait();
        if (result == NNG_ECANCELED) {
            nng_stream_recv(far_.get(), receiving);
            result = receiving.wait();
        }
        ASSERT_EQ(result, NNG_OK);
        ASSERT_EQ(in, expected);
        ++expected;
    }
}

INSTANTIATE_TEST_SUITE_P(All, StreamTest, testing::Values("tcp", "tcp4", "tcp6", "ipc", "unix", "abstract", "socket"),
                         [](const auto& about) { return about.param; });

// ---- dialers and listeners

TEST(StreamDialer, is_refused_where_nobody_listens) {
    std::string free_port;
    {
        ListenerPtr gone = listen("tcp://127.0.0.1:0");
        free_port = std::to_string(bound_port(gone));
    }
    for (const std::string& url : {"tcp://127.0.0.1:" + free_port, "ipc://" + path("nobody")}) {
        DialerPtr dialer = new_dialer(url);
        Operation dialing;
        nng_stream_dialer_dial(dialer.get(), dialing);
        EXPECT_EQ(dialing.wait(), NNG_ECONNREFUSED) << url;
        EXPECT_EQ(dialing.stream(), nullptr);
    }
}

TEST(StreamDialer, looks_a_name_up) {
    ListenerPtr listener = listen("tcp://localhost:0");
    DialerPtr dialer = new_dialer("tcp://localhost:" + std::to_string(bound_port(listener)));
    Operation dialing;
    nng_stream_dialer_dial(dialer.get(), dialing);
    EXPECT_EQ(dialing.wait(), NNG_OK);
    StreamPtr stream(dialing.stream());
}

TEST(StreamDialer, dials_many_at_once) {
    constexpr int kMany = 100;
    ListenerPtr listener = listen("tcp://127.0.0.1:0");
    DialerPtr dialer = new_dialer("tcp://127.0.0.1:" + std::to_string(bound_port(listener)));
    std::vector<std::unique_ptr<Operation>> dialing, accepting;
    for (int i = 0; i < kMany; ++i) {
        accepting.push_back(std::make_unique<Operation>());
        nng_stream_listener_accept(listener.get(), *accepting.back());
        dialing.push_back(std::make_unique<Operation>());
        nng_stream_dialer_dial(dialer.get(), *dialing.back());
    }
    for (auto* list : {&dialing, &accepting}) {
        for (auto& each : *list) {
            EXPECT_EQ(each->wait(), NNG_OK);
            nng_stream_free(each->stream());
        }
    }
}

// A port that neither answers nor refuses, as its queue is full.
class Unanswered {
  public:
    Unanswered() : listener_(listen(url_ = "ipc://" + path("unanswered"))), dialer_(new_dialer(url_)) {
        for (;;) {
            auto dialing = std::make_unique<Operation>();
            nng_stream_dialer_dial(dialer_.get(), *dialing);
            if (dialing->ended.stays_away()) {
                nng_aio_stop(*dialing);
                if (nng_aio_result(*dialing) != NNG_OK) return;  // or only its callback took that long
            }
            streams_.emplace_back(dialing->stream());
        }
    }
    DialerPtr& dialer() { return dialer_; }
    ListenerPtr& listener() { return listener_; }

  private:
    std::string url_;
    ListenerPtr listener_;
    DialerPtr dialer_;
    std::vector<StreamPtr> streams_;
};

TEST(StreamDialer, a_dial_that_waits_can_be_ended) {
    Unanswered unanswered;
    Operation cancelled, timed, closed;
    nng_stream_dialer_dial(unanswered.dialer().get(), cancelled);
    nng_aio_set_timeout(timed, 10);
    nng_stream_dialer_dial(unanswered.dialer().get(), timed);
    nng_stream_dialer_dial(unanswered.dialer().get(), closed);
    EXPECT_EQ(timed.wait(), NNG_ETIMEDOUT);
    nng_aio_cancel(cancelled);
    EXPECT_EQ(cancelled.wait(), NNG_ECANCELED);
    nng_stream_dialer_close(unanswered.dialer().get());
    EXPECT_EQ(closed.wait(), NNG_ECLOSED);
    nng_stream_dialer_dial(unanswered.dialer().get(), closed);
    EXPECT_EQ(closed.wait(), NNG_ECLOSED);
}

TEST(StreamDialer, a_dial_that_waits_goes_on_when_there_is_room) {
    Unanswered unanswered;
    Operation dialing, accepting;
    nng_stream_dialer_dial(unanswered.dialer().get(), dialing);
    nng_stream_listener_accept(unanswered.listener().get(), accepting);
    EXPECT_EQ(dialing.wait(), NNG_OK);
    EXPECT_EQ(accepting.wait(), NNG_OK);
    nng_stream_free(dialing.stream());
    nng_stream_free(accepting.stream());
}

TEST(StreamDialer, an_address_to_dial_from_is_used) {
    ListenerPtr listener = listen("tcp://127.0.0.1:0");
    DialerPtr dialer = new_dialer("tcp://127.0.0.1:" + std::to_string(bound_port(listener)));
    nng_sockaddr from{};
    from.s_in.sa_family = NNG_AF_INET;
    const std::array<unsigned char, 4> address{127, 0, 0, 2};
    std::memcpy(&from.s_in.sa_addr, address.data(), 4);
    EXPECT_EQ(nng_stream_dialer_set_addr(dialer.get(), NNG_OPT_LOCADDR, &from), NNG_OK);
    Operation dialing;
    nng_stream_dialer_dial(dialer.get(), dialing);
    EXPECT_EQ(dialing.wait(), NNG_OK);
    StreamPtr stream(dialing.stream());
    EXPECT_EQ(nng_stream_self_addr(stream.get())->s_in.sa_addr, from.s_in.sa_addr);
    from.s_in.sa_port = 1;
    EXPECT_EQ(nng_stream_dialer_set_addr(dialer.get(), NNG_OPT_LOCADDR, &from), NNG_EADDRINVAL);
}

TEST(StreamDialer, schemes_and_addresses_that_cannot_be_dialed_are_refused) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "socket://"), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "http://127.0.0.1:80"), NNG_ENOTSUP);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1"), NNG_EADDRINVAL);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://:80"), NNG_EADDRINVAL);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "ipc://"), NNG_EADDRINVAL);
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, "abstract://%zz"), NNG_EADDRINVAL);
    EXPECT_EQ(dialer, nullptr);
}

TEST(StreamListener, does_not_accept_before_it_listens) {
    ListenerPtr listener = new_listener("tcp://127.0.0.1:0");
    Operation accepting;
    nng_stream_listener_accept(listener.get(), accepting);
    EXPECT_EQ(accepting.wait(), NNG_ESTATE);
    EXPECT_EQ(nng_stream_listener_listen(listener.get()), NNG_OK);
    EXPECT_EQ(nng_stream_listener_listen(listener.get()), NNG_ESTATE);
}

TEST(StreamListener, an_address_is_used_once_and_free_again_afterwards) {
    for (const std::string& url :
         {std::string("tcp://127.0.0.1:0"), "ipc://" + path("once"), "abstract://" + path("once")}) {
        ListenerPtr listener = listen(url);
        std::string same = url;
        if (url.starts_with("tcp")) same.replace(same.size() - 1, 1, std::to_string(bound_port(listener)));
        EXPECT_EQ(nng_stream_listener_listen(new_listener(same).get()), NNG_EADDRINUSE) << url;
        listener.reset();
        listen(same);
    }
}

TEST(StreamListener, a_path_of_a_listener_that_is_gone_is_taken_over) {
    const std::string name = path("stale");
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    bind_to(dead, name);
    ::close(dead);
    ASSERT_TRUE(std::filesystem::exists(name));
    ListenerPtr listener = listen("ipc://" + name);
    listener.reset();
    EXPECT_FALSE(std::filesystem::exists(name));
}

TEST(StreamListener, a_path_that_somebody_else_has_taken_is_left_alone) {
    const std::string name = path("taken");
    ListenerPtr listener = listen("ipc://" + name);
    ASSERT_TRUE(std::filesystem::remove(name));
    ListenerPtr other = listen("ipc://" + name);
    listener.reset();
    EXPECT_TRUE(std::filesystem::exists(name));
    other.reset();
    EXPECT_FALSE(std::filesystem::exists(name));
}

TEST(StreamListener, a_path_gets_the_permissions_that_were_asked_for) {
    ListenerPtr listener = new_listener("ipc://" + path("permissions"));
    EXPECT_EQ(nng_stream_listener_set_int(listener.get(), NNG_OPT_IPC_PERMISSIONS, S_IFREG), NNG_EINVAL);
    EXPECT_EQ(nng_stream_listener_set_int(listener.get(), NNG_OPT_IPC_PERMISSIONS, 0600), NNG_OK);
    EXPECT_EQ(nng_stream_listener_listen(listener.get()), NNG_OK);
    struct stat status {};
    ASSERT_EQ(::stat(path("permissions").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(nng_stream_listener_set_int(listener.get(), NNG_OPT_IPC_PERMISSIONS, 0600), NNG_EBUSY);
}

TEST(StreamListener, all_addresses_are_listened_at) {
    for (const char* url : {"tcp://*:0", "tcp://:0", "tcp4://*:0", "tcp6://*:0"}) {
        ListenerPtr listener = listen(url);
        const bool six = std::string(url).starts_with("tcp6");
        DialerPtr dialer =
            new_dialer((six ? "tcp://[::1]:" : "tcp://127.0.0.1:") + std::to_string(bound_port(listener)));
        Operation dialing;
        nng_stream_dialer_dial(dialer.get(), dialing);
        EXPECT_EQ(dialing.wait(), NNG_OK) << url;
        nng_stream_free(dialing.stream());
    }
}

TEST(StreamListener, a_listening_descriptor_can_be_handed_over) {
    const int number = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(::listen(number, 10), 0);
    ListenerPtr local = new_listener("ipc://" + path("other"));
    EXPECT_EQ(nng_stream_listener_set_int(local.get(), NNG_OPT_LISTEN_FD, number), NNG_EADDRINVAL);
    ListenerPtr listener = new_listener("tcp://127.0.0.1:0");
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
        const int idle = ::socket(AF_INET, type, 0);
        EXPECT_EQ(nng_stream_listener_set_int(listener.get(), NNG_OPT_LISTEN_FD, idle), NNG_EINVAL);
        EXPECT_EQ(::close(idle), 0);
    }
    EXPECT_EQ(nng_stream_listener_set_int(listener.get(), NNG_OPT_LISTEN_FD, number), NNG_OK);
    DialerPtr dialer = new_dialer("tcp://127.0.0.1:" + std::to_string(bound_port(listener)));
    Operation dialing, accepting;
    nng_stream_dialer_dial(dialer.get(), dialing);
    nng_stream_listener_accept(listener.get(), accepting);
    EXPECT_EQ(dialing.wait(), NNG_OK);
    EXPECT_EQ(accepting.wait(), NNG_OK);
    nng_stream_free(dialing.stream());
    nng_stream_free(accepting.stream());
}

TEST(StreamListener, an_accept_waits_while_there_are_no_descriptors) {
    ListenerPtr listener = listen("tcp://127.0.0.1:0");
    DialerPtr dialer = new_dialer("tcp://127.0.0.1:" + std::to_string(bound_port(listener)));
    // UndefinedBehaviorSanitizer opens a pipe to look at the first object of a class: so it gets to know the listener and
    // what watches it, for an accept that comes before the connection has to wait.
    Operation accepted, first;
    nng_stream_listener_accept(listener.get(), accepted);
    nng_stream_dialer_dial(dialer.get(), first);
    ASSERT_EQ(first.wait(), NNG_OK);
    ASSERT_EQ(accepted.wait(), NNG_OK);
    Operation accepting, dialing;
    nng_stream_dialer_dial(dialer.get(), dialing);
    ASSERT_EQ(dialing.wait(), NNG_OK);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    nng_stream_listener_accept(listener.get(), accepting);
    EXPECT_TRUE(accepting.ended.stays_away());
    Operation refused;
    nng_stream_dialer_dial(dialer.get(), refused);
    EXPECT_EQ(refused.wait(), NNG_ENOFILES);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(accepting.wait(), NNG_OK);
    for (Operation* each : {&accepted, &first, &accepting, &dialing}) nng_stream_free(each->stream());
}

// The submitter finds no descriptor, and so does the poller, which still watches from before.
TEST(StreamListener, a_pause_begins_once) {
    ListenerPtr listener = listen("tcp://127.0.0.1:0");
    DialerPtr dialer = new_dialer("tcp://127.0.0.1:" + std::to_string(bound_port(listener)));
    Operation accepted, first, accepting;
    nng_stream_listener_accept(listener.get(), accepted);
    nng_stream_dialer_dial(dialer.get(), first);
    ASSERT_EQ(accepted.wait(), NNG_OK);
    ASSERT_EQ(first.wait(), NNG_OK);
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(bound_port(listener)));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    nng_stream_listener_accept(listener.get(), accepting);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_TRUE(accepting.ended.stays_away());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(accepting.wait(), NNG_OK);
    for (Operation* each : {&accepted, &first, &accepting}) nng_stream_free(each->stream());
    ::close(client);
}

TEST(StreamListener, close_ends_accepts) {
    for (const char* url : {"tcp://127.0.0.1:0", "socket://"}) {
        ListenerPtr listener = listen(url);
        Operation accepting, cancelled, later;
        nng_stream_listener_accept(listener.get(), accepting);
        nng_stream_listener_accept(listener.get(), cancelled);
        nng_aio_cancel(cancelled);
        EXPECT_EQ(cancelled.wait(), NNG_ECANCELED);
        nng_stream_listener_close(listener.get());
        EXPECT_EQ(accepting.wait(), NNG_ECLOSED);
        nng_stream_listener_accept(listener.get(), later);
        EXPECT_EQ(later.wait(), NNG_ECLOSED);
    }
}

TEST(Streams, outlive_the_library) {
    ListenerPtr listener = listen("tcp://127.0.0.1:0");
    DialerPtr dialer = new_dialer("tcp://127.0.0.1:" + std::to_string(bound_port(listener)));
    StreamPtr near, far;
    char byte = 0;
    {
        Operation dialing, accepting, receiving;
        nng_stream_dialer_dial(dialer.get(), dialing);
        nng_stream_listener_accept(listener.get(), accepting);
        EXPECT_EQ(dialing.wait(), NNG_OK);
        EXPECT_EQ(accepting.wait(), NNG_OK);
        near.reset(dialing.stream());
        far.reset(accepting.stream());
        receiving.use(&byte, 1);
        nng_stream_recv(near.get(), receiving);
        nng_fini();
        EXPECT_EQ(nng_aio_result(receiving), NNG_ESTOPPED);
    }
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Operation receiving;
    receiving.use(&byte, 1);
    nng_stream_recv(near.get(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_ECLOSED);
}

}  // namespace
}  // namespace naio
