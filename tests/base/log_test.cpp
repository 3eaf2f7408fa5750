// Tests Log: the level, the facility, the logger, and the text that Log passes to the logger.
#include "base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace naio {
namespace {

struct Entry {
    nng_log_level level;
    nng_log_facility facility;
    std::string id;
    std::string text;
};

std::vector<Entry>& entries() {
    static std::vector<Entry> instance;
    return instance;
}

void record(nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
    entries().push_back({level, facility, id != nullptr ? id : "(none)", text});
}

class LogTest : public testing::Test {
  protected:
    LogTest() {
        entries().clear();
        log_.set_logger(record);
    }
    // Returns the text of a message with this format and argument.
    std::string logged(const char* format, const char* argument) {
        log_.print(NNG_LOG_ERR, "ID", format, argument);
        return entries().back().text;
    }

    Log log_;
};

constexpr nng_log_level kLevels[] = {NNG_LOG_ERR, NNG_LOG_WARN, NNG_LOG_NOTICE, NNG_LOG_INFO, NNG_LOG_DEBUG};

TEST(Log, BeginsAtNoticeForUserWithoutALogger) {
    Log log;
    EXPECT_EQ(log.level(), NNG_LOG_NOTICE);
    EXPECT_EQ(log.facility(), NNG_LOG_USER);
    log.print(NNG_LOG_ERR, "ID", "there is no logger");
}

TEST_F(LogTest, FormatsAndHandsOverAllThereIs) {
    log_.set_facility(NNG_LOG_LOCAL3);
    log_.print(NNG_LOG_WARN, "MY-ID", "%d of %s", 7, "nine");
    log_.print(NNG_LOG_WARN, nullptr, "anonymous");
    ASSERT_EQ(entries().size(), 2u);
    EXPECT_EQ(entries()[0].level, NNG_LOG_WARN);
    EXPECT_EQ(entries()[0].facility, NNG_LOG_LOCAL3);
    EXPECT_EQ(entries()[0].id, "MY-ID");
    EXPECT_EQ(entries()[0].text, "7 of nine");
    EXPECT_EQ(entries()[1].id, "(none)");
}

TEST_F(LogTest, PassesOnWhatIsAtLeastAsSevereAsTheLevel) {
    for (const nng_log_level set : kLevels) {
        for (const nng_log_level level : kLevels) {
            entries().clear();
            log_.set_level(set);
            log_.print(level, "ID", "text");
            EXPECT_EQ(entries().size(), level <= set ? 1u : 0u) << set << " " << level;
        }
    }
}

TEST_F(LogTest, NoneIsSilent) {
    log_.set_level(NNG_LOG_NONE);
    for (const nng_log_level level : kLevels) log_.print(level, "ID", "text");
    log_.print(NNG_LOG_NONE, "ID", "text");
    EXPECT_TRUE(entries().empty());
}

TEST_F(LogTest, NothingIsLoggedAtLevelNone) {
    log_.set_level(NNG_LOG_DEBUG);
    log_.print(NNG_LOG_NONE, "ID", "text");
    EXPECT_TRUE(entries().empty());
}

TEST_F(LogTest, NothingIsLoggedForTheKernel) {
    log_.set_facility(static_cast<nng_log_facility>(0));
    log_.print(NNG_LOG_ERR, "ID", "text");
    EXPECT_TRUE(entries().empty());
}

TEST_F(LogTest, NoLoggerIsSilent) {
    log_.set_logger(nullptr);
    log_.print(NNG_LOG_ERR, "ID", "text");
    EXPECT_TRUE(entries().empty());
}

TEST_F(LogTest, LongTextsAreCutAndMarked) {
    const std::string fits(511, 'x');
    EXPECT_EQ(logged("%s", fits.c_str()), fits);
    const std::string too_long(512, 'x');
    EXPECT_EQ(logged("%s", too_long.c_str()), std::string(508, 'x') + "...");
    EXPECT_EQ(logged("%s", std::string(5000, 'x').c_str()), std::string(508, 'x') + "...");
}

TEST_F(LogTest, NoCharacterIsCutInHalf) {
    std::string clef;  // a character of four bytes, 200 times
    for (int i = 0; i < 200; ++i) clef += "\xf0\x9d\x84\x9e";
    for (std::size_t shift = 0; shift < 4; ++shift) {
        const std::string text = logged("%s", (std::string(shift, 'x') + clef).c_str());
        EXPECT_EQ((text.size() - shift - 3) % 4, 0u);
        EXPECT_GE(text.size(), 508u);
        EXPECT_EQ(text.substr(text.size() - 3), "...");
    }
    const std::string nonsense(5000, '\x80');  // nothing but continuation bytes
    EXPECT_EQ(logged("%s", nonsense.c_str()), "...");
}

}  // namespace
}  // namespace naio
