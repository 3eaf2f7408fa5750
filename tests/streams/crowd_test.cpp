// Tests a thousand connections at once.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <sys/resource.h>

#include <atomic>
#include <memory>
#include <vector>

#include "stream_test.h"

namespace streams {
namespace {

constexpr std::size_t kConnections = 1000;
constexpr std::size_t kRounds = 5;
constexpr std::size_t kSize = 64;

// Sends back what it receives, until the peer ends.
class Echoer {
  public:
    explicit Echoer(Stream stream, support::Event& ended)
        : stream_(std::move(stream)), ended_(ended), aio_([this](nng_aio* aio) { step(aio); }) {
        recv();
    }

  private:
    void recv() {
        sending_ = false;
        const nng_iov iov{bytes_.data(), bytes_.size()};
        nng_aio_set_iov(aio_, 1, &iov);
        nng_stream_recv(stream_, aio_);
    }
    void step(nng_aio* aio) {
        if (nng_aio_result(aio) != NNG_OK) return ended_.set();
        if (sending_) return recv();
        sending_ = true;
        const nng_iov iov{bytes_.data(), nng_aio_count(aio)};
        nng_aio_set_iov(aio, 1, &iov);
        nng_stream_send(stream_, aio);
    }

    Stream stream_;
    support::Event& ended_;
    Bytes bytes_ = Bytes(kSize);
    bool sending_ = false;
    support::Handle aio_;
};

// Sends kSize bytes of its own and receives them back, kRounds times.
class Client {
  public:
    Client(nng_stream_dialer* dialer, std::size_t number, support::Event& connected, support::Event& finished)
        : pattern_(number), connected_(connected), finished_(finished), aio_([this](nng_aio* aio) { step(aio); }) {
        nng_stream_dialer_dial(dialer, aio_);
    }

    void begin() { send(); }
    [[nodiscard]] bool connected() const { return stream_ != nullptr; }
    [[nodiscard]] bool good() const { return good_; }

  private:
    enum class State { Dialling, Sending, Receiving };

    void send() {
        sent_ = pattern_.next(kSize);
        state_ = State::Sending;
        set_buffer(sent_);
        nng_stream_send(stream_, aio_);
    }
    void recv() {
        state_ = State::Receiving;
        set_buffer(came_);
        nng_stream_recv(stream_, aio_);
    }
    void set_buffer(Bytes& bytes) {
        const nng_iov iov{bytes.data(), bytes.size()};
        nng_aio_set_iov(aio_, 1, &iov);
    }

    // One send or receive moves all 64 bytes over these sockets.
    void step(nng_aio* aio) {
        const bool ok = nng_aio_result(aio) == NNG_OK && (state_ == State::Dialling || nng_aio_count(aio) == kSize);
        if (state_ == State::Dialling) {
            if (ok) stream_ = Stream(static_cast<nng_stream*>(nng_aio_get_output(aio, 0)));
            return connected_.set();
        }
        if (ok && state_ == State::Sending) return recv();
        good_ = ok && came_ == sent_ && ++rounds_ == kRounds;
        if (ok && came_ == sent_ && !good_) return send();
        finished_.set();
    }

    Pattern pattern_;
    support::Event& connected_;
    support::Event& finished_;
    Stream stream_;
    State state_ = State::Dialling;
    Bytes sent_;
    Bytes came_ = Bytes(kSize);
    std::size_t rounds_ = 0;
    std::atomic<bool> good_{false};
    support::Handle aio_;
};

class Crowd : public ServiceTest {
  protected:
    // Raises the limit of descriptors if necessary, because this process has both sides of each connection.
    static bool enough_descriptors() {
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        const rlim_t wanted = 2 * kConnections + 200;
        if (limit.rlim_cur >= wanted) return true;
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted);
        return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == wanted;
    }
};

TEST_P(Crowd, OfAThousandConnectionsIsServedAtOnce) {
    if (!enough_descriptors()) GTEST_SKIP() << "the system does not allow for as many descriptors";
    support::Event connected;
    support::Event accepted;
    support::Event finished;
    support::Event ended;
    std::vector<std::unique_ptr<Echoer>> echoers;
    support::Handle accept([&](nng_aio* aio) {
        if (nng_aio_result(aio) != NNG_OK) return;
        echoers.push_back(
            std::make_unique<Echoer>(Stream(static_cast<nng_stream*>(nng_aio_get_output(aio, 0))), ended));
        if (echoers.size() < kConnections) nng_stream_listener_accept(service.listener(), aio);
        accepted.set();
    });
    nng_stream_listener_accept(service.listener(), accept);
    const Dialer dialer = make_dialer(service.url());
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < kConnections; ++i)
        clients.push_back(std::make_unique<Client>(dialer, i, connected, finished));
    ASSERT_TRUE(connected.wait(kConnections));
    ASSERT_TRUE(accepted.wait(kConnections));
    for (const auto& client : clients) ASSERT_TRUE(client->connected());
    for (const auto& client : clients) client->begin();
    ASSERT_TRUE(finished.wait(kConnections));
    for (const auto& client : clients) EXPECT_TRUE(client->good());
    clients.clear();
    EXPECT_TRUE(ended.wait(kConnections));
}

NAIO_OVER(dialing_schemes, Crowd);

}  // namespace
}  // namespace streams
