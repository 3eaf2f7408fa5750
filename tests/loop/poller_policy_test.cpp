// Tests PollerPolicy on simulated machines with up to 64 processors. A machine has connections that each ask for work
// again some time after the last answer, and a poller for each of its processors at most.
#include "loop/poller_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace naio {
namespace {

constexpr Nanoseconds kMicrosecond = 1000;

// The load of each connection.
struct Traffic {
    Nanoseconds cost = 5 * kMicrosecond;  // of the work for one request
    Nanoseconds pause = 0;                // of a connection between an answer and the next request
};

class Machine {
  public:
    explicit Machine(unsigned processors) { policy_.reset(processors); }

    void set(unsigned connections, Traffic traffic) {
        traffic_ = traffic;
        unsigned now = all();
        for (unsigned i = 0; now < connections; i = (i + 1) % policy_.running(), ++now) ++pollers_[i].active;
        for (Simulated& each : pollers_)
            for (; now > connections && each.active > 0; --now) --each.active;
    }

    void put_all_on(unsigned poller) {
        const unsigned connections = all();
        for (Simulated& each : pollers_) each.active = 0;
        pollers_[poller].active = connections;
    }

    // Puts this many connections on one of two pollers, and the others on the other one.
    void put_on(unsigned poller, unsigned connections) {
        put_all_on(1 - poller);
        pollers_[1 - poller].active -= connections;
        pollers_[poller].active = connections;
    }

    // Lets the time pass. Returns the number of starts and ends of pollers in that time.
    unsigned run(Nanoseconds time) {
        unsigned changes = 0;
        for (const Nanoseconds end = now_ + time; now_ < end; now_ += PollerPolicy::period()) {
            for (unsigned i = 0; i < PollerPolicy::kMax; ++i) {
                const unsigned before = policy_.running();
                if (is_awake(i)) measure(i);
                changes += policy_.running() != before;
            }
        }
        return changes;
    }

    // Lets the time pass until `n` pollers run, a second at most. Returns the time.
    Nanoseconds run_until(unsigned n) {
        const Nanoseconds begin = now_;
        while (running() != n && now_ - begin < 1000 * kMillisecond) run(PollerPolicy::period());
        return now_ - begin;
    }

    [[nodiscard]] const PollerPolicy& policy() const { return policy_; }
    [[nodiscard]] unsigned running() const { return policy_.running(); }
    [[nodiscard]] bool has_rested(unsigned poller) const { return policy_.has_rested(poller, now_); }
    [[nodiscard]] unsigned active(unsigned poller) const { return pollers_[poller].active; }
    [[nodiscard]] unsigned all() const {
        unsigned sum = 0;
        for (const Simulated& each : pollers_) sum += each.active;
        return sum;
    }
    void refuse() { refuses_ = true; }
    // Makes each measured time wrong by up to this part of it, in percent.
    void make_noisy(int percent) { noise_ = percent; }

  private:
    struct Simulated {
        unsigned active = 0;
        unsigned left = 0;  // the connections that are still to be given to `heir`
        unsigned heir = 0;
        Nanoseconds measured = 0;
        Nanoseconds pass_begin = 0;
    };

    static constexpr unsigned kGivenPerPeriod = 1000;

    [[nodiscard]] bool is_awake(unsigned i) const {
        const Nanoseconds since = now_ - pollers_[i].measured;
        if (pollers_[i].active != 0) return true;
        return i != 0 && i < policy_.running() && since >= PollerPolicy::kReview;
    }

    // A poller with a request of every connection at each turn has no time left. With pauses, turns are shorter.
    void measure(unsigned i) {
        Simulated& own = pollers_[i];
        const Nanoseconds time = now_ - std::exchange(own.measured, now_);
        const Nanoseconds work = own.active * traffic_.cost;
        const Nanoseconds cycle = std::max(work, traffic_.cost + traffic_.pause);
        const Nanoseconds turn = std::max(work - traffic_.pause, std::min(work, traffic_.cost));
        const Nanoseconds busy = std::min(noisy(time * work / cycle), time);
        give(own);
        const bool is_pass_over = now_ - own.pass_begin >= 2 * cycle;
        if (is_pass_over) own.pass_begin = now_;
        const PollerLoad load{.time = time,
                              .busy = busy,
                              .sleeps = work < cycle ? PollerLoad::kManySleeps : 0,
                              .turns = static_cast<std::uint64_t>(turn > 0 ? busy / noisy(turn) : 1),
                              .is_giving = own.left != 0,
                              .is_pass_over = is_pass_over,
                              .active = own.active,
                              .work = work};
        const PollerPolicy::Decision decision = policy_.measured(i, load, now_);
        if (decision.count == 0) return;
        ASSERT_LT(decision.to, policy_.running());
        ASSERT_NE(decision.to, i);
        if (refuses_) return policy_.refused(now_);
        own.left = decision.count;
        own.heir = decision.to;
        give(own);
    }

    void give(Simulated& from) {
        const unsigned given = std::min({from.left, from.active, kGivenPerPeriod});
        from.active -= given;
        pollers_[from.heir].active += given;
        if (given != 0) from.pass_begin = pollers_[from.heir].pass_begin = now_;
        from.left = from.active == 0 ? 0 : from.left - given;
    }

    Nanoseconds noisy(Nanoseconds value) {
        const int error = noise_ == 0 ? 0 : static_cast<int>(random_() % (2u * static_cast<unsigned>(noise_))) - noise_;
        return value + value * error / 100;
    }

    PollerPolicy policy_;
    Traffic traffic_;
    std::vector<Simulated> pollers_{PollerPolicy::kMax};
    Nanoseconds now_ = 1000 * kMillisecond;
    bool refuses_ = false;
    int noise_ = 0;
    std::minstd_rand random_{1};
};

TEST(PollerPolicy, KeepsOnePollerForFewConnectionsThatNeverPause) {
    for (const unsigned connections : {1u, 2u}) {
        Machine machine(64);
        machine.set(connections, {});
        machine.run(1000 * kMillisecond);
        EXPECT_EQ(machine.running(), 1u) << connections;
    }
}

TEST(PollerPolicy, APollerThatDoesNotSleepHasNoTimeLeftOnABusyProcessor) {
    PollerPolicy policy;
    policy.reset(4);
    const Nanoseconds period = PollerPolicy::period();
    PollerLoad load{.time = period, .busy = period / 2, .sleeps = 1, .turns = 9, .active = 100};
    EXPECT_EQ(policy.measured(0, load, 1'000 * kMillisecond).count, 0u);
    EXPECT_EQ(policy.measured(0, load, 1'000 * kMillisecond + period).count, 50u);
    policy.reset(4);
    load.sleeps = 9;
    EXPECT_EQ(policy.measured(0, load, 1'000 * kMillisecond).count, 0u);
    EXPECT_EQ(policy.measured(0, load, 1'000 * kMillisecond + period).count, 0u);
}

// Two pollers, of which the first one has no time left and the second one nothing to do.
class TwoPollers {
  public:
    TwoPollers() {
        policy_.reset(2);
        for (int i = 0; i < 2; ++i) decision_ = measured(0, {});
    }

    // Lets the second poller measure that it has nothing to do, and the first one, after a period, that it has no time.
    PollerPolicy::Decision measured(unsigned poller, PollerLoad load) {
        load.time = PollerPolicy::period();
        if (load.active == 0) load.active = 1000;
        load.turns = 1;
        load.sleeps = poller == 0 || load.work != 0 ? 0 : 1;
        load.busy = load.sleeps == 0 ? load.time : 0;
        if (poller == 0) now_ += load.time;
        return policy_.measured(poller, load, now_);
    }

    [[nodiscard]] PollerPolicy::Decision decision() const { return decision_; }
    [[nodiscard]] unsigned running() const { return policy_.running(); }

  private:
    PollerPolicy policy_;
    PollerPolicy::Decision decision_;
    Nanoseconds now_ = 1'000 * kMillisecond;
};

TEST(PollerPolicy, APollerGivesHalfOfAllWatchesBeforeItKnowsTheActiveOnes) {
    PollerPolicy policy;
    policy.reset(2);
    const Nanoseconds period = PollerPolicy::period();
    const PollerLoad load{.time = period, .busy = period, .turns = 1, .is_pass_over = false, .active = 20'000};
    EXPECT_EQ(policy.measured(0, load, 1'000 * kMillisecond).count, 0u);
    EXPECT_EQ(policy.measured(0, load, 1'000 * kMillisecond + period).count, 10'000u);
}

TEST(PollerPolicy, EvensOutOnlyWhenThePollerKnowsItsActiveWatches) {
    TwoPollers pollers;
    EXPECT_EQ(pollers.decision().count, 500u);
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(pollers.measured(1, {}));
        EXPECT_EQ(pollers.measured(0, {.is_pass_over = false}).count, 0u);
    }
    EXPECT_EQ(pollers.measured(0, {.is_pass_over = true}).count, 500u);
}

// If the second poller has no time left either, the numbers of watches and their work tell whether watches are moved.
TEST(PollerPolicy, DoesNotMoveTheFewWatchesThatMakeMostOfTheWork) {
    for (const unsigned active : {400u, 600u}) {
        TwoPollers pollers;
        unsigned given = 0;
        for (int i = 0; i < 10 && given == 0; ++i) {
            static_cast<void>(pollers.measured(1, {.active = active, .work = kMillisecond}));
            given = pollers.measured(0, {.work = 100 * kMillisecond}).count;
        }
        EXPECT_EQ(given, active == 400 ? 495u : 0u) << active;
    }
}

// A poller that is being given watches may have nothing to do until the first ones come.
TEST(PollerPolicy, KeepsAPollerThatIsBeingGivenWatches) {
    TwoPollers pollers;
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(pollers.measured(0, {.is_giving = true, .is_pass_over = false}).count, 0u);
        EXPECT_EQ(pollers.measured(1, {}).count, 0u);
    }
    EXPECT_EQ(pollers.running(), 2u);
    for (int i = 0; i < 10 && pollers.running() == 2; ++i) {
        EXPECT_EQ(pollers.measured(0, {.is_pass_over = false}).count, 0u);
        static_cast<void>(pollers.measured(1, {}));
    }
    EXPECT_EQ(pollers.running(), 1u);
}

TEST(PollerPolicy, KeepsOnePollerThatHasTimeLeft) {
    Machine machine(64);
    machine.set(1000, {.pause = 10'000 * kMicrosecond});
    machine.run(1000 * kMillisecond);
    EXPECT_EQ(machine.running(), 1u);
}

TEST(PollerPolicy, StartsASecondPollerWithin50MillisecondsAndGivesItHalf) {
    Machine machine(2);
    machine.run(100 * kMillisecond);
    machine.set(100, {});
    EXPECT_LE(machine.run_until(2), 50 * kMillisecond);
    EXPECT_EQ(machine.active(0), 50u);
    EXPECT_EQ(machine.active(1), 50u);
    EXPECT_EQ(machine.run(10'000 * kMillisecond), 0u) << "goes on to change";
}

TEST(PollerPolicy, UsesEveryProcessorForManyConnections) {
    for (const unsigned processors : {4u, 8u, 16u, 32u, 64u}) {
        Machine machine(processors);
        machine.set(10'000, {});
        EXPECT_LE(machine.run_until(processors), 200 * kMillisecond) << processors;
        machine.run(1000 * kMillisecond);
        for (unsigned i = 0; i < processors; ++i) EXPECT_GT(machine.active(i), 0u) << processors << " " << i;
        EXPECT_EQ(machine.run(10'000 * kMillisecond), 0u) << processors;
        EXPECT_EQ(machine.all(), 10'000u);
    }
}

TEST(PollerPolicy, NeverRunsMoreThanTheLimit) {
    Machine machine(3);
    machine.set(10'000, {});
    machine.run(1000 * kMillisecond);
    EXPECT_EQ(machine.running(), 3u);
}

TEST(PollerPolicy, FewConnectionsWithMuchWorkGetMorePollers) {
    Machine machine(4);
    machine.set(4, {.cost = 200 * kMicrosecond});
    machine.run(200 * kMillisecond);
    EXPECT_EQ(machine.running(), 4u);
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(machine.active(i), 1u) << i;
}

TEST(PollerPolicy, ABusyPeriodIsNoReason) {
    Machine machine(8);
    for (int i = 0; i < 100; ++i) {
        machine.set(1000, {});
        machine.run(PollerPolicy::period());
        machine.set(10, {.pause = 1000 * kMicrosecond});
        machine.run(10 * PollerPolicy::period());
    }
    EXPECT_EQ(machine.running(), 1u);
}

TEST(PollerPolicy, GoesBackToOneWhenTheLoadEnds) {
    for (const unsigned processors : {2u, 8u, 64u}) {
        Machine machine(processors);
        machine.set(10'000, {});
        machine.run(500 * kMillisecond);
        machine.set(0, {});
        machine.run(static_cast<Nanoseconds>(processors) * 100 * kMillisecond);
        EXPECT_EQ(machine.running(), 1u) << processors;
    }
}

TEST(PollerPolicy, GoesBackToOneWithin50MillisecondsWhenOneConnectionIsLeft) {
    Machine machine(2);
    machine.set(1000, {});
    machine.run(500 * kMillisecond);
    machine.set(1, {});
    EXPECT_LE(machine.run_until(1), 50 * kMillisecond);
    EXPECT_EQ(machine.active(0), 1u);
}

TEST(PollerPolicy, EvensOutWhatCameToOnePoller) {
    Machine machine(4);
    machine.set(400, {});
    machine.run(500 * kMillisecond);
    ASSERT_EQ(machine.running(), 4u);
    machine.put_all_on(2);
    machine.run(100 * kMillisecond);
    for (unsigned i = 0; i < 4; ++i) EXPECT_GE(machine.active(i), 20u) << i;
    EXPECT_EQ(machine.all(), 400u);
}

// Both pollers have no time left, but a connection of the first one would wait a hundred times as long.
TEST(PollerPolicy, EvensOutHowLongConnectionsWait) {
    Machine machine(2);
    machine.set(20'000, {});
    machine.run(500 * kMillisecond);
    machine.put_on(1, 200);
    machine.run(2'000 * kMillisecond);
    EXPECT_GE(machine.active(0), 8'000u);
    EXPECT_GE(machine.active(1), 8'000u);
    EXPECT_EQ(machine.run(10'000 * kMillisecond), 0u);
}

// Each time the load falls, a poller is sent to sleep, and each time it rises, one is started. Each of these regrets
// doubles the patience.
TEST(PollerPolicy, DoesNotFollowALoadThatGoesUpAndDown) {
    Machine machine(2);
    unsigned changes = 0;
    for (int i = 0; i < 200; ++i) {
        machine.set(1000, {});
        changes += machine.run(60 * kMillisecond);
        machine.set(1, {});
        changes += machine.run(60 * kMillisecond);
    }
    EXPECT_LE(changes, 20u);
}

// Each end of a poller and the start that regrets it double the patience, from 20 ms to 10 s at most.
TEST(PollerPolicy, ALoadBetweenTwoNumbersOfPollersChangesLittle) {
    for (unsigned connections = 20; connections < 2000; connections = connections * 5 / 4) {
        for (const Nanoseconds pause : {0, 100, 1000}) {
            Machine machine(8);
            machine.make_noisy(20);
            machine.set(connections, {.pause = pause * kMicrosecond});
            machine.run(1000 * kMillisecond);
            EXPECT_LE(machine.run(20'000 * kMillisecond), 18u) << connections << " " << pause;
        }
    }
}

TEST(PollerPolicy, ARampUpAndDownIsFollowed) {
    Machine machine(16);
    unsigned changes = 0;
    for (unsigned connections = 1; connections < 3000; connections += 30) {
        machine.set(connections, {});
        changes += machine.run(40 * kMillisecond);
    }
    EXPECT_EQ(machine.running(), 16u);
    for (unsigned connections = 3000; connections > 30; connections -= 30) {
        machine.set(connections, {});
        changes += machine.run(40 * kMillisecond);
    }
    machine.set(1, {});
    machine.run(5'000 * kMillisecond);
    EXPECT_EQ(machine.running(), 1u);
    EXPECT_LE(changes, 60u);
}

TEST(PollerPolicy, APollerMayEndAfterItHasRestedForASecond) {
    Machine machine(2);
    machine.set(1000, {});
    machine.run(500 * kMillisecond);
    EXPECT_FALSE(machine.has_rested(1)) << "it runs";
    EXPECT_EQ(machine.policy().review(1), PollerPolicy::kReview);
    machine.set(1, {});
    machine.run_until(1);
    EXPECT_FALSE(machine.has_rested(1));
    EXPECT_EQ(machine.policy().review(1), PollerPolicy::kRest);
    machine.run(PollerPolicy::kRest);
    EXPECT_TRUE(machine.has_rested(1));
    EXPECT_FALSE(machine.has_rested(0)) << "the first poller stays";
    EXPECT_EQ(machine.policy().review(0), kNever);
}

TEST(PollerPolicy, TriesARefusedPollerAgainOnlyAfterSomeTime) {
    Machine machine(4);
    machine.refuse();
    machine.set(1000, {});
    EXPECT_LE(machine.run(30'000 * kMillisecond), 12u);
    EXPECT_EQ(machine.running(), 1u);
}

TEST(PollerPolicy, APollerThatSleepsGivesAwayWhatComesLate) {
    PollerPolicy policy;
    policy.reset(4);
    const PollerPolicy::Decision decision =
        policy.measured(2, {.time = 1, .busy = 1, .sleeps = 0, .turns = 1, .active = 1}, 1);
    EXPECT_EQ(decision.to, 0u);
    EXPECT_EQ(decision.count, PollerPolicy::kAll);
}

}  // namespace
}  // namespace naio
