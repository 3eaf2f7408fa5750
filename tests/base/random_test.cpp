// Tests the library's random numbers.
#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace naio {
namespace {

TEST(Random, UsesEveryBitAndHardlyRepeats) {
    std::set<std::uint32_t> seen;
    std::uint32_t ones = 0;
    std::uint32_t zeros = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::uint32_t number = random_u32();
        seen.insert(number);
        ones |= number;
        zeros |= ~number;
    }
    EXPECT_GE(seen.size(), 990u);
    EXPECT_EQ(ones, UINT32_MAX);
    EXPECT_EQ(zeros, UINT32_MAX);
}

}  // namespace
}  // namespace naio
