// Tests nng_log_*: levels, facilities and loggers.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <string>
#include <vector>

namespace naio {
namespace {

struct Entry {
    nng_log_level level;
    nng_log_facility facility;
    std::string text;

    bool operator==(const Entry&) const = default;
};

std::vector<Entry>& entries() {
    static std::vector<Entry> instance;
    return instance;
}

class LogCalls : public testing::Test {
  protected:
    void SetUp() override {
        entries().clear();
        nng_log_set_level(NNG_LOG_DEBUG);
        nng_log_set_logger([](nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
            entries().push_back({level, facility, std::string(id) + ": " + text});
        });
    }
    void TearDown() override {
        nng_log_set_logger(nullptr);
        nng_log_set_level(NNG_LOG_NOTICE);
        nng_log_set_facility(NNG_LOG_USER);
    }
};

TEST(LogDefaults, AreNoticeAndSilence) {
    EXPECT_EQ(nng_log_get_level(), NNG_LOG_NOTICE);
    nng_log_err("ID", "there is no logger");
}

TEST_F(LogCalls, LogAtTheLevelTheyAreNamedAfter) {
    nng_log_err("A", "%d", 1);
    nng_log_warn("B", "%d", 2);
    nng_log_notice("C", "%d", 3);
    nng_log_info("D", "%d", 4);
    nng_log_debug("E", "%d", 5);
    const std::vector<Entry> expected{{NNG_LOG_ERR, NNG_LOG_USER, "A: 1"},
                                      {NNG_LOG_WARN, NNG_LOG_USER, "B: 2"},
                                      {NNG_LOG_NOTICE, NNG_LOG_USER, "C: 3"},
                                      {NNG_LOG_INFO, NNG_LOG_USER, "D: 4"},
                                      {NNG_LOG_DEBUG, NNG_LOG_USER, "E: 5"}};
    EXPECT_EQ(entries(), expected);
}

TEST_F(LogCalls, UseTheFacilityThatWasSetExceptForAuth) {
    nng_log_set_facility(NNG_LOG_LOCAL1);
    nng_log_err("A", "x");
    nng_log_auth(NNG_LOG_WARN, "B", "%s", "y");
    const std::vector<Entry> expected{{NNG_LOG_ERR, NNG_LOG_LOCAL1, "A: x"}, {NNG_LOG_WARN, NNG_LOG_AUTH, "B: y"}};
    EXPECT_EQ(entries(), expected);
}

TEST_F(LogCalls, ObserveTheLevel) {
    nng_log_set_level(NNG_LOG_WARN);
    EXPECT_EQ(nng_log_get_level(), NNG_LOG_WARN);
    nng_log_warn("A", "x");
    nng_log_notice("B", "x");
    nng_log_auth(NNG_LOG_NOTICE, "C", "x");
    EXPECT_EQ(entries().size(), 1u);
}

TEST_F(LogCalls, ReachTheLoggersOfTheLibrary) {
    nng_log_set_logger(nng_stderr_logger);
    testing::internal::CaptureStderr();
    nng_log_err("ID", "%s", "on stderr");
    nng_log_err(nullptr, "%s", "anonymous");
    nng_log_set_logger(nng_null_logger);
    nng_log_err("ID", "nowhere");
    nng_log_set_logger(nng_system_logger);
    nng_log_debug("ID", "a test of a log");
    const std::string printed = testing::internal::GetCapturedStderr();
    EXPECT_NE(printed.find("ERROR  ID: on stderr\n"), std::string::npos) << printed;
    EXPECT_NE(printed.find("ERROR  anonymous\n"), std::string::npos) << printed;
    EXPECT_EQ(printed.find("nowhere"), std::string::npos) << printed;
}

}  // namespace
}  // namespace naio
