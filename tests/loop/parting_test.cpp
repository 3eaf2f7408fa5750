// Tests watches that a poller passes on to another poller, and Pollers that adapt to the load.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "loop/poller.h"
#include "loop/pollers.h"
#include "support/event.h"
#include "support/job.h"
#include "support/library.h"
#include "support/refused_thread.h"
#include "support/test_allocator.h"
#include "watched_socket.h"

namespace naio {
namespace {

using namespace support;

// Decides which watches two pollers pass on, as the test wants.
class Chooser {
  public:
    explicit Chooser(Poller (&pollers)[2]) : pollers_(pollers) {}

    // Lets `from` pass `count` watches on to `to` when a pass is over next, in which it has found out which are active.
    void pass_on(Poller& from, Poller& to, unsigned count) {
        const std::lock_guard lock(mutex_);
        from_ = &from;
        parting_ = {.to = &to, .count = count};
    }

    // Lets the poller, when it measures next, pass all its watches on, and retire when it has none.
    void retire(Poller& poller) {
        const std::lock_guard lock(mutex_);
        retiring_ = &poller;
    }
    [[nodiscard]] bool has_retired() {
        const std::lock_guard lock(mutex_);
        return retiring_ == nullptr;
    }

    Poller::Balancer balancer() {
        return {.measured =
                    [](void* self, Poller& poller, const PollerLoad& load) noexcept {
                        return static_cast<Chooser*>(self)->measured(poller, load);
                    },
                .self = this,
                .review = PollerPolicy::kReview};
    }

    Poller::Parting measured(Poller& poller, const PollerLoad& load) noexcept {
        const std::lock_guard lock(mutex_);
        ++measurements_;
        if (load.is_pass_over && load.active != 0) ++passes_;
        Poller& other = pollers_[&poller == &pollers_[0] ? 1 : 0];
        if (restless) return {.to = &other, .count = static_cast<unsigned>(random_() % 3)};
        if (retiring_ == &poller) {
            if (!poller.retire(other))
                return {.to = &other, .count = PollerPolicy::kAll, .review = PollerPolicy::kReview};
            retiring_ = nullptr;
            return {};
        }
        if (from_ != &poller || !load.is_pass_over) return {.review = reviews ? PollerPolicy::kReview : kNever};
        from_ = nullptr;
        return parting_;
    }

    [[nodiscard]] unsigned measurements() {
        const std::lock_guard lock(mutex_);
        return measurements_;
    }
    // The number of passes that are over and in which a watch was active.
    [[nodiscard]] unsigned passes() {
        const std::lock_guard lock(mutex_);
        return passes_;
    }

    std::atomic<bool> restless = false;
    std::atomic<bool> reviews = false;

  private:
    Poller (&pollers_)[2];
    std::mutex mutex_;
    Poller* from_ = nullptr;
    Poller* retiring_ = nullptr;
    Poller::Parting parting_;
    unsigned measurements_ = 0;
    unsigned passes_ = 0;
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
    const unsigned before = chooser_.passes();
    iterate(*busy, [&] { return chooser_.passes() > before + 1; });
    chooser_.pass_on(pollers_[0], pollers_[1], 2);
    iterate(*busy, [&] { return called_on_ == &pollers_[1]; });
    iterate(*quiet, [&] { return called_on_ == &pollers_[0]; });
    close(*busy);
    close(*quiet);
}

// Ends of a connection usually have neighbouring descriptors, in whatever order they are registered.
TEST_F(PartingTest, TheWatchesWithTheLowestDescriptorsGo) {
    const auto low = reader(pollers_[0]);
    Socket high(pollers_[0], 600);
    high.on_ready = [&](unsigned) { return read(high); };
    for (int i = 0; i < 2; ++i) {  // the first one in the list is the high one, and then the low one
        EXPECT_TRUE(high.want(Watch::kReadable));
        iterate(high, [&] { return called_on_ == &pollers_[0]; });
        const unsigned before = chooser_.passes();
        iterate(*low, [&] { return chooser_.passes() > before + 1; });
        chooser_.pass_on(pollers_[0], pollers_[1], 1);
        iterate(*low, [&] { return called_on_ == &pollers_[1]; });
        iterate(high, [&] { return called_on_ == &pollers_[0]; });
        move(*low, pollers_[1], pollers_[0]);
    }
    close(*low);
    close(high);
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

// Watches that come to a poller after it has retired go to its heir, also after its threads have ended. Then it can
// start again.
TEST_F(PartingTest, TheHeirOfAPollerGetsWhatComesToIt) {
    chooser_.reviews = true;
    const auto moved = reader(pollers_[1]), busy = reader(pollers_[0]);
    iterate(*moved, [&] { return called_on_ == &pollers_[1]; });
    Socket late(pollers_[1]), later(pollers_[1]);
    late.on_ready = later.on_ready = [&](unsigned) { return read(late); };
    chooser_.retire(pollers_[1]);
    while (!chooser_.has_retired()) std::this_thread::yield();
    iterate(*moved, [&] { return called_on_ == &pollers_[0]; });
    called_on_ = nullptr;
    EXPECT_TRUE(late.want(Watch::kNow));
    EXPECT_TRUE(late.readied.wait(1));
    EXPECT_EQ(called_on_, &pollers_[0]);

    pollers_[1].stop();
    chooser_.pass_on(pollers_[0], pollers_[1], PollerPolicy::kAll);
    const unsigned before = chooser_.measurements();
    iterate(*busy, [&] { return chooser_.measurements() > before + 2; });
    EXPECT_EQ(called_on_, &pollers_[0]);
    EXPECT_TRUE(later.want(Watch::kNow));
    EXPECT_TRUE(later.readied.wait(1));

    EXPECT_EQ(pollers_[1].start(workers_, chooser_.balancer()), NNG_OK);
    move(*moved, pollers_[0], pollers_[1]);
    for (Socket* const each : {moved.get(), busy.get(), &late, &later}) close(*each);
}

// The poller starts again less than a period after it has measured. It gets no watch, and must be reviewed
// nevertheless.
TEST_F(PartingTest, APollerThatStartsAgainAtOnceIsReviewedThoughItSleeps) {
    chooser_.reviews = true;
    pollers_[0].stop();
    chooser_.retire(pollers_[1]);
    while (!chooser_.has_retired()) std::this_thread::yield();
    pollers_[1].stop();
    EXPECT_EQ(pollers_[1].start(workers_, chooser_.balancer()), NNG_OK);
    const unsigned then = chooser_.measurements();
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (chooser_.measurements() < then + 2 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    EXPECT_GE(chooser_.measurements(), then + 2);
    EXPECT_EQ(pollers_[0].start(workers_, chooser_.balancer()), NNG_OK);
}

// A thread of the poller is still in a task when the poller has no watches any more. The poller does not retire before
// the task has returned, because the thread that stops it would wait for the task.
TEST_F(PartingTest, APollerWithABlockedThreadDoesNotRetire) {
    chooser_.reviews = true;
    Event release;
    std::atomic<bool> blocks = false;
    std::vector<std::unique_ptr<AwaitedJob>> jobs;
    Socket moved(pollers_[1]);
    moved.on_ready = [&](unsigned) {
        if (blocks) return read(moved);
        // As long as only one of the poller's threads has begun, it gives its tasks to the workers.
        jobs.push_back(std::make_unique<AwaitedJob>([&] {
            if (!pollers_[1].is_here() || blocks.exchange(true)) return;
            EXPECT_TRUE(release.wait());
        }));
        workers_.submit(*jobs.back());
        return read(moved);
    };
    EXPECT_TRUE(moved.want(Watch::kReadable));
    iterate(moved, [&] { return blocks.load(); });
    chooser_.retire(pollers_[1]);
    iterate(moved, [&] { return called_on_ == &pollers_[0]; });
    const unsigned then = chooser_.measurements();
    while (chooser_.measurements() < then + 10) std::this_thread::yield();
    EXPECT_FALSE(chooser_.has_retired());
    release.set();
    for (const auto& each : jobs) {
        EXPECT_TRUE(each->ran.wait());
    }
    while (!chooser_.has_retired()) std::this_thread::yield();
    close(moved);
}

#if defined(NAIO_WRAPS_PTHREAD_CREATE)
int open_descriptors() {
    int count = 0;
    for (int i = 0; i < 256; ++i) count += ::fcntl(i, F_GETFD) >= 0 ? 1 : 0;
    return count;
}

// The first thread of a poller has begun to lead, and measures, when the system refuses the second one. The thread that
// starts a poller holds the balancer's lock, so the balancer must not be called.
TEST_F(PartingTest, AStartThatIsRefusedItsSecondThreadCallsNoBalancerAndLeavesNothingBehind) {
    chooser_.reviews = true;
    for (Poller& each : pollers_) each.stop();
    const int before = open_descriptors();
    const unsigned then = chooser_.measurements();
    for (int i = 0; i < 2; ++i) {
        const RefusedThread second(2, 3 * std::chrono::nanoseconds(PollerPolicy::kReview));
        EXPECT_EQ(pollers_[1].start(workers_, chooser_.balancer()), NNG_ENOMEM);
    }
    EXPECT_EQ(chooser_.measurements(), then);
    EXPECT_EQ(open_descriptors(), before);
    for (Poller& each : pollers_) EXPECT_EQ(each.start(workers_, chooser_.balancer()), NNG_OK);
    const auto socket = reader(pollers_[1]);
    move(*socket, pollers_[1], pollers_[0]);
    close(*socket);
}
#endif

#if NAIO_LOOP_USES_DESCRIPTORS
// A second watch of a socket's descriptor. An epoll takes a descriptor once.
class SecondWatch final : public Watch {
  public:
    SecondWatch(Poller& poller, const Socket& socket) : Watch(poller, socket.descriptor()) {}
    Event readied, is_closed;

  private:
    void attached() noexcept override {}
    unsigned ready(unsigned) noexcept override {
        readied.set();
        return kReadable;
    }
    void refused(int) noexcept override {}
    void closed() noexcept override { is_closed.set(); }
    void lost() noexcept override {}
};

TEST_F(PartingTest, AWatchThatCannotBeRegisteredGoesBack) {
    const auto socket = reader(pollers_[0]);
    iterate(*socket, [&] { return called_on_ == &pollers_[0]; });
    SecondWatch second(pollers_[1], *socket);
    EXPECT_TRUE(second.want(Watch::kReadable | Watch::kNow));
    EXPECT_TRUE(second.readied.wait(1));
    const unsigned then = chooser_.measurements();
    chooser_.pass_on(pollers_[0], pollers_[1], PollerPolicy::kAll);
    iterate(*socket, [&] { return chooser_.measurements() > then + 20; });
    EXPECT_EQ(called_on_, &pollers_[0]);
    EXPECT_FALSE(socket->is_refused.count() != 0);
    EXPECT_TRUE(second.close() || second.is_closed.wait(1));
    move(*socket, pollers_[0], pollers_[1]);
    close(*socket);
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

// Four descriptors whose handlers take long while it is busy. Each is then ready all the time.
class Load {
  public:
    explicit Load(Pollers& pollers) {
        for (auto& each : sockets_) {
            Poller* poller = nullptr;
            EXPECT_EQ(pollers.next(poller), NNG_OK);
            each = std::make_unique<Socket>(*poller);
            each->on_ready = [this](unsigned) { return work(); };
            each->put();
        }
    }
    ~Load() {
        for (auto& each : sockets_) close(*each);
    }

    void set_busy(bool busy) {
        busy_ = busy;
        for (auto& each : sockets_) {
            const int before = each->readied.count();
            EXPECT_TRUE(each->want(busy ? Watch::kReadable : Watch::kNow));
            EXPECT_TRUE(each->readied.wait(before + 1));
        }
    }

    // Returns the number of threads that have called handlers since the last call.
    std::size_t threads() {
        const std::lock_guard lock(mutex_);
        return std::exchange(threads_, {}).size();
    }

  private:
    unsigned work() {
        if (!busy_) return note(0);
        for (const auto end = now() + 200'000; now() < end;) {
        }
        return note(Watch::kReadable);
    }
    unsigned note(unsigned events) {
        const std::lock_guard lock(mutex_);
        threads_.insert(std::this_thread::get_id());
        return events;
    }

    std::atomic<bool> busy_ = false;
    std::mutex mutex_;
    std::set<std::thread::id> threads_;
    std::array<std::unique_ptr<Socket>, 4> sockets_;
};

class AdaptingPollers : public testing::Test {
  protected:
    AdaptingPollers() {
        EXPECT_TRUE(workers_.start(allocator_, {2, 2}, "test:task"));
        pollers_.open_adapting(2);
    }
    ~AdaptingPollers() override {
        pollers_.close();
        workers_.stop();
    }
    void SetUp() override {
        if (usable_processors() < 2) GTEST_SKIP() << "one processor has one poller";
    }

    // Makes the load busy, and waits until two threads work.
    static void start(Load& load) {
        load.set_busy(true);
        while (load.threads() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

    // Returns the number of iterations of all pollers in a time in which a poller that reviews would iterate.
    std::uint64_t turns_in_a_while() {
        const std::uint64_t before = turns();
        std::this_thread::sleep_for(2 * std::chrono::nanoseconds(PollerPolicy::kReview));
        return turns() - before;
    }

    TestAllocator allocator_;
    TaskQueue workers_;
    Pollers pollers_{workers_};

  private:
    std::uint64_t turns() {
        Stats stats{};
        pollers_.count_into(stats);
        return stats.poller_turns;
    }
};

// A poller has two threads. A poller that has ended starts again.
TEST_F(AdaptingPollers, StartWhenOneHasNoTimeLeftAndEndWhenTheLoadIsOver) {
    Load load(pollers_);
    for (int round = 0; round < 2; ++round) {
        start(load);
        EXPECT_EQ(library_threads("naio:io").size(), 4u);
        do load.set_busy(false);
        while (load.threads() > 1);
        EXPECT_EQ(settled_threads(2, "naio:io"), 2u);
    }
}

// When the load ends, the second poller reviews until it has given its watches away and has ended. Then all threads
// sleep, and no timer is left.
TEST_F(AdaptingPollers, SleepWithoutATimerWhenTheLoadIsOver) {
    Load load(pollers_);
    start(load);
    load.set_busy(false);
    EXPECT_EQ(settled_threads(2, "naio:io"), 2u);
    while (turns_in_a_while() != 0) {
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(turns_in_a_while(), 0u);
}

}  // namespace
}  // namespace naio
