// Tests Timer: entries that expire, are moved, are disarmed or block, and the thread on which their tasks run.
#include "time/timer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/test_allocator.h"
#include "support/thread_name.h"

namespace naio {
namespace {

using namespace support;

constexpr Nanoseconds kHour = 3'600'000 * kMillisecond;

// An entry. The timer's client calls the functions that the test sets.
struct Probe : TimerEntry {
    explicit Probe(Timer& owner) : timer(owner) {}
    ~Probe() { timer.disarm(*this); }

    Timer& timer;
    // Called with the timer's lock held.
    std::function<Nanoseconds(Nanoseconds at, Nanoseconds now)> examine = [](Nanoseconds, Nanoseconds) {
        return Timer::kExpire;
    };
    // Called without the lock, on the timer's thread.
    std::function<void()> expire = [] {};
    Event examined;
    Event expired;
};

// A task that an entry submits. It stores the name of the thread that runs it.
struct Job : Task {
    Job()
        : Task([](Task& task) noexcept -> Task* {
              auto& job = static_cast<Job&>(task);
              job.thread = thread_name();
              job.ran.set();
              return nullptr;
          }) {}
    std::string thread;
    Event ran;
};

// A task that calls `before`, and then blocks until go_on is set.
struct Blocker : Task {
    Blocker()
        : Task([](Task& task) noexcept -> Task* {
              auto& self = static_cast<Blocker&>(task);
              self.before();
              self.inside.set();
              EXPECT_TRUE(self.go_on.wait());
              self.ran.set();
              return nullptr;
          }) {}
    std::function<void()> before = [] {};
    Event inside, go_on, ran;
};

class TimerTest : public testing::Test {
  protected:
    TimerTest() { EXPECT_TRUE(workers_.start(allocator_, {2, 2}, "test:task")); }
    ~TimerTest() override {
        stop();
        workers_.stop();
    }

    void start() {
        ASSERT_EQ(timer_.start(), NNG_OK);
        running_ = true;
    }
    void stop() {
        if (running_) timer_.stop();
        running_ = false;
    }

    // Blocks until the timer has dealt with every entry that was due before the call.
    void turn_around() {
        Probe marker(timer_);
        timer_.arm(marker, Timer::kImmediately);
        EXPECT_TRUE(marker.expired.wait());
    }

    TestAllocator allocator_;
    TaskQueue workers_;
    Timer timer_{{.examine =
                      [](TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept {
                          auto& probe = static_cast<Probe&>(entry);
                          const Nanoseconds answer = probe.examine(at, now);
                          probe.examined.set();
                          return answer;
                      },
                  .expire =
                      [](TimerEntry& entry) noexcept {
                          auto& probe = static_cast<Probe&>(entry);
                          probe.expire();
                          probe.expired.set();
                      }},
                 workers_};
    bool running_ = false;
};

// ---- calls of the client

TEST_F(TimerTest, NoEntryIsExaminedBeforeItsTime) {
    start();
    std::deque<Probe> probes;
    while (probes.size() < 20) probes.emplace_back(timer_);
    const Nanoseconds base = now();
    for (std::size_t i = 0; i < probes.size(); ++i) {
        const Nanoseconds deadline = base + static_cast<Nanoseconds>(i) * (kMillisecond + 777'777) + 1;
        probes[i].examine = [deadline](Nanoseconds at, Nanoseconds time) {
            EXPECT_GE(at, deadline);
            EXPECT_LT(at, deadline + kMillisecond);
            EXPECT_GE(time, at);
            EXPECT_GE(now(), time);
            return Timer::kExpire;
        };
        timer_.arm(probes[i], deadline);
    }
    for (Probe& probe : probes) EXPECT_TRUE(probe.expired.wait());
    for (Probe& probe : probes) EXPECT_EQ(probe.examined.count(), 1);
}

TEST_F(TimerTest, AnEntryForThePastExpiresAtOnce) {
    start();
    Probe past(timer_), zero(timer_);
    zero.examine = [](Nanoseconds at, Nanoseconds) {
        EXPECT_EQ(at, Timer::kImmediately);
        return Timer::kExpire;
    };
    timer_.arm(past, Nanoseconds{1});
    timer_.arm(zero, Timer::kImmediately);
    EXPECT_TRUE(past.expired.wait());
    EXPECT_TRUE(zero.expired.wait());
}

TEST_F(TimerTest, ADroppedEntryDoesNotExpireAndMayBeArmedAgain) {
    start();
    Probe probe(timer_);
    probe.examine = [](Nanoseconds, Nanoseconds) { return kNever; };
    timer_.arm(probe, now());
    EXPECT_TRUE(probe.examined.wait());
    turn_around();
    EXPECT_EQ(probe.examined.count(), 1);
    EXPECT_EQ(probe.expired.count(), 0);
    EXPECT_EQ(probe.tick(), kNoTick);
    probe.examine = [](Nanoseconds, Nanoseconds) { return Timer::kExpire; };
    timer_.arm(probe, now());
    EXPECT_TRUE(probe.expired.wait());
}

TEST_F(TimerTest, AKeptEntryComesAgainAtItsLaterTime) {
    start();
    Probe probe(timer_);
    const Nanoseconds first = now() + kMillisecond;
    probe.examine = [&](Nanoseconds at, Nanoseconds) {
        const int times = probe.examined.count();
        EXPECT_GE(at, first + times * kMillisecond);
        return times < 5 ? first + (times + 1) * kMillisecond : Timer::kExpire;
    };
    timer_.arm(probe, first);
    EXPECT_TRUE(probe.expired.wait());
    EXPECT_EQ(probe.examined.count(), 6);
}

TEST_F(TimerTest, ExpireMayArmAndDisarm) {
    start();
    Probe again(timer_), other(timer_);
    again.expire = [&] {
        timer_.disarm(other);
        if (again.expired.count() < 9) timer_.arm(again, now());
    };
    timer_.arm(other, now() + kHour);
    timer_.arm(again, now());
    EXPECT_TRUE(again.expired.wait(10));
    turn_around();
    EXPECT_EQ(again.examined.count(), 10);
    EXPECT_EQ(other.tick(), kNoTick);
}

TEST_F(TimerTest, TheTasksOfAFewEntriesRunOnTheTimersThread) {
    // The timer's thread runs tasks only while its loop has a follower. So the test repeats until this thread has run
    // the tasks of all three entries.
    for (bool there = false; !there;) {
        std::deque<Probe> probes;
        while (probes.size() < 3) probes.emplace_back(timer_);
        std::deque<Job> jobs(probes.size());
        for (std::size_t i = 0; i < probes.size(); ++i) {
            probes[i].expire = [&, i] { workers_.submit(jobs[i]); };
            timer_.arm(probes[i], now());
        }
        if (!running_) start();
        there = true;
        for (Job& job : jobs) {
            EXPECT_TRUE(job.ran.wait());
            there = there && job.thread == "naio:timer";
        }
    }
}

TEST_F(TimerTest, TheTasksOfABurstRunOnTheWorkers) {
    constexpr std::size_t kEntries = 1000;
    std::deque<Probe> probes;
    while (probes.size() < kEntries) probes.emplace_back(timer_);
    std::deque<Job> jobs(kEntries);
    for (std::size_t i = 0; i < kEntries; ++i) {
        if (i % 2 == 0) probes[i].expire = [&, i] { workers_.submit(jobs[i]); };
        timer_.arm(probes[i], now() - kMillisecond);
    }
    start();
    for (Probe& probe : probes) EXPECT_TRUE(probe.expired.wait());
    std::size_t by_workers = 0;
    for (std::size_t i = 0; i < kEntries; i += 2) {
        EXPECT_TRUE(jobs[i].ran.wait());
        if (jobs[i].thread == "test:task") ++by_workers;
    }
    stop();
    for (Probe& probe : probes) EXPECT_EQ(probe.expired.count(), 1);
    for (std::size_t i = 0; i < kEntries; ++i) EXPECT_EQ(jobs[i].ran.count(), i % 2 == 0 ? 1 : 0);
    EXPECT_GE(by_workers, kEntries / 4);
}

TEST_F(TimerTest, TheTasksOfManyEntriesThatExpireAloneRunOnTheWorkers) {
    constexpr std::size_t kEntries = 100;
    std::deque<Probe> probes;
    while (probes.size() < kEntries) probes.emplace_back(timer_);
    std::deque<Job> jobs(kEntries);
    for (std::size_t i = 0; i < kEntries; ++i) {
        probes[i].examine = [](Nanoseconds, Nanoseconds) { return Timer::kExpireAlone; };
        probes[i].expire = [&, i] { workers_.submit(jobs[i]); };
        timer_.arm(probes[i], now() - kMillisecond);
    }
    start();
    std::size_t by_workers = 0;
    for (Job& job : jobs) {
        EXPECT_TRUE(job.ran.wait());
        if (job.thread == "test:task") ++by_workers;
    }
    stop();
    for (Probe& probe : probes) EXPECT_EQ(probe.expired.count(), 1);
    EXPECT_GE(by_workers, kEntries - 1);
}

TEST_F(TimerTest, AnEntryThatExpiresAloneFindsAllEarlierTasksWithTheWorkers) {
    Probe first(timer_), alone(timer_), last(timer_);
    Job job, another;
    first.expire = [&] { workers_.submit(job); };
    alone.examine = [](Nanoseconds, Nanoseconds) { return Timer::kExpireAlone; };
    alone.expire = [&] {
        EXPECT_TRUE(job.ran.wait());
        EXPECT_EQ(last.examined.count(), 0);
    };
    last.expire = [&] { workers_.submit(another); };
    const Nanoseconds at = now() + kMillisecond;
    for (Probe* probe : {&first, &alone, &last}) timer_.arm(*probe, at);
    start();
    EXPECT_TRUE(last.expired.wait());
    EXPECT_TRUE(another.ran.wait());
}

TEST_F(TimerTest, AFunctionThatAnEntryCallsMayWaitForItsOwnTask) {
    Probe alone(timer_);
    Job job;
    alone.examine = [](Nanoseconds, Nanoseconds) { return Timer::kExpireAlone; };
    alone.expire = [&] {
        const CallOut from_here;
        workers_.submit(job);
        EXPECT_TRUE(job.ran.wait());
    };
    timer_.arm(alone, now());
    start();
    EXPECT_TRUE(alone.expired.wait());
}

TEST_F(TimerTest, ATaskThatBlocksHoldsNoOtherEntryUp) {
    start();
    Blocker blocker;
    Probe first(timer_), second(timer_);
    first.expire = [&] { workers_.submit(blocker); };
    timer_.arm(first, now());
    EXPECT_TRUE(blocker.inside.wait());
    timer_.arm(second, now());
    EXPECT_TRUE(second.expired.wait());
    blocker.go_on.set();
    EXPECT_TRUE(blocker.ran.wait());
}

// The second entry is armed before the task begins, and becomes due while the task blocks.
TEST_F(TimerTest, ATaskThatBlocksHoldsNoEntryUpThatWasArmedBefore) {
    start();
    for (const Nanoseconds later : {kMillisecond / 10, kMillisecond, 20 * kMillisecond}) {
        Blocker blocker;
        Probe first(timer_), second(timer_);
        first.expire = [&] { workers_.submit(blocker); };
        const Nanoseconds at = now() + 5 * kMillisecond;
        timer_.arm(second, at + later);
        timer_.arm(first, at);
        EXPECT_TRUE(blocker.inside.wait());
        EXPECT_TRUE(second.expired.wait());
        blocker.go_on.set();
        EXPECT_TRUE(blocker.ran.wait());
    }
}

TEST_F(TimerTest, ATaskThatBlocksHoldsNoTaskUpThatItHasSubmitted) {
    start();
    for (int i = 0; i < 5; ++i) {
        Blocker blocker;
        Job job;
        blocker.before = [&] { workers_.submit(job); };
        Probe probe(timer_);
        probe.expire = [&] { workers_.submit(blocker); };
        timer_.arm(probe, now() + 5 * kMillisecond);
        EXPECT_TRUE(blocker.inside.wait());
        EXPECT_TRUE(job.ran.wait());
        blocker.go_on.set();
        EXPECT_TRUE(blocker.ran.wait());
    }
}

// ---- arm and disarm

TEST_F(TimerTest, AnEntryIsMovedOnlyToAnEarlierTime) {
    Probe probe(timer_);
    const Nanoseconds base = now() + kHour;
    EXPECT_FALSE(probe.leads_to(kNever - 1));
    timer_.arm(probe, base);
    const Tick first = probe.tick();
    EXPECT_TRUE(probe.leads_to(base));
    EXPECT_TRUE(probe.leads_to(base + kHour));
    EXPECT_FALSE(probe.leads_to(base - kMillisecond));
    timer_.arm(probe, base + kHour);
    EXPECT_EQ(probe.tick(), first);
    timer_.arm(probe, base - kMillisecond);
    EXPECT_LT(probe.tick(), first);
    timer_.disarm(probe);
    EXPECT_EQ(probe.tick(), kNoTick);
    timer_.disarm(probe);
}

TEST_F(TimerTest, AnEarlierDeadlineDoesNotWaitForALaterOne) {
    start();
    Probe far(timer_), near(timer_);
    timer_.arm(far, now() + kHour);
    turn_around();
    timer_.arm(near, now() + kMillisecond);
    EXPECT_TRUE(near.expired.wait());
    EXPECT_EQ(far.examined.count(), 0);
    timer_.arm(far, now() + kMillisecond);
    EXPECT_TRUE(far.expired.wait());
}

TEST_F(TimerTest, ALaterDeadlineDoesNotPutOffAnEarlierOne) {
    start();
    Probe near(timer_), far(timer_);
    timer_.arm(near, now() + 2 * kMillisecond);
    timer_.arm(far, now() + kHour);
    EXPECT_TRUE(near.expired.wait());
    EXPECT_EQ(far.examined.count(), 0);
}

TEST_F(TimerTest, ALaterDeadlineFollowsWhenTheEarlierOneIsGone) {
    start();
    Probe first(timer_), second(timer_);
    timer_.arm(first, now() + 2 * kMillisecond);
    timer_.arm(second, now() + 4 * kMillisecond);
    timer_.disarm(first);
    EXPECT_TRUE(second.expired.wait());
    EXPECT_EQ(first.examined.count(), 0);
}

TEST_F(TimerTest, ADisarmedEntryIsNotTouched) {
    start();
    for (int i = 0; i < 1000; ++i) {
        Probe probe(timer_);
        probe.examine = [](Nanoseconds, Nanoseconds) { return kNever; };
        timer_.arm(probe, now() + i % 100 * 1000);
        timer_.disarm(probe);
    }
    turn_around();
}

// ---- start and stop

TEST_F(TimerTest, EntriesArmedWhileItIsDownComeAfterTheStart) {
    Probe past(timer_), soon(timer_), disarmed(timer_), later(timer_);
    timer_.arm(past, now() - kMillisecond);
    timer_.arm(soon, now() + kMillisecond);
    timer_.arm(disarmed, now() - kMillisecond);
    timer_.arm(later, now() + kHour);
    timer_.disarm(disarmed);
    start();
    EXPECT_TRUE(past.expired.wait());
    EXPECT_TRUE(soon.expired.wait());
    EXPECT_EQ(disarmed.examined.count(), 0);
    EXPECT_EQ(later.examined.count(), 0);
}

TEST_F(TimerTest, EntriesOutliveAStop) {
    Probe far(timer_);
    start();
    timer_.arm(far, now() + kHour);
    for (int i = 0; i < 50; ++i) {
        Probe before(timer_), down(timer_), up(timer_);
        timer_.arm(before, now() + i % 3 * kMillisecond / 4);
        stop();
        timer_.arm(down, now());
        start();
        timer_.arm(up, now());
        EXPECT_TRUE(before.expired.wait());
        EXPECT_TRUE(down.expired.wait());
        EXPECT_TRUE(up.expired.wait());
    }
    EXPECT_EQ(far.examined.count(), 0);
}

TEST_F(TimerTest, NothingExpiresAfterAStop) {
    start();
    Probe probe(timer_);
    timer_.arm(probe, now() + kHour);
    stop();
    timer_.arm(probe, now());
    EXPECT_EQ(probe.examined.count(), 0);
}

// ---- from several threads

TEST_F(TimerTest, AnyThreadMayArmAndDisarmAtAnyTime) {
    constexpr int kThreads = 3;
    constexpr int kRounds = 100'000;
    constexpr std::size_t kEntries = 50;  // entries of each thread
    struct Entry : Probe {
        using Probe::Probe;
        std::atomic<bool> armed{false};
    };
    std::deque<Entry> entries;
    while (entries.size() < kThreads * kEntries) entries.emplace_back(timer_);
    for (Entry& entry : entries)
        entry.examine = [&entry](Nanoseconds at, Nanoseconds time) -> Nanoseconds {
            EXPECT_TRUE(entry.armed) << "an entry is examined after it was disarmed";
            EXPECT_LE(at, time);
            switch (at >> kTickBits & 3) {
                case 0:
                    return kNever;
                case 1:
                    return time + kMillisecond / 8;
                default:
                    return Timer::kExpire;
            }
        };
    start();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t)
        threads.emplace_back([&, t] {
            std::mt19937 random(static_cast<unsigned>(t));
            for (int i = 0; i < kRounds; ++i) {
                Entry& entry = entries[t * kEntries + random() % kEntries];
                if (random() % 4 == 0) {
                    timer_.disarm(entry);
                    entry.armed = false;
                } else {
                    entry.armed = true;
                    timer_.arm(entry, now() + static_cast<Nanoseconds>(random() % 100'000));
                }
            }
        });
    for (std::thread& thread : threads) thread.join();
    // The timer examines each entry that is armed now, no matter which calls came before.
    for (Entry& entry : entries) {
        timer_.disarm(entry);
        entry.armed = true;
        const int before = entry.examined.count();
        timer_.arm(entry, now());
        EXPECT_TRUE(entry.examined.wait(before + 1));
    }
    stop();
}

// A start sets the state, then reads the link. The timer clears the link, then reads the state. So at least one of them
// sees the other, and the timer does not drop an entry on which a start relies.
TEST_F(TimerTest, AStartThatSeesALinkIsSeenByTheTimer) {
    struct Operation : Probe {
        using Probe::Probe;
        std::atomic<bool> pending{false};
        std::atomic<Nanoseconds> deadline{0};
    };
    Operation operation(timer_);
    operation.examine = [&](Nanoseconds, Nanoseconds time) -> Nanoseconds {
        if (!operation.pending) return kNever;
        if (operation.deadline > time) return operation.deadline;
        operation.pending = false;
        return Timer::kExpire;
    };
    start();
    std::mt19937 random(1);
    constexpr int kRounds = 10'000;
    for (int round = 1; round <= kRounds && !HasFailure(); ++round) {
        // An earlier operation, which is over, has left a link.
        timer_.arm(operation, now());
        // The next operation begins at about the moment when the timer examines that link.
        for (const Nanoseconds begin = now() + static_cast<Nanoseconds>(random() % 60'000); now() < begin;) {
        }
        operation.deadline = now() + kMillisecond / 10;
        operation.pending = true;
        if (!operation.leads_to(operation.deadline)) timer_.arm(operation, operation.deadline);
        ASSERT_TRUE(operation.expired.wait(round)) << "the timer has dropped an operation in flight";
    }
    stop();
}

}  // namespace
}  // namespace naio
