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

// What all connections do.
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

    // Lets the time pass. Returns the number of starts and ends of pollers meanwhile.
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
        Nanoseconds measured = 0;
    };

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
        const PollerLoad load{.time = time,
                              .busy = busy,
                              .sleeps = work < cycle ? PollerLoad::kManySleeps : 0,
                              .turns = static_cast<std::uint64_t>(turn > 0 ? busy / noisy(turn) : 1),
                              .active = own.active};
        const PollerPolicy::Decision decision = policy_.measured(i, load, now_);
        if (decision.count == 0) return;
        ASSERT_LT(decision.to, policy_.running());
        ASSERT_NE(decision.to, i);
        if (refuses_) return policy_.refused(now_);
        const unsigned parted = std::min(decision.count, own.active);
        own.active -= parted;
        pollers_[decision.to].active += parted;
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

TEST(PollerPolicy, ALoadBetweenTwoNumbersOfPollersChangesLittle) {
    for (unsigned connections = 20; connections < 2000; connections = connections * 5 / 4) {
        for (const Nanoseconds pause : {0, 100, 1000}) {
            Machine machine(8);
            machine.make_noisy(20);
            machine.set(connections, {.pause = pause * kMicrosecond});
            machine.run(1000 * kMillisecond);
            EXPECT_LE(machine.run(20'000 * kMillisecond), 12u) << connections << " " << pause;
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
