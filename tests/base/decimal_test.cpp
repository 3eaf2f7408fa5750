// Tests decimal_at_begin.
#include "base/decimal.h"

#include <gtest/gtest.h>

#include <tuple>

namespace naio {
namespace {

constexpr std::uint64_t kMax = 65535;

TEST(Decimal, ReadsTheDigitsAtTheBegin) {
    for (const auto& [text, value, digits] : {std::tuple{"80", 80u, 2u}, std::tuple{"007x9", 7u, 3u},
                                              std::tuple{"65535", 65535u, 5u}, std::tuple{"0", 0u, 1u}}) {
        const Decimal number = decimal_at_begin(text, kMax);
        EXPECT_EQ(number.value, value) << text;
        EXPECT_EQ(number.digits, digits) << text;
    }
}

TEST(Decimal, ReadsNothingWithoutADigit) {
    for (const char* const text : {"", "x1", "-1", "+1", " 1", "."}) EXPECT_EQ(decimal_at_begin(text, kMax).digits, 0u);
}

TEST(Decimal, ReadsALargerNumberAsOneAboveTheMax) {
    for (const char* const text : {"65536", "99999", "18446744073709551616", "100000000000000000000000000000"}) {
        const Decimal number = decimal_at_begin(text, kMax);
        EXPECT_EQ(number.value, kMax + 1) << text;
        EXPECT_EQ(number.digits, std::string_view(text).size()) << text;
    }
}

}  // namespace
}  // namespace naio
