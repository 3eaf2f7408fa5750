// Tests SpinPolicy: how often a waiting thread attempts its operation before it sleeps.
#include "exec/spin_policy.h"

#include <gtest/gtest.h>

namespace naio {
namespace {

constexpr unsigned kAlways = kAttemptsBeforeSleep + 1;

// Makes a wait whose attempts fail up to the one with this number, counted from 0, which succeeds. Returns the number
// of attempts that the policy wants before the sleep.
unsigned attempts_of_a_wait(SpinPolicy& policy, unsigned succeeding) {
    if (!policy.wait_begins()) {
        EXPECT_FALSE(policy.attempt_fails()) << "the thread has slept, and sleeps again";
        policy.attempt_succeeds();
        return 0;
    }
    unsigned made = 0;
    for (;;) {
        if (made++ == succeeding) break;
        if (!policy.attempt_fails()) return made;
    }
    policy.attempt_succeeds();
    return made;
}

// Returns the number of waits without an attempt before the next wait with some, all of which fail.
unsigned waits_without(SpinPolicy& policy) {
    unsigned waits = 0;
    while (attempts_of_a_wait(policy, kAlways) == 0) ++waits;
    return waits;
}

TEST(SpinPolicyTest, TheFirstWaitBeginsWithAttempts) {
    SpinPolicy policy;
    EXPECT_EQ(attempts_of_a_wait(policy, kAlways), kAttemptsBeforeSleep);
}

TEST(SpinPolicyTest, AttemptsThatFailBecomeRare) {
    SpinPolicy policy;
    EXPECT_EQ(waits_without(policy), 0u);
    for (unsigned without = 1; without < SpinPolicy::kMaxLeftOut; without = 2 * without + 1)
        EXPECT_EQ(waits_without(policy), without);
    EXPECT_EQ(waits_without(policy), SpinPolicy::kMaxLeftOut);
    EXPECT_EQ(waits_without(policy), SpinPolicy::kMaxLeftOut);
}

TEST(SpinPolicyTest, AttemptsThatSucceedAreFollowedByMore) {
    SpinPolicy policy;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(waits_without(policy), (1u << i) - 1);
    for (unsigned without = 0; attempts_of_a_wait(policy, 1) == 0; ++without) ASSERT_LT(without, 7u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(attempts_of_a_wait(policy, 1), 2u);
    EXPECT_EQ(waits_without(policy), 0u);
    EXPECT_EQ(waits_without(policy), 1u);
}

// The bytes had arrived before the attempt, so another processor need not have been at work.
TEST(SpinPolicyTest, ASuccessInTheFirstAttemptLeavesFailuresRare) {
    SpinPolicy policy;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(waits_without(policy), (1u << i) - 1);
    for (unsigned without = 0; attempts_of_a_wait(policy, 0) == 0; ++without) ASSERT_LT(without, 7u);
    EXPECT_EQ(waits_without(policy), 0u);
    EXPECT_EQ(waits_without(policy), 15u);
}

}  // namespace
}  // namespace naio
