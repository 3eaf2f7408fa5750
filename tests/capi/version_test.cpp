// Tests the functions that need no handle: version, error texts, random numbers.
#include <gtest/gtest.h>
#include <naio/naio.h>

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

TEST(Version, OfTheLibraryIsThatOfItsHeadersAndItsProject) {
    EXPECT_EQ(naio_version(), static_cast<std::uint32_t>(NAIO_VERSION));
    const std::string numbers = std::to_string(NAIO_VERSION_MAJOR) + "." + std::to_string(NAIO_VERSION_MINOR) + "." +
                                std::to_string(NAIO_VERSION_PATCH);
    EXPECT_EQ(numbers, NAIO_PROJECT_VERSION);
}

TEST(Version, AsANumberGrowsWithEachRelease) {
    static_assert(NAIO_VERSION_NUMBER(0, 2, 0) > NAIO_VERSION_NUMBER(0, 1, 99));
    static_assert(NAIO_VERSION_NUMBER(1, 0, 0) > NAIO_VERSION_NUMBER(0, 99, 99));
    static_assert(NAIO_VERSION_NUMBER(1, 2, 3) == 10203);
#if NAIO_VERSION < NAIO_VERSION_NUMBER(0, 2, 0)
#error "the preprocessor cannot compare versions"
#endif
}

TEST(Strerror, KnowsOurErrorsAndTheSystems) {
    EXPECT_STRNE(nng_strerror(NNG_ETIMEDOUT), nng_strerror(NNG_ESTOPPED));
    EXPECT_EQ(nng_strerror(static_cast<nng_err>(NNG_ESYSERR | EXDEV)), std::generic_category().message(EXDEV));
    EXPECT_STREQ(nng_strerror(static_cast<nng_err>(NNG_ETRANERR | 7)), "Transport error #7");
    EXPECT_STREQ(nng_strerror(static_cast<nng_err>(12345)), "Unknown error #12345");
}

TEST(RandomCall, HardlyRepeats) {
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 100; ++i) seen.insert(nng_random());
    EXPECT_GE(seen.size(), 98u);
}

}  // namespace
}  // namespace naio
