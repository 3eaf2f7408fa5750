// Streams in many hands: callbacks that block, requests, timeouts and ends that meet data.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "stream_pair.h"

namespace naio {
namespace {

using conformance::Event;

// Sends back what comes, from callbacks alone, until its stream ends.
class Echo {
  public:
    explicit Echo(nng_stream* stream) : stream_(stream) {
        EXPECT_EQ(nng_aio_alloc(&aio_, step, this), NNG_OK);
        receive();
    }
    ~Echo() { nng_aio_free(aio_); }
    Echo(const Echo&) = delete;
    Echo& operator=(const Echo&) = delete;

    std::function<void()> before_answer = [] {};

  private:
    void receive() {
        sending_ = false;
        const nng_iov vector{&byte_, 1};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector), NNG_OK);
        nng_stream_recv(stream_, aio_);
    }
    static void step(void* self) {
        auto& echo = *static_cast<Echo*>(self);
        if (nng_aio_result(echo.aio_) != NNG_OK) return;
        if (echo.sending_) return echo.receive();
        echo.before_answer();
        echo.sending_ = true;
        nng_stream_send(echo.stream_, echo.aio_);
    }

    nng_stream* stream_;
    nng_aio* aio_ = nullptr;
    char byte_ = 0;
    bool sending_ = false;
};

// There and back again.
void exchange(nng_stream* stream) {
    Operation operation;
    char byte = 'x';
    operation.use(&byte, 1);
    nng_stream_send(stream, operation);
    ASSERT_EQ(operation.wait(), NNG_OK);
    nng_stream_recv(stream, operation);
    ASSERT_EQ(operation.wait(), NNG_OK);
}

TEST(StreamRace, callbacks_that_block_stop_no_other_stream) {
    constexpr int kBlocked = 3;  // one more would leave no worker on a machine with two processors
    std::vector<std::unique_ptr<StreamPair>> pairs;
    std::vector<std::unique_ptr<Echo>> echos;
    Event release, blocked;
    for (int i = 0; i < kBlocked + 1; ++i) {
        pairs.push_back(std::make_unique<StreamPair>());
        echos.push_back(std::make_unique<Echo>(pairs.back()->far()));
    }
    std::array<Operation, kBlocked> waiting;
    std::array<char, kBlocked> bytes{};
    for (std::size_t i = 0; i < kBlocked; ++i) {
        echos[i]->before_answer = [&] {
            blocked.set();
            EXPECT_TRUE(release.wait());
        };
        Operation sending;
        sending.use(&bytes[i], 1);
        nng_stream_send(pairs[i]->near(), sending);
        EXPECT_EQ(sending.wait(), NNG_OK);
        waiting[i].use(&bytes[i], 1);
        nng_stream_recv(pairs[i]->near(), waiting[i]);
    }
    EXPECT_TRUE(blocked.wait(kBlocked));
    for (int i = 0; i < 100; ++i) exchange(pairs.back()->near());
    release.set();
    for (Operation& each : waiting) EXPECT_EQ(each.wait(), NNG_OK);
    pairs.clear();
    echos.clear();
}

TEST(StreamRace, a_callback_may_wait_for_another_operation) {
    StreamPair outer, inner;
    Echo inner_echo(inner.far());
    Echo outer_echo(outer.far());
    outer_echo.before_answer = [&] { exchange(inner.near()); };
    for (int i = 0; i < 200; ++i) exchange(outer.near());
    nng_stream_close(outer.far());
    nng_stream_close(inner.far());
}

TEST(StreamRace, a_callback_may_stop_its_stream) {
    for (int i = 0; i < 100; ++i) {
        StreamPair streams;
        Event stopped;
        Echo echo(streams.far());
        echo.before_answer = [&] {
            nng_stream_stop(streams.far());
            stopped.set();
        };
        Operation sending;
        char byte = 'x';
        sending.use(&byte, 1);
        nng_stream_send(streams.near(), sending);
        EXPECT_TRUE(stopped.wait());
    }
}

TEST(StreamRace, every_operation_ends_once_whatever_happens_to_its_stream) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 150;
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < kThreads; ++seed) {
        threads.emplace_back([seed] {
            std::minstd_rand random(seed + 1);
            for (int round = 0; round < kRounds; ++round) {
                StreamPair streams;
                std::array<Operation, 4> operations;
                std::array<char, 4> bytes{};
                for (std::size_t i = 0; i < operations.size(); ++i) {
                    operations[i].use(&bytes[i], 1);
                    nng_aio_set_timeout(operations[i], static_cast<nng_duration>(random() % 3));
                    nng_stream* const stream = random() % 2 ? streams.near() : streams.far();
                    random() % 3 ? nng_stream_recv(stream, operations[i]) : nng_stream_send(stream, operations[i]);
                }
                switch (random() % 4) {
                    case 0:
                        nng_stream_close(streams.near());
                        break;
                    case 1:
                        streams.free_near();
                        break;
                    case 2:
                        nng_aio_cancel(operations[random() % operations.size()]);
                        break;
                    default:
                        nng_stream_stop(streams.far());
                }
                for (Operation& each : operations) {
                    nng_aio_wait(each);
                    EXPECT_EQ(each.ended.count(), 1);
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

// The second is submitted while the poller is completing the first.
TEST(StreamRace, an_operation_is_over_when_a_later_one_is) {
    constexpr int kRounds = 5'000;
    StreamPair streams;
    Plain first, second, sending;
    std::atomic<int> round{0}, done{0};
    int overtaken = 0;
    std::thread other([&] {
        for (int i = 1; i <= kRounds; ++i) {
            while (round.load() != i) std::this_thread::yield();
            nng_stream_recv(streams.near(), second);
            while (nng_aio_busy(second)) {
            }
            if (nng_aio_busy(first)) ++overtaken;
            nng_aio_wait(first);
            done.store(i);
        }
    });
    for (int i = 1; i <= kRounds; ++i) {
        nng_stream_recv(streams.near(), first);
        nng_stream_send(streams.far(), sending);
        nng_aio_wait(sending);
        round.store(i);
        nng_stream_send(streams.far(), sending);
        nng_aio_wait(sending);
        while (done.load() != i) std::this_thread::yield();
    }
    other.join();
    EXPECT_EQ(overtaken, 0);
}

TEST(StreamRace, the_library_may_go_down_while_streams_are_busy) {
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        auto streams = std::make_unique<StreamPair>();
        auto echo = std::make_unique<Echo>(streams->far());
        auto answer = std::make_unique<Echo>(streams->near());
        {
            Operation sending;
            char byte = 'x';
            sending.use(&byte, 1);
            nng_stream_send(streams->near(), sending);
            EXPECT_EQ(sending.wait(), NNG_OK);
        }
        nng_fini();
        echo.reset();
        answer.reset();
        streams.reset();
    }
}

}  // namespace
}  // namespace naio
