// Tests naio::result, its error codes and its sets of types.
#include <gtest/gtest.h>

#include <cerrno>
#include <naio/result.hpp>
#include <type_traits>

namespace cpp {
namespace {

using naio::cancel;

static_assert(naio::bits(cancel::terminal) == NAIO_CANCEL_TERMINAL);
static_assert(naio::bits(cancel::partial) == NAIO_CANCEL_PARTIAL);
static_assert(naio::bits(cancel::total) == NAIO_CANCEL_TOTAL);
static_assert(naio::bits(cancel::all) == NAIO_CANCEL_ALL);
static_assert(!std::is_convertible_v<naio::result, bool>);

TEST(Result, IsTrueWithoutAnError) {
    EXPECT_TRUE(naio::result{});
    EXPECT_FALSE(naio::result{NNG_ECANCELED});
}

TEST(Result, OrThrowReturnsTheCountWithoutAnError) {
    const naio::result four{.count = 4};
    EXPECT_EQ(four.or_throw(), 4u);
}

TEST(Result, OrThrowThrowsASystemErrorWithTheTextOfTheError) {
    const naio::result timed_out{NNG_ETIMEDOUT};
    try {
        timed_out.or_throw();
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), naio::error_code(NNG_ETIMEDOUT));
        EXPECT_STREQ(error.code().category().name(), "naio");
        EXPECT_EQ(error.code().message(), nng_strerror(NNG_ETIMEDOUT));
    }
}

TEST(ErrorCode, ComparesEqualToTheConditionThatTheStandardLibraryKnows) {
    EXPECT_EQ(naio::error_code(NNG_ETIMEDOUT), std::errc::timed_out);
    EXPECT_EQ(naio::error_code(NNG_ECANCELED), std::errc::operation_canceled);
    EXPECT_EQ(naio::error_code(static_cast<nng_err>(NNG_ESYSERR | EPIPE)), std::errc::broken_pipe);
    EXPECT_NE(naio::error_code(NNG_ESTOPPED), std::errc::operation_canceled);
}

TEST(ErrorCode, IsFalseForSuccessAlone) {
    EXPECT_FALSE(naio::error_code(NNG_OK));
    EXPECT_TRUE(naio::error_code(NNG_ESTOPPED));
}

TEST(CancelTypes, AreCombinedAndTestedAsSets) {
    cancel types = cancel::partial | cancel::total;
    EXPECT_TRUE(any(types & cancel::total));
    EXPECT_FALSE(any(types & cancel::terminal));
    types &= ~cancel::total;
    EXPECT_EQ(types, cancel::partial);
    types |= cancel::terminal;
    EXPECT_EQ(naio::bits(types), NAIO_CANCEL_PARTIAL | NAIO_CANCEL_TERMINAL);
}

}  // namespace
}  // namespace cpp
