// Tests how the parameters of nng_init become limits. The numbers of threads that they lead to are tested in
// conformance.
#include "runtime/parameters.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace naio {
namespace {

unsigned max_pollers_for(std::int16_t max) {
    nng_init_params given{};
    given.max_poller_threads = max;
    Parameters parameters{};
    EXPECT_TRUE(Parameters::read(given, parameters));
    EXPECT_EQ(parameters.fixed_pollers, 0u);
    return parameters.max_pollers;
}

TEST(Parameters, LimitThePollersToEightWithoutAMaximum) { EXPECT_EQ(max_pollers_for(0), 8u); }

TEST(Parameters, LimitThePollersToTheMaximum) {
    EXPECT_EQ(max_pollers_for(1), 1u);
    EXPECT_EQ(max_pollers_for(12), 12u);
}

TEST(Parameters, LiftTheLimitOfPollersWithANegativeMaximum) {
    constexpr unsigned kNone = std::numeric_limits<unsigned>::max();
    EXPECT_EQ(max_pollers_for(-1), kNone);
    EXPECT_EQ(max_pollers_for(INT16_MIN), kNone);
}

}  // namespace
}  // namespace naio
