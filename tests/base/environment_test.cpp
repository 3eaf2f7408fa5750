// Tests how values of environment variables are read.
#include "base/environment.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>

namespace naio {
namespace {

TEST(SecondsInText, AreWholeOrHaveAFraction) {
    EXPECT_EQ(seconds_in("5"), 5 * kSecond);
    EXPECT_EQ(seconds_in("0"), 0);
    EXPECT_EQ(seconds_in("0.5"), kSecond / 2);
    EXPECT_EQ(seconds_in("12.034"), 12'034 * kMillisecond);
    EXPECT_EQ(seconds_in("0.000000001"), 1);
    EXPECT_EQ(seconds_in("0.0000000019999999999999999999999"), 1);
    EXPECT_EQ(seconds_in("1000000000"), 1'000'000'000 * kSecond);
}

TEST(SecondsInText, AreNothingElse) {
    for (const char* const text : {"", " 5", "5 ", "5s", "-5", "+5", "0,5", ".5", "5.", "5..5", "0.-5", "5e0", "0x5",
                                   "inf", "nan", "soon", "1000000001", "99999999999999999999"})
        EXPECT_FALSE(seconds_in(text)) << text;
}

TEST(SecondsInText, HaveAPointInEveryLocale) {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    // These locales have a decimal comma. A machine may lack some or all of them.
    for (const char* const name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE.ISO8859-1", "fr_FR.ISO8859-1"}) {
        if (std::setlocale(LC_NUMERIC, name) == nullptr) continue;
        EXPECT_EQ(seconds_in("0.5"), kSecond / 2) << name;
        EXPECT_FALSE(seconds_in("0,5")) << name;
    }
    std::setlocale(LC_NUMERIC, before.c_str());
}

}  // namespace
}  // namespace naio
