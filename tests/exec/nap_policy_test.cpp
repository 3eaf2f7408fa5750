// Tests NapPolicy: which waits begin with a nap.
#include "exec/nap_policy.h"

#include <gtest/gtest.h>

namespace naio {
namespace {

// Makes a wait that ends inside a task. Returns true if the wait began with a nap. `during`: the wait ended during the
// nap.
bool nap_of_a_wait(NapPolicy& policy, bool during) {
    const bool naps = policy.wait_begins();
    if (naps) policy.nap_ends(during);
    policy.wait_ends(true);
    return naps;
}

// Returns the number of waits without a nap until the next wait with one. That wait outlasts its nap.
unsigned waits_without(NapPolicy& policy) {
    unsigned waits = 0;
    while (!nap_of_a_wait(policy, false)) ++waits;
    return waits;
}

TEST(NapPolicyTest, TheFirstWaitIsWithoutANap) {
    NapPolicy policy;
    EXPECT_FALSE(policy.wait_begins());
}

TEST(NapPolicyTest, AWaitNapsIfTheOneBeforeHasEndedInATask) {
    NapPolicy policy;
    policy.wait_ends(true);
    EXPECT_TRUE(nap_of_a_wait(policy, true));
    EXPECT_TRUE(nap_of_a_wait(policy, true));
    policy.wait_ends(false);
    EXPECT_FALSE(policy.wait_begins());
}

TEST(NapPolicyTest, NapsThatAreTooShortBecomeRare) {
    NapPolicy policy;
    policy.wait_ends(true);
    EXPECT_EQ(waits_without(policy), 0u);
    for (unsigned without = 1; without < NapPolicy::kMaxLeftOut; without = 2 * without + 1)
        EXPECT_EQ(waits_without(policy), without);
    EXPECT_EQ(waits_without(policy), NapPolicy::kMaxLeftOut);
    EXPECT_EQ(waits_without(policy), NapPolicy::kMaxLeftOut);
}

TEST(NapPolicyTest, ANapThatIsLongEnoughIsFollowedByMore) {
    NapPolicy policy;
    policy.wait_ends(true);
    EXPECT_EQ(waits_without(policy), 0u);
    EXPECT_EQ(waits_without(policy), 1u);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(nap_of_a_wait(policy, true));
    EXPECT_TRUE(nap_of_a_wait(policy, true));
    EXPECT_TRUE(nap_of_a_wait(policy, true));
}

}  // namespace
}  // namespace naio
