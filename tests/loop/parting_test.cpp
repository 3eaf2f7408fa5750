// Tests watches that a poller passes on to another poller, and Pollers that adapt to the load.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "loop/poller.h"
#include "loop/pollers.h"
#include "support/no_large_blocks.h"
#include "support/test_allocator.h"
#include "watched_socket.h"

namespace naio {
namespace {

using namespace support;

// Decides which watches two pollers pass on, as the test wants.
class Chooser {
  public:
    explicit Chooser(Poller (&pollers)[2]) : pollers_(pollers) {}

    // Lets `from` pass `count` watches on to `to` when it measures next.
    void pass_on(Poller& from, Poller& to, unsigned count) {
        const std::lock_guard lock(mutex_);
        from_ = &from;
        parting_ = {.to = &to, .count = count};
    }

    Poller::Balancer balancer() {
        return {.measured = [](void* self, Poller& poller,
                               const PollerLoad&) noexcept { return static_cast<Chooser*>(self)->measured(poller); },
                .self = this};
    }

    Poller::Parting measured(Poller& poller) noexcept {
        const std::lock_guard lock(mutex_);
        ++measurements_;
        Poller& other = pollers_[&poller == &pollers_[0] ? 1 : 0];
        if (restless) return {.to = &other, .count = static_cast<unsigned>(random_() % 3)};
        if (from_ != &poller) return {.review = reviews};
        from_ = nullptr;
        return parting_;
    }

    [[nodiscard]] unsigned measurements() {
        const std::lock_guard lock(mutex_);
        return measurements_;
    }

    std::atomic<bool> restless = false;
    std::atomic<bool> reviews = false;

  private:
    Poller (&pollers_)[2];
    std::mutex mutex_;
    Poller* from_ = nullptr;
    Poller::Parting parting_;
    unsigned measurements_ = 0;
    std::minstd_rand random_{1};
};

class PartingTest : public testing::Test {
  protected:
    PartingTest() {
        EXPECT_TRUE(workers_.start(allocator_, {2, 2}, "test:task"));
        for (Poller& each : pollers_) EXPECT_EQ(each.start(workers_, chooser_.balancer()), NNG_OK);
    }
    ~PartingTest() override {
        for (Poller& each : pollers_) each.stop();
        workers_.stop();
    }

    // Makes the poller iterate until `done`. A poller measures only after 4 ms.
    static void iterate(Socket& socket, const std::function<bool()>& done) {
        while (!done()) {
            const int before = socket.readied.count();
            socket.put();
            ASSERT_TRUE(socket.readied.wait(before + 1));
        }
    }

    // Lets the socket's watch go from one poller to the other one. First waits until it is registered.
    void move(Socket& socket, Poller& from, Poller& to) {
        iterate(socket, [&] { return called_on_ == &from; });
        chooser_.pass_on(from, to, PollerPolicy::kAll);
        iterate(socket, [&] { return called_on_ == &to; });
    }

    // Reads what has come.
    unsigned read(const Socket& socket) {
        while (socket.get() == 1) {
        }
        for (Poller& each : pollers_)
            if (each.is_here()) called_on_ = &each;
        return Watch::kReadable;
    }

    // Returns a watch that reads what comes, and keeps watching.
    std::unique_ptr<Socket> reader(Poller& poller) {
        auto socket = std::make_unique<Socket>(poller);
        socket->on_ready = [this, &socket = *socket](unsigned) { return read(socket); };
        EXPECT_TRUE(socket->want(Watch::kReadable));
        return socket;
    }

    std::atomic<const Poller*> called_on_ = nullptr;  // the poller that has called a reader last

    TestAllocator allocator_;
    TaskQueue workers_;
    Poller pollers_[2];
    Chooser chooser_{pollers_};
};

void close(Socket& socket) {
    if (!socket.close()) {
        EXPECT_TRUE(socket.is_closed.wait(1));
    }
}

TEST_F(PartingTest, AWatchIsCalledOnItsNewPollerAndComesBack) {
    const auto socket = reader(pollers_[0]);
    move(*socket, pollers_[0], pollers_[1]);
    move(*socket, pollers_[1], pollers_[0]);
    close(*socket);
}

TEST_F(PartingTest, AWatchThatMovesIsNotLostAndIsClosedByItsNewPoller) {
    const auto socket = reader(pollers_[0]);
    move(*socket, pollers_[0], pollers_[1]);
    pollers_[0].stop();
    EXPECT_FALSE(socket->is_lost.count() != 0);
    EXPECT_TRUE(socket->want(Watch::kNow));
    close(*socket);
    EXPECT_FALSE(socket->is_lost.count() != 0);
    EXPECT_EQ(pollers_[0].start(workers_, chooser_.balancer()), NNG_OK);
}

// Only the watches that were ready lately are passed on, unless all are.
TEST_F(PartingTest, AQuietWatchStaysUnlessAllGo) {
    const auto busy = reader(pollers_[0]), quiet = reader(pollers_[0]);
    iterate(*quiet, [&] { return called_on_ == &pollers_[0]; });
    const unsigned before = chooser_.measurements();
    iterate(*busy, [&] { return chooser_.measurements() > before + 2; });
    chooser_.pass_on(pollers_[0], pollers_[1], 2);
    iterate(*busy, [&] { return called_on_ == &pollers_[1]; });
    iterate(*quiet, [&] { return called_on_ == &pollers_[0]; });
    close(*busy);
    close(*quiet);
}

TEST_F(PartingTest, APollerThatIsReviewedMeasuresAgainThoughItSleeps) {
    chooser_.reviews = true;
    const auto socket = reader(pollers_[0]);
    const unsigned before = chooser_.measurements();
    iterate(*socket, [&] { return chooser_.measurements() != before; });
    const unsigned then = chooser_.measurements();
    while (chooser_.measurements() < then + 3) std::this_thread::yield();
    close(*socket);
}

#if defined(NAIO_CAN_REFUSE_LARGE_BLOCKS)
// The new poller lacks the memory to watch so high a descriptor, but the old one has it already.
TEST_F(PartingTest, AWatchThatCannotBeRegisteredGoesBack) {
    constexpr int kHigh = 17'000;  // libuv's table for it takes 256 KiB
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit many{kHigh + 100, std::max<rlim_t>(before.rlim_max, kHigh + 100)};
    if (setrlimit(RLIMIT_NOFILE, &many) != 0) GTEST_SKIP() << "the system does not allow so many descriptors";
    Socket socket(pollers_[0], kHigh);
    std::atomic<int> calls = 0;
    socket.on_ready = [&](unsigned) {
        ++calls;
        return read(socket);
    };
    EXPECT_TRUE(socket.want(Watch::kReadable));
    iterate(socket, [&] { return calls > 0; });
    {
        const NoLargeBlocks none;
        const unsigned then = chooser_.measurements();
        chooser_.pass_on(pollers_[0], pollers_[1], PollerPolicy::kAll);
        iterate(socket, [&] { return chooser_.measurements() > then + 3; });
        EXPECT_EQ(called_on_, &pollers_[0]);
        EXPECT_FALSE(socket.is_refused.count() != 0);
    }
    close(socket);
    setrlimit(RLIMIT_NOFILE, &before);
}
#endif

// Every byte is read while watches go back and forth, other threads want something of them, and close some of them.
TEST_F(PartingTest, NothingIsLostWhileWatchesGoBackAndForth) {
    constexpr int kSockets = 8;
    constexpr int kBytes = 3'000;
    chooser_.restless = true;
    std::vector<std::unique_ptr<Socket>> sockets;
    std::array<std::atomic<int>, kSockets> sent{}, got{};
    for (int i = 0; i < kSockets; ++i) {
        sockets.push_back(std::make_unique<Socket>(pollers_[i % 2]));
        sockets.back()->on_ready = [&socket = *sockets.back(), &count = got[static_cast<std::size_t>(i)]](unsigned) {
            while (socket.get() == 1) ++count;
            return Watch::kReadable;
        };
        EXPECT_TRUE(sockets.back()->want(Watch::kReadable));
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            for (int n = 0; n < kBytes; ++n) {
                const auto i = static_cast<std::size_t>((n + t) % kSockets);
                Socket& socket = *sockets[i];
                while (sent[i] - got[i] > 50) std::this_thread::yield();  // the socket holds few bytes
                socket.put();
                ++sent[i];
                if (n % 7 == 0) {
                    EXPECT_TRUE(socket.want(Watch::kNow));
                }
            }
        });
    }
    for (std::thread& each : threads) each.join();
    for (std::size_t i = 0; i < kSockets; ++i) {
        while (got[i] < 2 * kBytes / kSockets) std::this_thread::yield();
        close(*sockets[i]);
    }
}

// ---- Pollers that adapt

// A descriptor that is always ready, and whose handler takes long.
TEST(AdaptingPollers, AreTwoWhileOneHasNoTimeLeftAndOneWhenTheLoadIsOver) {
    if (usable_processors() < 2) GTEST_SKIP() << "one processor has one poller";
    TestAllocator allocator;
    TaskQueue workers;
    EXPECT_TRUE(workers.start(allocator, {2, 2}, "test:task"));
    Pollers pollers(workers);
    pollers.open_adapting(8);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::atomic<bool> busy = true;
    const auto ready = [&](unsigned) {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
        return busy ? Watch::kReadable : 0u;
    };
    const auto work = [&](unsigned events) {
        for (const auto end = now() + 200'000; now() < end;) {
        }
        return ready(events);
    };
    std::vector<std::unique_ptr<Socket>> sockets;
    for (int i = 0; i < 4; ++i) {
        Poller* poller = nullptr;
        EXPECT_EQ(pollers.next(poller), NNG_OK);
        sockets.push_back(std::make_unique<Socket>(*poller));
        sockets.back()->on_ready = work;
        sockets.back()->put();
        EXPECT_TRUE(sockets.back()->want(Watch::kReadable));
    }
    const auto count = [&] {
        const std::lock_guard lock(mutex);
        return threads.size();
    };
    while (count() < 2) std::this_thread::yield();

    busy = false;
    const auto on_one = [&] {
        {
            const std::lock_guard lock(mutex);
            threads.clear();
        }
        for (auto& each : sockets) {
            const int before = each->readied.count();
            EXPECT_TRUE(each->want(Watch::kNow));
            EXPECT_TRUE(each->readied.wait(before + 1));
        }
        return count() == 1;
    };
    while (!on_one()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (auto& each : sockets) close(*each);
    pollers.close();
    workers.stop();
}

}  // namespace
}  // namespace naio
