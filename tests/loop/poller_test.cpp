// Tests Poller and Pollers: watches of descriptors, refused watches, and tasks that become ready on a poller's thread.
#include "loop/poller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "exec/library_wait.h"
#include "loop/pollers.h"
#include "support/event.h"
#include "support/few_descriptors.h"
#include "support/job.h"
#include "support/no_large_blocks.h"
#include "support/test_allocator.h"
#include "support/thread_name.h"
#include "watched_socket.h"

namespace naio {
namespace {

using namespace support;

class PollerTest : public testing::Test {
  protected:
    PollerTest() {
        EXPECT_TRUE(workers_.start(allocator_, {3, 3}, "test:task"));
        EXPECT_EQ(poller_.start(workers_), NNG_OK);
    }
    ~PollerTest() override {
        stop();
        workers_.stop();
    }
    void stop() {
        if (std::exchange(up_, false)) poller_.stop();
    }

    // Returns a watch that reads each byte that comes, and submits the jobs in order, one for each byte.
    std::unique_ptr<Socket> feed(std::deque<AwaitedJob*> jobs) {
        auto socket = std::make_unique<Socket>(poller_);
        socket->on_ready = [this, &socket = *socket, jobs](unsigned) mutable {
            while (socket.get() == 1 && !jobs.empty()) {
                workers_.submit(*jobs.front());
                jobs.pop_front();
            }
            return Watch::kReadable;
        };
        EXPECT_TRUE(socket->want(Watch::kReadable));
        return socket;
    }

    // Waits until the poller has a leader and a follower. A poller without a follower runs no task on its own thread.
    void wait_for_both_threads() {
        for (bool there = false; !there;) {
            AwaitedJob job([&] { there = thread_name() == "naio:io"; });
            auto socket = feed({&job});
            socket->put();
            EXPECT_TRUE(job.ran.wait(1));
            EXPECT_TRUE(socket->close() || socket->is_closed.wait(1));
        }
    }

    TestAllocator allocator_;
    TaskQueue workers_;
    Poller poller_;
    bool up_ = true;
};

void close(Socket& socket) {
    if (!socket.close()) {
        EXPECT_TRUE(socket.is_closed.wait(1));
    }
}

TEST_F(PollerTest, AWatchIsReadyWhenItsDescriptorCanBeRead) {
    Socket socket(poller_);
    socket.on_ready = [](unsigned events) {
        EXPECT_EQ(events, Watch::kReadable);
        return 0u;
    };
    EXPECT_TRUE(socket.want(Watch::kReadable));
    socket.put();
    EXPECT_TRUE(socket.readied.wait(1));
    close(socket);
}

TEST_F(PollerTest, ACallNowNeedsNoReadiness) {
    Socket socket(poller_);
    std::atomic<unsigned> seen{0};
    socket.on_ready = [&](unsigned events) {
        seen |= events;
        return 0u;
    };
    EXPECT_TRUE(socket.want(Watch::kNow));
    EXPECT_TRUE(socket.readied.wait());
    EXPECT_TRUE(socket.readied.stays_away(2));
    EXPECT_EQ(seen.load(), Watch::kNow);
    close(socket);
}

TEST_F(PollerTest, AWatchIsReadyWhenItsDescriptorCanBeWrittenTo) {
    Socket socket(poller_);
    EXPECT_TRUE(socket.want(Watch::kWritable));
    EXPECT_TRUE(socket.readied.wait(1));
    close(socket);
    EXPECT_EQ(socket.readied.count(), 1);
}

TEST_F(PollerTest, AnEventThatStaysWantedIsReportedAgainAndOthersAreNot) {
    Socket socket(poller_);
    socket.on_ready = [calls = 0](unsigned) mutable { return ++calls < 3 ? Watch::kReadable : 0u; };
    EXPECT_TRUE(socket.want(Watch::kReadable));
    socket.put();
    EXPECT_TRUE(socket.readied.wait(3));
    Socket other(poller_);  // becomes ready in a later iteration of the loop
    EXPECT_TRUE(other.want(Watch::kWritable));
    EXPECT_TRUE(other.readied.wait(1));
    EXPECT_EQ(socket.readied.count(), 3);
    EXPECT_TRUE(socket.want(Watch::kReadable));
    EXPECT_TRUE(socket.readied.wait(4));
    close(other);
    close(socket);
}

// Each watch closes the next one when the poller has let go of it. So in each iteration of the loop, a watch leaves the
// loop.
TEST_F(PollerTest, WhileWatchesAreClosedOthersAreServed) {
    constexpr std::size_t kMany = 100;
    std::vector<std::unique_ptr<Socket>> many;
    for (std::size_t i = 0; i < kMany; ++i) {
        many.push_back(std::make_unique<Socket>(poller_));
        EXPECT_TRUE(many[i]->want(Watch::kReadable | Watch::kNow));
        EXPECT_TRUE(many[i]->readied.wait());
    }
    for (std::size_t i = 0; i + 1 < kMany; ++i)
        many[i]->on_closed = [&next = *many[i + 1]] { EXPECT_FALSE(next.close()); };
    std::atomic<bool> done{false};
    std::atomic<int> served{0};
    Socket busy(poller_);
    busy.on_ready = [&](unsigned) {
        if (served++ == 0) {
            EXPECT_FALSE(many[0]->close());
        }
        return done ? 0u : Watch::kWritable;
    };
    many.back()->on_closed = [&] { done = true; };
    EXPECT_TRUE(busy.want(Watch::kWritable));
    for (const auto& each : many) EXPECT_TRUE(each->is_closed.wait());
    close(busy);
    EXPECT_GE(served.load(), static_cast<int>(kMany) / 2);
}

TEST_F(PollerTest, HoweverManyWatchesAreInTheInboxOthersAreServed) {
    constexpr int kMany = 300;
    std::atomic<int> served{0};
    std::atomic<int> served_before{-1};
    Event release;
    Socket gate(poller_), other(poller_);
    gate.on_ready = [&](unsigned) {
        EXPECT_TRUE(release.wait());
        return 0u;
    };
    other.on_ready = [&](unsigned) {
        served_before = served.load();
        return 0u;
    };
    EXPECT_TRUE(other.want(Watch::kReadable));
    EXPECT_TRUE(gate.want(Watch::kNow));
    std::vector<std::unique_ptr<Socket>> many;
    for (int i = 0; i < kMany; ++i) {
        many.push_back(std::make_unique<Socket>(poller_));
        many.back()->on_ready = [&](unsigned) {
            ++served;
            return 0u;
        };
        EXPECT_TRUE(many.back()->want(Watch::kNow));
    }
    other.put();
    release.set();
    EXPECT_TRUE(other.readied.wait());
    for (const auto& each : many) EXPECT_TRUE(each->readied.wait());
    EXPECT_LT(served_before.load(), kMany / 2);
    for (const auto& each : many) close(*each);
    close(other);
    close(gate);
}

// Closes the descriptor of a watch, as a program does by mistake, and uses its number for a file that the system cannot
// watch. Returns a duplicate of the descriptor.
int close_behind(const Socket& socket) {
    const int duplicate = ::dup(socket.descriptor());
    const int null = ::open("/dev/null", O_RDWR);
    EXPECT_EQ(::dup2(null, socket.descriptor()), socket.descriptor());
    ::close(null);
    return duplicate;
}

// The system goes on to report the duplicate's events. The watch is not there any more.
TEST_F(PollerTest, ADescriptorThatTheProgramHasClosedMayHaveADuplicate) {
    Socket other(poller_);
    other.on_ready = [&](unsigned) { return other.get() == 1 ? Watch::kReadable : 0u; };
    EXPECT_TRUE(other.want(Watch::kReadable));
    auto socket = std::make_unique<Socket>(poller_);
    std::atomic<int> calls{0};
    socket->on_ready = [&](unsigned) {
        ++calls;
        return Watch::kReadable;
    };
    EXPECT_TRUE(socket->want(Watch::kReadable | Watch::kNow));
    EXPECT_TRUE(socket->readied.wait());
    const int duplicate = close_behind(*socket);
    close(*socket);
    socket->put();
    for (int i = 1; i <= 3; ++i) {
        other.put();
        EXPECT_TRUE(other.readied.wait(i));
    }
    EXPECT_EQ(calls.load(), 1);
    ::close(duplicate);
    close(other);
}

#if NAIO_LOOP_USES_DESCRIPTORS
// The poller needs a descriptor to be rid of the duplicate's events. As long as there is none, it keeps the watch.
TEST_F(PollerTest, ADescriptorThatTheProgramHasClosedIsKeptWhenThereAreNoOthers) {
    Socket other(poller_), closed(poller_), socket(poller_);
    other.on_ready = [&](unsigned) { return other.get() == 1 ? Watch::kReadable : 0u; };
    EXPECT_TRUE(other.want(Watch::kReadable));
    socket.on_ready = [](unsigned) { return Watch::kReadable; };
    for (Socket* const each : {&closed, &socket}) {
        EXPECT_TRUE(each->want(Watch::kReadable | Watch::kNow));
        EXPECT_TRUE(each->readied.wait());
    }
    const int duplicate = close_behind(socket);
    std::optional<FewDescriptors> none(std::in_place, 0);
    EXPECT_FALSE(socket.close());
    close(closed);  // after `socket`, which is not registered any more then
    socket.put();
    for (int i = 1; i <= 3; ++i) {
        other.put();
        EXPECT_TRUE(other.readied.wait(i));
    }
    EXPECT_EQ(socket.readied.count(), 1);
    EXPECT_EQ(socket.is_closed.count(), 0);
    none.reset();
    EXPECT_TRUE(socket.is_closed.wait());
    ::close(duplicate);
    close(other);
}

// The poller registers its watches again when the handler of `first` has returned. Meanwhile, the handler of `second`
// wants `late` to be called.
TEST_F(PollerTest, AWatchThatIsWantedWhileOthersAreRegisteredAgainIsServed) {
    Socket late(poller_), first(poller_), second(poller_);
    for (Socket* const each : {&late, &second}) {
        each->on_ready = [](unsigned) { return Watch::kReadable; };
        EXPECT_TRUE(each->want(Watch::kReadable | Watch::kNow));
        EXPECT_TRUE(each->readied.wait());
    }
    int duplicates[2] = {-1, -1};
    first.on_ready = [&](unsigned) {
        duplicates[0] = close_behind(first);
        duplicates[1] = close_behind(second);
        return 0u;
    };
    second.on_refused = [&] { EXPECT_TRUE(late.want(Watch::kNow)); };
    EXPECT_TRUE(first.want(Watch::kReadable));
    first.put();
    EXPECT_TRUE(second.is_refused.wait());
    EXPECT_TRUE(late.readied.wait(2));
    for (Socket* const each : {&late, &first, &second}) close(*each);
    for (const int each : duplicates) ::close(each);
}
#endif

TEST_F(PollerTest, AWatchThatNothingWasWantedOfIsClosedAtOnce) {
    Socket socket(poller_);
    EXPECT_TRUE(socket.close());
    EXPECT_FALSE(socket.want(Watch::kReadable));
}

TEST_F(PollerTest, AWatchThatIsOpenWhenThePollerStopsIsLost) {
    Socket socket(poller_);
    EXPECT_TRUE(socket.want(Watch::kReadable));
    stop();
    EXPECT_TRUE(socket.is_lost.wait(1));
    EXPECT_FALSE(socket.want(Watch::kReadable));
    EXPECT_TRUE(socket.close());
}

// A watch of a regular file. The system refuses to watch such a file. After lost() the test may release the watch, so
// the poller must not use the watch any more.
class File final : public Watch {
  public:
    explicit File(Poller& poller) : Watch(poller, ::open("/proc/self/exe", O_RDONLY)) {}
    Event is_refused, is_lost;

  private:
    void attached() noexcept override {}
    unsigned ready(unsigned) noexcept override { return 0; }
    void refused(int error) noexcept override {
        EXPECT_EQ(error, EPERM);
        EXPECT_FALSE(linked());
        is_refused.set();
    }
    void closed() noexcept override {}
    void lost() noexcept override { is_lost.set(); }
};

TEST_F(PollerTest, WhatTheSystemCannotWatchIsRefused) {
    File file(poller_);
    EXPECT_TRUE(file.want(Watch::kReadable));
    EXPECT_TRUE(file.is_refused.wait(1));
    EXPECT_TRUE(file.is_lost.wait(1));
    EXPECT_TRUE(file.close());
}

#if defined(NAIO_CAN_REFUSE_LARGE_BLOCKS) && !NAIO_LOOP_USES_DESCRIPTORS
// If the highest descriptor is 17,000, libuv's table of descriptors takes 256 KiB. libuv ends the process if it cannot
// allocate the table, so the poller must refuse the watch before libuv tries.
TEST_F(PollerTest, WhatThereIsNoMemoryToWatchIsRefused) {
    constexpr int kHigh = 17'000;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit many = before;
    many.rlim_cur = kHigh + 100;
    if (setrlimit(RLIMIT_NOFILE, &many) != 0) GTEST_SKIP() << "the system does not allow that many descriptors";
    Socket socket(poller_, kHigh);
    {
        const NoLargeBlocks none;
        EXPECT_TRUE(socket.want(Watch::kReadable));
        EXPECT_TRUE(socket.is_refused.wait(1));
        EXPECT_TRUE(socket.is_lost.wait(1));
    }
    EXPECT_TRUE(socket.close());
    setrlimit(RLIMIT_NOFILE, &before);
}
#endif

TEST_F(PollerTest, ARefusedWatchIsRefusedOnceHoweverOftenMoreIsWanted) {
    for (int i = 0; i < 2000 && !HasFailure(); ++i) {
        File file(poller_);
        while (file.want(Watch::kReadable)) {
        }
        EXPECT_TRUE(file.is_lost.wait(1));
        EXPECT_TRUE(file.close());
    }
}

TEST_F(PollerTest, AReadyTaskRunsOnTheThreadThatSawIt) {
    wait_for_both_threads();
    std::string name;
    AwaitedJob job([&] { name = thread_name(); });
    auto socket = feed({&job});
    socket->put();
    EXPECT_TRUE(job.ran.wait(1));
    EXPECT_EQ(name, "naio:io");
    close(*socket);
}

TEST_F(PollerTest, WhatATaskSubmitsRunsOnItsThreadAfterwards) {
    wait_for_both_threads();
    std::vector<std::string> order;
    AwaitedJob second([&] { order.push_back("second " + thread_name()); });
    AwaitedJob first([&] {
        workers_.submit(second);
        order.push_back("first " + thread_name());
    });
    auto socket = feed({&first});
    socket->put();
    EXPECT_TRUE(second.ran.wait(1));
    EXPECT_TRUE(first.ran.wait(1));
    EXPECT_EQ(order, (std::vector<std::string>{"first naio:io", "second naio:io"}));
    close(*socket);
}

TEST_F(PollerTest, AnotherQueueGetsItsOwn) {
    TaskQueue other;
    ASSERT_TRUE(other.start(allocator_, {1, 1}, "test:other"));
    std::string name;
    AwaitedJob second([&] { name = thread_name(); });
    AwaitedJob first([&] { other.submit(second); });
    auto socket = feed({&first});
    socket->put();
    EXPECT_TRUE(second.ran.wait(1));
    EXPECT_TRUE(first.ran.wait(1));
    EXPECT_EQ(name, "test:other");
    close(*socket);
    other.stop();
}

TEST_F(PollerTest, WhileATaskBlocksOtherDescriptorsAreServed) {
    Event release;
    AwaitedJob blocked([&] { EXPECT_TRUE(release.wait(1)); });
    AwaitedJob other([] {});
    auto one = feed({&blocked});
    auto two = feed({&other});
    one->put();
    EXPECT_TRUE(one->readied.wait(1));
    two->put();
    EXPECT_TRUE(other.ran.wait(1));
    release.set();
    EXPECT_TRUE(blocked.ran.wait(1));
    close(*one);
    close(*two);
}

TEST_F(PollerTest, WhileATaskBlocksTheTasksBehindItAreRun) {
    Event release;
    AwaitedJob submitted([] {});
    AwaitedJob behind([] {});
    AwaitedJob blocked([&] {
        workers_.submit(submitted);
        EXPECT_TRUE(release.wait(1));
    });
    auto socket = feed({&blocked, &behind});
    socket->put();
    socket->put();
    EXPECT_TRUE(behind.ran.wait(1));
    EXPECT_TRUE(submitted.ran.wait(1));
    release.set();
    EXPECT_TRUE(blocked.ran.wait(1));
    close(*socket);
}

TEST_F(PollerTest, WhatATaskSubmitsAfterItWasFoundBlockedIsRun) {
    Event release;
    AwaitedJob behind([] {});
    AwaitedJob submitted([] {});
    AwaitedJob blocked([&] {
        EXPECT_TRUE(behind.ran.wait(1));  // another thread leads by now
        workers_.submit(submitted);
        EXPECT_TRUE(release.wait(1));
    });
    auto socket = feed({&blocked, &behind});
    socket->put();
    socket->put();
    EXPECT_TRUE(submitted.ran.wait(1));
    release.set();
    EXPECT_TRUE(blocked.ran.wait(1));
    close(*socket);
}

TEST_F(PollerTest, TwoTasksThatBlockDoNotStopTheThird) {
    Event release;
    AwaitedJob one([&] { EXPECT_TRUE(release.wait(1)); });
    AwaitedJob two([&] { EXPECT_TRUE(release.wait(1)); });
    AwaitedJob three([] {});
    auto socket = feed({&one, &two, &three});
    for (int i = 0; i < 3; ++i) socket->put();
    EXPECT_TRUE(three.ran.wait(1));
    release.set();
    EXPECT_TRUE(one.ran.wait(1));
    EXPECT_TRUE(two.ran.wait(1));
    close(*socket);
}

TEST_F(PollerTest, TheFormerLeaderServesAgain) {
    for (int i = 0; i < 5; ++i) {
        Event release;
        AwaitedJob blocked([&] { EXPECT_TRUE(release.wait(1)); });
        AwaitedJob other([] {});
        auto socket = feed({&blocked, &other});
        socket->put();
        EXPECT_TRUE(socket->readied.wait(1));
        socket->put();
        EXPECT_TRUE(other.ran.wait(1));
        release.set();
        EXPECT_TRUE(blocked.ran.wait(1));
        std::string name;
        close(*socket);
    }
    wait_for_both_threads();
}

TEST_F(PollerTest, ATaskThatSaysThatItWaitsIsPassedAtOnce) {
    AwaitedJob behind([] {});
    AwaitedJob waiting([&] {
        workers_.submit(behind);
        const LibraryWait library_wait;
        EXPECT_TRUE(behind.ran.wait(1));
    });
    auto socket = feed({&waiting});
    socket->put();
    EXPECT_TRUE(waiting.ran.wait(1));
    close(*socket);
}

// The thread that runs the task usually ends its wait before the follower has noticed the wait, and then leads again.
TEST_F(PollerTest, ATaskThatOnlySaysThatItWaitsLeavesAFollower) {
    for (int i = 0; i < 100; ++i) {
        AwaitedJob brief([] { const LibraryWait waiting; });
        auto socket = feed({&brief});
        socket->put();
        EXPECT_TRUE(brief.ran.wait(1));
        close(*socket);
    }
    bool there = false;
    for (int i = 0; i < 100 && !there; ++i) {
        AwaitedJob job([&] { there = thread_name() == "naio:io"; });
        auto socket = feed({&job});
        socket->put();
        EXPECT_TRUE(job.ran.wait(1));
        close(*socket);
    }
    EXPECT_TRUE(there);
}

TEST_F(PollerTest, ATaskThatWantsToRunAgainDoesNotKeepTheLoopFromOthers) {
    struct Repeated : Task {
        Repeated() : Task(run) {}
        static Task* run(Task& task) noexcept {
            return static_cast<Repeated&>(task).stop.load() ? (static_cast<Repeated&>(task).ended.set(), nullptr)
                                                            : &task;
        }
        std::atomic<bool> stop{false};
        Event ended;
    } repeated;
    AwaitedJob first([&] { workers_.submit(repeated); });
    AwaitedJob other([&] { repeated.stop = true; });
    auto one = feed({&first});
    auto two = feed({&other});
    one->put();
    EXPECT_TRUE(first.ran.wait(1));
    two->put();
    EXPECT_TRUE(other.ran.wait(1));
    EXPECT_TRUE(repeated.ended.wait(1));
    close(*one);
    close(*two);
}

TEST_F(PollerTest, AWatchMayBeClosedByATask) {
    Socket socket(poller_);
    AwaitedJob job([&] { EXPECT_FALSE(socket.close()); });
    socket.on_ready = [&](unsigned) {
        workers_.submit(job);
        return 0u;
    };
    EXPECT_TRUE(socket.want(Watch::kReadable));
    socket.put();
    EXPECT_TRUE(socket.is_closed.wait(1));
    EXPECT_TRUE(job.ran.wait(1));
}

TEST_F(PollerTest, NoWakeUpIsLostWhenManyThreadsWantAndClose) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 300;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([this] {
            for (int round = 0; round < kRounds; ++round) {
                AwaitedJob job([] {});
                Socket socket(poller_);
                socket.on_ready = [&](unsigned) {
                    workers_.submit(job);
                    return 0u;
                };
                EXPECT_TRUE(socket.want(Watch::kReadable));
                socket.put();
                EXPECT_TRUE(job.ran.wait(1));
                close(socket);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

TEST_F(PollerTest, AnIdlePollerUsesNoProcessor) {
    Socket socket(poller_);
    EXPECT_TRUE(socket.want(Watch::kReadable));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // until the follower sleeps, too
    const auto switches = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_nvcsw;
    };
    const long before = switches();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_LE(switches() - before, 10);
    close(socket);
}

class PollersTest : public testing::Test {
  protected:
    PollersTest() { EXPECT_TRUE(workers_.start(allocator_, {2, 2}, "test:task")); }
    ~PollersTest() override {
        pollers_.close();
        workers_.stop();
    }

    // Returns the next poller, or nullptr if there is none.
    Poller* next(nng_err expected = NNG_OK) {
        Poller* poller = nullptr;
        EXPECT_EQ(pollers_.next(poller), expected);
        return poller;
    }

    // Uses each type once before a test limits the descriptors, because UndefinedBehaviorSanitizer opens a pipe when it
    // checks a type for the first time.
    void check_all_types() {
        EXPECT_EQ(next(NNG_ECLOSED), nullptr);
        Pollers others(workers_);
        others.open(1);
        Poller* poller = nullptr;
        EXPECT_EQ(others.next(poller), NNG_OK);
        others.close();
    }

    TestAllocator allocator_;
    TaskQueue workers_;
    Pollers pollers_{workers_};
};

TEST_F(PollersTest, TheyAreStartedWhenTheyAreNeededAndDealtInTurn) {
    EXPECT_EQ(next(NNG_ECLOSED), nullptr);
    pollers_.open(2);
    Poller* const one = next();
    Poller* const two = next();
    EXPECT_NE(one, nullptr);
    EXPECT_NE(two, nullptr);
    EXPECT_NE(one, two);
    EXPECT_EQ(next(), one);
    pollers_.close();
    EXPECT_EQ(next(NNG_ECLOSED), nullptr);
    pollers_.open(1);
    EXPECT_EQ(next(), one);
}

TEST_F(PollersTest, TheFirstOneSaysWhatTheSystemRefuses) {
    check_all_types();
    pollers_.open(1);
    {
        const FewDescriptors none(0);
        EXPECT_EQ(next(NNG_ENOFILES), nullptr);
    }
    EXPECT_NE(next(), nullptr);
}

TEST_F(PollersTest, TheFirstOneServesWhileTheSystemRefusesTheSecond) {
    pollers_.open(2);
    Poller* const one = next();
    {
        const FewDescriptors none(0);
        EXPECT_EQ(next(), one);
    }
    EXPECT_NE(next(), one);
}

}  // namespace
}  // namespace naio
