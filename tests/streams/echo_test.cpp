// Tests an echo of very many bytes, in pieces of all sizes, while timeouts, cancels and aborts end operations all the
// time: no byte is lost, repeated or changed.
//
// The environment variable NAIO_ECHO_MIB sets the number of mebibytes that go back and forth over each scheme.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <thread>

#include "stream_test.h"
#include "support/scale.h"

namespace streams {
namespace {

using namespace support;

constexpr std::size_t kLargest = std::size_t{1} << 18;

#ifdef __OPTIMIZE__
constexpr unsigned kMebibytes = kShare == 1 ? 1024 : 48;
#else
constexpr unsigned kMebibytes = 64;
#endif

std::uint64_t bytes_to_echo() {
    const char* const wanted = std::getenv("NAIO_ECHO_MIB");
    return (wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : kMebibytes) << 20;
}

using Random = std::minstd_rand;

// Returns a random length of any magnitude: it is below 100 about as often as above 10,000.
std::size_t random_length(Random& random) {
    const std::size_t magnitude = std::size_t{1} << random() % 19;
    return std::min(kLargest, magnitude + random() % magnitude);
}

// True for the results of operations that a request of this test has ended.
bool is_request(nng_err result) {
    return result == NNG_ETIMEDOUT || result == NNG_ECANCELED || result == NNG_EPEERAUTH || result == NNG_EINTR;
}

// One direction of one side: an aio that is submitted again and again, by the thread that ends its operation. `go_on`
// gets each count and prepares the next buffer, until it returns false.
class Pump {
  public:
    using Submit = void (*)(nng_stream*, nng_aio*);

    Pump(nng_stream* stream, Submit submit, unsigned seed, std::function<bool(std::size_t)> go_on)
        : stream_(stream), submit_(submit), random_(seed), go_on_(std::move(go_on)) {
        if (nng_aio_alloc(&aio_, &Pump::called, this) != NNG_OK) std::abort();
    }
    ~Pump() { nng_aio_free(aio_); }
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;

    [[nodiscard]] nng_aio* aio() const { return aio_; }
    void start() { submit_until_it_waits(); }

    // Sets the next operation's memory as a vector of several elements, of which some may be empty.
    void set_buffer(std::uint8_t* bytes, std::size_t length) {
        std::array<nng_iov, 8> iov{};
        const std::size_t n = 1 + random_() % iov.size();
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t part = i + 1 == n ? length : random_() % (length + 1);
            iov[i] = {bytes, part};
            bytes += part;
            length -= part;
        }
        nng_aio_set_iov(aio_, static_cast<unsigned>(n), iov.data());
    }

    [[nodiscard]] std::size_t length() { return random_length(random_); }
    [[nodiscard]] unsigned requests() const { return requests_; }
    // Returns the result of the operation that has failed. The pump submits no operation after it.
    [[nodiscard]] nng_err failure() const { return failure_; }

  private:
    static void called(void* arg) {
        auto& pump = *static_cast<Pump*>(arg);
        if (pump.ended()) pump.submit_until_it_waits();
    }

    // Submits operations until one does not complete in place.
    void submit_until_it_waits() {
        for (;;) {
            bool skipped = false;
            nng_aio_set_timeout(aio_, next_timeout());
            if (random_() % 2 == 0) nng_aio_skip_callback(aio_, &skipped);
            submit_(stream_, aio_);
            // Unless the callback was skipped, the callback may run from here on, and only the callback may use this
            // object.
            if (!skipped || !ended()) return;
        }
    }

    // Handles the operation that is over. True if another operation must be submitted.
    bool ended() {
        const nng_err result = nng_aio_result(aio_);
        const std::size_t count = nng_aio_count(aio_);
        polled_ = false;
        if (is_request(result)) {
            ++requests_;
            polled_ = result == NNG_ETIMEDOUT;
            if (count == 0) return true;
        }
        if (result == NNG_OK) return go_on_(count);
        failure_ = count == 0 ? result : NNG_EINTERNAL;
        go_on_(0);
        return false;
    }

    // Returns a random timeout. It is not zero after a timeout, because repeated polls could keep a processor busy.
    nng_duration next_timeout() {
        switch (random_() % 8) {
            case 0:
                return polled_ ? 1 : 0;
            case 1:
                return 1;
            case 2:
                return 2;
            default:
                return NNG_DURATION_INFINITE;
        }
    }

    nng_aio* aio_ = nullptr;
    nng_stream* const stream_;
    const Submit submit_;
    Random random_;
    const std::function<bool(std::size_t)> go_on_;
    bool polled_ = false;
    unsigned requests_ = 0;
    nng_err failure_ = NNG_OK;
};

// Sends the pattern, in pieces of random lengths.
class Source {
  public:
    Source(nng_stream* stream, std::uint64_t total)
        : total_(total), pump_(stream, nng_stream_send, 1, [this](std::size_t n) { return sent(n); }) {
        prepare();
    }
    Pump& pump() { return pump_; }

  private:
    bool sent(std::size_t n) {
        pattern_.skip(n);
        if (pump_.failure() != NNG_OK || pattern_.position() == total_) return false;
        prepare();
        return true;
    }
    void prepare() {
        const std::size_t length = std::min<std::uint64_t>(pump_.length(), total_ - pattern_.position());
        pattern_.fill(buffer_.data(), length);
        pump_.set_buffer(buffer_.data(), length);
    }

    const std::uint64_t total_;
    Pattern pattern_;
    Bytes buffer_ = Bytes(kLargest);
    Pump pump_;
};

// Receives the pattern, in pieces of random lengths, and compares the bytes with it.
class Sink {
  public:
    Sink(nng_stream* stream, std::uint64_t total)
        : total_(total), pump_(stream, nng_stream_recv, 2, [this](std::size_t n) { return received(n); }) {
        pump_.set_buffer(buffer_.data(), pump_.length());
    }
    Pump& pump() { return pump_; }
    [[nodiscard]] bool done_within(std::chrono::milliseconds patience) { return done_.wait_within(patience); }
    [[nodiscard]] std::uint64_t received() const { return received_; }
    [[nodiscard]] bool good() const { return good_; }

  private:
    bool received(std::size_t n) {
        good_ = pump_.failure() == NNG_OK && pattern_.continues(buffer_.data(), n);
        received_ = pattern_.position();
        if (!good_ || pattern_.position() >= total_) {
            done_.set();
            return false;
        }
        pump_.set_buffer(buffer_.data(), pump_.length());
        return true;
    }

    const std::uint64_t total_;
    Pattern pattern_;
    Bytes buffer_ = Bytes(kLargest);
    std::atomic<std::uint64_t> received_{0};
    std::atomic<bool> good_{true};
    Event done_;
    Pump pump_;
};

// Sends back all bytes that it receives.
class Echo {
  public:
    explicit Echo(nng_stream* stream)
        : recv_(stream, nng_stream_recv, 3, [this](std::size_t n) { return received(n); }),
          send_(stream, nng_stream_send, 4, [this](std::size_t n) { return sent(n); }) {
        recv_.set_buffer(buffer_.data(), recv_.length());
    }
    Pump& recv() { return recv_; }
    Pump& send() { return send_; }

  private:
    bool received(std::size_t n) {
        if (recv_.failure() != NNG_OK) return false;
        begin_ = 0;
        end_ = n;
        send_.set_buffer(buffer_.data(), end_);
        send_.start();
        return false;
    }
    bool sent(std::size_t n) {
        if (send_.failure() != NNG_OK) return false;
        begin_ += n;
        if (begin_ < end_) {
            send_.set_buffer(buffer_.data() + begin_, end_ - begin_);
            return true;
        }
        recv_.set_buffer(buffer_.data(), recv_.length());
        recv_.start();
        return false;
    }

    Bytes buffer_ = Bytes(kLargest);
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    Pump recv_;
    Pump send_;
};

class EchoTest : public StreamTest {
  protected:
    // Asks the operations in flight to end, in all ways, until `done`.
    static void disturb(const std::array<nng_aio*, 4>& aios, const std::atomic<bool>& done) {
        Random random(5);
        while (!done) {
            nng_aio* const aio = aios[random() % aios.size()];
            switch (random() % 3) {
                case 0:
                    nng_aio_cancel(aio);
                    break;
                case 1:
                    nng_aio_abort(aio, NNG_EPEERAUTH);
                    break;
                default:
                    naio_aio_cancel(aio, NAIO_CANCEL_TOTAL, NNG_EINTR);
            }
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 200));
        }
    }
};

TEST_P(EchoTest, ComesBackByteForByte) {
    const std::uint64_t total = bytes_to_echo();
    Echo echo(far);
    Source source(near, total);
    Sink sink(near, total);
    std::atomic<bool> done{false};
    const std::array<nng_aio*, 4> aios = {source.pump().aio(), sink.pump().aio(), echo.recv().aio(), echo.send().aio()};
    std::thread disturber([&] { disturb(aios, done); });
    echo.recv().start();
    sink.pump().start();
    source.pump().start();
    // Waits until the sink has received all, or no byte within ten seconds.
    for (std::uint64_t before = 0; !sink.done_within(std::chrono::seconds(10)) && before != sink.received();)
        before = sink.received();
    done = true;
    disturber.join();
    for (nng_aio* const aio : aios) nng_aio_stop(aio);
    EXPECT_TRUE(sink.good());
    EXPECT_EQ(sink.received(), total);
    RecordProperty("requests", std::to_string(source.pump().requests() + sink.pump().requests() +
                                              echo.recv().requests() + echo.send().requests()));
}

NAIO_OVER(all_schemes, EchoTest);

}  // namespace
}  // namespace streams
