// Tests Loop: wakes that other threads raise, alarms, start and stop.
#include "loop/loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "support/checkpoint.h"
#include "support/event.h"
#include "support/few_descriptors.h"
#include "support/no_large_blocks.h"

namespace naio {
namespace {

using namespace support;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kHour = 3'600'000 * kMillisecond;

std::int64_t now() { return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// A handler that counts its runs, and calls `also` in each of them.
struct Handler {
    std::function<void()> also = [] {};
    Event ran;

    static void run(void* self) noexcept {
        auto& handler = *static_cast<Handler*>(self);
        handler.also();
        handler.ran.set();
    }
};

// Runs the loop on a thread of its own until stop() or the end of the scope.
class Running {
  public:
    explicit Running(Loop& loop) : loop_(loop), opened_(loop.open() == NNG_OK) {
        EXPECT_TRUE(opened_);
        if (opened_)
            thread_ = std::thread([this] {
                while (!stops_) loop_.turn(true);
            });
    }
    ~Running() { stop(); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    void stop() {
        if (!std::exchange(opened_, false)) return;
        stops_ = true;
        loop_.interrupt();
        thread_.join();
        loop_.close();
    }
    [[nodiscard]] std::thread::id id() const { return thread_.get_id(); }

  private:
    Loop& loop_;
    bool opened_;
    std::atomic<bool> stops_{false};
    std::thread thread_;
};

class LoopTest : public testing::Test {
  protected:
    LoopTest() {
        loop_.attach(wake_);
        loop_.attach(alarm_);
    }

    // Blocks until the loop has handled all wake-ups that were raised and all alarms that were due before the call.
    void turn_around() {
        const int before = woken_.ran.count();
        wake_.raise();
        EXPECT_TRUE(woken_.ran.wait(before + 1));
    }

    Handler woken_;
    Handler rung_;
    Wake wake_{Handler::run, &woken_};
    Alarm alarm_{Handler::run, &rung_};
    Loop loop_;
};

TEST_F(LoopTest, HandlersRunOnTheLoopsThread) {
    std::vector<std::thread::id> threads;
    woken_.also = rung_.also = [&] { threads.push_back(std::this_thread::get_id()); };
    Running running(loop_);
    const std::thread::id id = running.id();
    wake_.raise();
    EXPECT_TRUE(woken_.ran.wait());
    alarm_.set(now());
    EXPECT_TRUE(rung_.ran.wait());
    running.stop();
    EXPECT_EQ(threads, (std::vector{id, id}));
}

// ---- Wake

TEST_F(LoopTest, EveryRaiseIsFollowedByAHandler) {
    Running running(loop_);
    std::atomic<int> published{0};
    int handled = 0;
    woken_.also = [&] { handled = published.load(std::memory_order_relaxed); };
    for (int i = 1; i <= 20'000 && !HasFailure(); ++i) {
        published.store(i, std::memory_order_relaxed);
        turn_around();
        ASSERT_EQ(handled, i);
    }
}

TEST_F(LoopTest, RaisesFromManyThreadsAreNotLost) {
    constexpr int kThreads = 3;
    constexpr int kRaises = 100'000;
    struct Producer {
        std::atomic<int> published{0};
        std::atomic<int> handled{0};
    };
    Producer producers[kThreads];
    woken_.also = [&] {
        for (Producer& producer : producers)
            producer.handled.store(producer.published.load(std::memory_order_relaxed), std::memory_order_relaxed);
    };
    Running running(loop_);
    std::vector<std::thread> threads;
    for (Producer& producer : producers)
        threads.emplace_back([&] {
            for (int i = 1; i <= kRaises; ++i) {
                producer.published.store(i, std::memory_order_relaxed);
                wake_.raise();
                // After every 64th raise this thread waits for the handler, so that the loop is about to sleep when the
                // next raise comes.
                const auto give_up = std::chrono::steady_clock::now() + kPatience;
                while (i % 64 == 0 && producer.handled.load(std::memory_order_relaxed) < i) {
                    if (std::chrono::steady_clock::now() > give_up) return;
                    std::this_thread::yield();
                }
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (Producer& producer : producers) EXPECT_EQ(producer.published, kRaises) << "a raise was lost";
    turn_around();
    for (Producer& producer : producers) EXPECT_EQ(producer.handled, kRaises);
}

TEST_F(LoopTest, SeveralRaisesBeforeTheHandlerRunsCallItOnce) {
    Checkpoint inside;
    woken_.also = [&] {
        if (woken_.ran.count() != 0) return;
        inside.pass();
    };
    Running running(loop_);
    wake_.raise();
    EXPECT_TRUE(inside.reached());
    for (int i = 0; i < 1000; ++i) wake_.raise();
    inside.open();
    EXPECT_TRUE(woken_.ran.wait(2));
    alarm_.set(0);
    EXPECT_TRUE(rung_.ran.wait());
    EXPECT_EQ(woken_.ran.count(), 2);
}

TEST_F(LoopTest, AHandlerMayRaiseItselfAgain) {
    woken_.also = [&] {
        if (woken_.ran.count() < 999) wake_.raise();
    };
    Running running(loop_);
    wake_.raise();
    EXPECT_TRUE(woken_.ran.wait(1000));
}

TEST_F(LoopTest, NothingHappensWhileTheLoopIsDown) {
    wake_.raise();
    alarm_.set(0);
    {
        Running running(loop_);
        running.stop();
    }
    wake_.raise();
    alarm_.set(0);
    EXPECT_EQ(woken_.ran.count(), 0);
    EXPECT_EQ(rung_.ran.count(), 0);
    const Running again(loop_);
    turn_around();
    EXPECT_EQ(woken_.ran.count(), 1);
    EXPECT_EQ(rung_.ran.count(), 0);
}

// ---- Alarm

TEST_F(LoopTest, AnAlarmGoesOffAtItsTime) {
    std::atomic<std::int64_t> deadline{0};
    Event due;
    rung_.also = [&] {
        if (now() < deadline)
            alarm_.set(deadline);
        else
            due.set();
    };
    const Running running(loop_);
    for (int i = 0; i < 10; ++i) {
        deadline = now() + i * kMillisecond / 2;
        alarm_.set(deadline);
        EXPECT_TRUE(due.wait(i + 1));
    }
}

TEST_F(LoopTest, AnAlarmForThePastGoesOffAtOnce) {
    const Running running(loop_);
    int times = 0;
    for (const std::int64_t past : {now() - 1, now() - kHour, std::int64_t{1}, std::int64_t{0}, std::int64_t{-1}}) {
        alarm_.set(past);
        EXPECT_TRUE(rung_.ran.wait(++times)) << past;
    }
}

TEST_F(LoopTest, ALaterSettingReplacesTheOneBefore) {
    Handler other;
    Alarm reference(Handler::run, &other);
    loop_.attach(reference);
    const Running running(loop_);
    const std::int64_t soon = now() + 30 * kMillisecond;
    alarm_.set(soon);
    alarm_.set(soon + kHour);
    const bool in_time = now() < soon;
    reference.set(soon + kMillisecond);
    EXPECT_TRUE(other.ran.wait());
    turn_around();
    if (in_time) {
        EXPECT_EQ(rung_.ran.count(), 0);
    }
    alarm_.set(now());
    EXPECT_TRUE(rung_.ran.wait());
}

TEST_F(LoopTest, TheEndOfTimeIsFarAway) {
    const Running running(loop_);
    alarm_.set(std::numeric_limits<std::int64_t>::max());
    turn_around();
    EXPECT_EQ(rung_.ran.count(), 0);
    alarm_.set(now());
    EXPECT_TRUE(rung_.ran.wait());
}

TEST_F(LoopTest, AlarmsMayBeSetByAnyThread) {
    Mutex order;
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();  // guarded by order
    int taken = 0;
    rung_.also = [&] {
        Lock lock(order);
        if (now() < earliest) return alarm_.set(earliest);
        earliest = std::numeric_limits<std::int64_t>::max();
        ++taken;
    };
    constexpr int kThreads = 3;
    Event ended;
    std::vector<std::thread> threads;
    {
        const Running running(loop_);
        for (int t = 0; t < kThreads; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 10'000; ++i) {
                    const std::int64_t deadline = now() + (i * 7 + t) % 50 * 1000;
                    Lock lock(order);
                    if (deadline >= earliest) continue;
                    earliest = deadline;
                    alarm_.set(deadline);
                }
                ended.set();
            });
        EXPECT_TRUE(ended.wait(kThreads));
        for (std::thread& thread : threads) thread.join();
        // The last alarm must go off, too.
        for (const std::int64_t give_up = now() + 30'000 * kMillisecond; now() < give_up; std::this_thread::yield()) {
            Lock lock(order);
            if (earliest == std::numeric_limits<std::int64_t>::max()) break;
        }
        Lock lock(order);
        EXPECT_EQ(earliest, std::numeric_limits<std::int64_t>::max()) << "an alarm did not go off";
        EXPECT_GT(taken, 0);
    }
}

// ---- start and stop

TEST_F(LoopTest, AnInterruptBeforeTheFirstTurnEndsIt) {
    ASSERT_EQ(loop_.open(), NNG_OK);
    loop_.interrupt();
    loop_.turn(true);
    loop_.close();
}

TEST_F(LoopTest, StopWaitsForARunningHandler) {
    Checkpoint inside;
    std::atomic<bool> left{false};
    woken_.also = [&] {
        inside.pass();
        left = true;
    };
    Running running(loop_);
    wake_.raise();
    EXPECT_TRUE(inside.reached());
    std::thread stopper([&] {
        running.stop();
        EXPECT_TRUE(left);
    });
    inside.open();
    stopper.join();
}

TEST_F(LoopTest, ARaiseThatStopHasCutOffDoesNotSilenceLaterOnes) {
    for (int i = 0; i < 20; ++i) {
        std::atomic<bool> again{true};
        woken_.also = [&] {
            if (again) wake_.raise();
        };
        const int before = woken_.ran.count();
        {
            const Running running(loop_);
            wake_.raise();
            EXPECT_TRUE(woken_.ran.wait(before + 3));
        }
        again = false;
        const Running running(loop_);
        turn_around();
    }
}

#if defined(__linux__)
std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator{});
}

TEST_F(LoopTest, StartsAgainAfterStopAndLeaksNoDescriptor) {
    Running(loop_).stop();  // libuv opens some descriptors for its first loop, and keeps them
    const auto before = open_descriptors();
    for (int i = 0; i < 100; ++i) {
        const int wakes = woken_.ran.count();
        const int rings = rung_.ran.count();
        const Running running(loop_);
        EXPECT_GT(open_descriptors(), before);
        if (i % 2 == 0) {
            wake_.raise();
            alarm_.set(now());
            EXPECT_TRUE(woken_.ran.wait(wakes + 1));
            EXPECT_TRUE(rung_.ran.wait(rings + 1));
        }
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(LoopTest, OpenLeavesNothingBehindWhicheverDescriptorItCannotHave) {
    Running(loop_).stop();
    const auto before = open_descriptors();
    unsigned failures = 0;
    for (bool started = false; !started && failures < 100;) {
        {
            const FewDescriptors few(failures);
            const nng_err error = loop_.open();
            started = error == NNG_OK;
            EXPECT_TRUE(started || error == NNG_ENOFILES) << error;
        }
        if (started) {
            loop_.close();
        } else {
            ++failures;
        }
        ASSERT_EQ(open_descriptors(), before) << "after " << failures << " failures";
    }
    EXPECT_GT(failures, 0u);
    EXPECT_LT(failures, 100u);
}

#if defined(NAIO_CAN_REFUSE_LARGE_BLOCKS)
// While a ManyDescriptors exists, the lowest free descriptor is higher than `lowest`. A ManyDescriptors converts to
// false if the system does not allow that many descriptors.
class ManyDescriptors {
  public:
    explicit ManyDescriptors(int lowest) {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit many = before_;
        many.rlim_cur = static_cast<rlim_t>(lowest) + 100;
        if (many.rlim_cur > many.rlim_max || setrlimit(RLIMIT_NOFILE, &many) != 0) return;
        for (int last = 0; last < lowest;) taken_.push_back(last = fcntl(0, F_DUPFD_CLOEXEC, 0));
    }
    ~ManyDescriptors() {
        for (const int each : taken_) close(each);
        setrlimit(RLIMIT_NOFILE, &before_);
    }
    ManyDescriptors(const ManyDescriptors&) = delete;
    ManyDescriptors& operator=(const ManyDescriptors&) = delete;

    explicit operator bool() const { return !taken_.empty(); }

  private:
    rlimit before_{};
    std::vector<int> taken_;
};

// For 17,000 descriptors libuv's table of descriptors takes 256 KiB. libuv ends the process if it cannot allocate the
// table, so open() must fail before libuv tries.
TEST_F(LoopTest, OpenWithoutMemoryForManyDescriptorsFailsAndLeavesNothingBehind) {
    Running(loop_).stop();
    const ManyDescriptors many(17'000);
    if (!many) GTEST_SKIP() << "the system does not allow that many descriptors";
    const auto before = open_descriptors();
    {
        const NoLargeBlocks none;
        EXPECT_EQ(loop_.open(), NNG_ENOMEM);
    }
    EXPECT_EQ(open_descriptors(), before);
    ASSERT_EQ(loop_.open(), NNG_OK);
    loop_.close();
}
#endif
#endif

// Any thread may use a wake and an alarm at any time, also while the loop starts or stops.
TEST_F(LoopTest, RaisesAndAlarmsMayMeetStartAndStop) {
    std::atomic<bool> enough{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([&, t] {
            while (!enough) {
                if (t == 0)
                    wake_.raise();
                else
                    alarm_.set(now());
            }
        });
    for (int i = 0; i < 200; ++i) {
        const Running running(loop_);
        if (i % 16 == 0) std::this_thread::yield();
    }
    enough = true;
    for (std::thread& thread : threads) thread.join();
    const Running running(loop_);
    turn_around();
    const int rings = rung_.ran.count();
    alarm_.set(now());
    EXPECT_TRUE(rung_.ran.wait(rings + 1));
}

}  // namespace
}  // namespace naio
