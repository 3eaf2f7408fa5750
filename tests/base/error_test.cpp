// Tests the texts of error codes.
#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <system_error>
#include <thread>

namespace naio {
namespace {

TEST(ErrorText, EveryCodeHasATextOfItsOwn) {
    std::set<std::string> texts;
    int codes = 0;
    const auto add = [&](int code) {
        texts.insert(error_text(code));
        ++codes;
        EXPECT_EQ(error_text(code), error_text(code)) << "not a constant: " << code;
        EXPECT_EQ(std::string(error_text(code)).find("unknown"), std::string::npos) << code;
    };
    for (int code = NNG_OK; code <= NNG_EPEERAUTH; ++code) add(code);
    for (const int code : {NNG_EBADTYPE, NNG_ECONNSHUT, NNG_ESTOPPED, NNG_EINTERNAL, NNG_ESYSERR, NNG_ETRANERR})
        add(code);
    EXPECT_EQ(texts.size(), static_cast<std::size_t>(codes));
}

TEST(ErrorText, ErrorsOfTheSystemHaveItsTexts) {
    for (const int number : {EPERM, ENOENT, EPIPE, EXDEV})
        EXPECT_EQ(error_text(NNG_ESYSERR | number), std::generic_category().message(number));
}

TEST(ErrorText, OtherNumbersAreSpelledOut) {
    EXPECT_STREQ(error_text(NNG_ETRANERR | 42), "transport error 42");
    for (const int code : {28, 29, 32, 1001, NNG_ESYSERR - 1, 0x3000'0001, 0x4000'0000, -1}) {
        const std::string text = error_text(code);
        EXPECT_EQ(text, "unknown error " + std::to_string(code));
    }
}

TEST(ErrorText, ErrorsTheSystemDoesNotKnowHaveTheirNumber) {
    EXPECT_NE(std::string(error_text(NNG_ESYSERR | 54321)).find("54321"), std::string::npos);
}

TEST(ErrorText, ThreadsDoNotShareTheBuffer) {
    const char* mine = error_text(NNG_ETRANERR | 1);
    std::thread([mine] { EXPECT_NE(error_text(NNG_ETRANERR | 2), mine); }).join();
    EXPECT_STREQ(mine, "transport error 1");
}

}  // namespace
}  // namespace naio
