// Tests the texts of error codes.
#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace naio {
namespace {

TEST(ErrorText, EveryCodeHasATextOfItsOwn) {
    std::set<std::string> texts;
    int codes = 0;
    const auto add = [&](int code) {
        texts.insert(error_text(code));
        ++codes;
        EXPECT_EQ(error_text(code), error_text(code)) << "not a constant: " << code;
        EXPECT_EQ(std::string(error_text(code)).find("Unknown"), std::string::npos) << code;
    };
    for (int code = NNG_OK; code <= NNG_EPEERAUTH; ++code) add(code);
    for (const int code : {NNG_EBADTYPE, NNG_ECONNSHUT, NNG_ESTOPPED, NNG_EINTERNAL, NNG_ESYSERR, NNG_ETRANERR})
        add(code);
    EXPECT_EQ(texts.size(), static_cast<std::size_t>(codes));
}

// The words of NNG 1.11 and of NNG 2.0-dev.
TEST(ErrorText, EveryErrorHasTheWordsOfNng) {
    const std::pair<nng_err, const char*> words[] = {
        {NNG_EINTR, "Interrupted"},
        {NNG_ENOMEM, "Out of memory"},
        {NNG_EINVAL, "Invalid argument"},
        {NNG_EBUSY, "Resource busy"},
        {NNG_ETIMEDOUT, "Timed out"},
        {NNG_ECONNREFUSED, "Connection refused"},
        {NNG_ECLOSED, "Object closed"},
        {NNG_EAGAIN, "Try again"},
        {NNG_ENOTSUP, "Not supported"},
        {NNG_EADDRINUSE, "Address in use"},
        {NNG_ESTATE, "Incorrect state"},
        {NNG_ENOENT, "Entry not found"},
        {NNG_EPROTO, "Protocol error"},
        {NNG_EUNREACHABLE, "Destination unreachable"},
        {NNG_EADDRINVAL, "Address invalid"},
        {NNG_EPERM, "Permission denied"},
        {NNG_EMSGSIZE, "Message too large"},
        {NNG_ECONNABORTED, "Connection aborted"},
        {NNG_ECONNRESET, "Connection reset"},
        {NNG_ECANCELED, "Operation canceled"},
        {NNG_ENOFILES, "Out of files"},
        {NNG_ENOSPC, "Out of space"},
        {NNG_EEXIST, "Resource already exists"},
        {NNG_EREADONLY, "Read only resource"},
        {NNG_EWRITEONLY, "Write only resource"},
        {NNG_ECRYPTO, "Cryptographic error"},
        {NNG_EPEERAUTH, "Peer could not be authenticated"},
        {NNG_EBADTYPE, "Incorrect type"},
        {NNG_ECONNSHUT, "Connection shutdown"},
        {NNG_ESTOPPED, "Operation stopped"},
        {NNG_EINTERNAL, "Internal error detected"},
    };
    for (const auto& [code, text] : words) EXPECT_STREQ(error_text(code), text) << code;
    EXPECT_STREQ(error_text(NNG_OK), "Success") << "NNG's words for it do not say what happened";
}

TEST(ErrorText, ErrorsOfTheSystemHaveItsTexts) {
    for (const int number : {EPERM, ENOENT, EPIPE, EXDEV})
        EXPECT_EQ(error_text(NNG_ESYSERR | number), std::generic_category().message(number));
}

TEST(ErrorText, OtherNumbersAreSpelledOut) {
    EXPECT_STREQ(error_text(NNG_ETRANERR | 42), "Transport error #42");
    for (const int code : {28, 29, 32, 1001, NNG_ESYSERR - 1, 0x3000'0001, 0x4000'0000, -1}) {
        const std::string text = error_text(code);
        EXPECT_EQ(text, "Unknown error #" + std::to_string(code));
    }
}

TEST(ErrorText, ErrorsTheSystemDoesNotKnowHaveTheirNumber) {
    EXPECT_NE(std::string(error_text(NNG_ESYSERR | 54321)).find("54321"), std::string::npos);
}

TEST(ErrorText, ThreadsDoNotShareTheBuffer) {
    const char* mine = error_text(NNG_ETRANERR | 1);
    std::thread([mine] { EXPECT_NE(error_text(NNG_ETRANERR | 2), mine); }).join();
    EXPECT_STREQ(mine, "Transport error #1");
}

}  // namespace
}  // namespace naio
