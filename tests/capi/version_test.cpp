// The calls that need no handle: version, error texts, random numbers.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cerrno>
#include <set>
#include <string>
#include <system_error>

namespace naio {
namespace {

TEST(Version, IsThatOfTheHeader) {
    const std::string numbers = std::to_string(NNG_MAJOR_VERSION) + "." + std::to_string(NNG_MINOR_VERSION) + "." +
                                std::to_string(NNG_PATCH_VERSION);
    EXPECT_EQ(nng_version(), numbers + NNG_RELEASE_SUFFIX);
    EXPECT_STREQ(nng_version(), "2.0.0dev");
}

TEST(Strerror, KnowsOurErrorsAndTheSystems) {
    EXPECT_STRNE(nng_strerror(NNG_ETIMEDOUT), nng_strerror(NNG_ESTOPPED));
    EXPECT_EQ(nng_strerror(static_cast<nng_err>(NNG_ESYSERR | EXDEV)), std::generic_category().message(EXDEV));
    EXPECT_STREQ(nng_strerror(static_cast<nng_err>(NNG_ETRANERR | 7)), "transport error 7");
    EXPECT_STREQ(nng_strerror(static_cast<nng_err>(12345)), "unknown error 12345");
}

TEST(RandomCall, HardlyRepeats) {
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 100; ++i) seen.insert(nng_random());
    EXPECT_GE(seen.size(), 98u);
}

}  // namespace
}  // namespace naio
