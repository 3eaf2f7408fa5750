// Tests the loggers for stderr and syslog.
#include "base/loggers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace naio {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

std::string line(bool colors, nng_log_level level, const char* id, const char* text) {
    char* buffer = nullptr;
    std::size_t size = 0;
    std::FILE* out = ::open_memstream(&buffer, &size);
    // 1970-01-01, 23:59:58.007 UTC
    const system_clock::time_point when{milliseconds(86'398'007)};
    print_log_line(out, colors, when, level, id, text);
    std::fclose(out);
    std::string result(buffer, size);
    std::free(buffer);
    return result;
}

class LogLine : public testing::Test {
  protected:
    void SetUp() override { set_zone("UTC"); }
    static void set_zone(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
};

TEST_F(LogLine, HasTimeLevelIdAndText) {
    EXPECT_EQ(line(false, NNG_LOG_WARN, "ID", "a text"), "23:59:58.007 WARN   ID: a text\n");
    EXPECT_EQ(line(false, NNG_LOG_NOTICE, nullptr, "a text"), "23:59:58.007 NOTICE a text\n");
}

TEST_F(LogLine, HasLocalTime) {
    set_zone("XYZ-3:30");
    EXPECT_EQ(line(false, NNG_LOG_ERR, "ID", "late"), "03:29:58.007 ERROR  ID: late\n");
}

TEST_F(LogLine, IsOneLineForATextThatEndsInANewline) {
    EXPECT_EQ(line(false, NNG_LOG_INFO, "ID", "text\n"), "23:59:58.007 INFO   ID: text\n");
    EXPECT_EQ(line(false, NNG_LOG_INFO, "ID", "\n"), "23:59:58.007 INFO   ID: \n");
    EXPECT_EQ(line(false, NNG_LOG_INFO, "ID", ""), "23:59:58.007 INFO   ID: \n");
}

TEST_F(LogLine, EndsTheColorItBegins) {
    EXPECT_EQ(line(true, NNG_LOG_ERR, "ID", "x"), "\x1b[31m23:59:58.007 ERROR  ID: x\x1b[0m\n");
    EXPECT_EQ(line(true, NNG_LOG_INFO, "ID", "x"), "23:59:58.007 INFO   ID: x\n");
    EXPECT_EQ(line(true, NNG_LOG_DEBUG, "ID", "x"), "\x1b[36m23:59:58.007 DEBUG  ID: x\x1b[0m\n");
    EXPECT_EQ(line(true, NNG_LOG_NONE, "ID", "x"), "23:59:58.007 NONE   ID: x\n");
}

TEST_F(LogLine, SurvivesALevelThatDoesNotExist) {
    EXPECT_EQ(line(true, static_cast<nng_log_level>(1), "ID", "x"), "23:59:58.007 NONE   ID: x\n");
}

class Colors : public testing::Test {
  protected:
    void SetUp() override {
        ::unsetenv("NO_COLOR");
        ::unsetenv("NNG_LOG_NO_COLOR");
        ::setenv("TERM", "xterm", 1);
        terminal_ = ::posix_openpt(O_RDWR | O_NOCTTY);
        ASSERT_GE(terminal_, 0);
    }
    void TearDown() override {
        ::close(terminal_);
        ::unsetenv("NO_COLOR");
        ::unsetenv("NNG_LOG_NO_COLOR");
    }

    int terminal_ = -1;
};

TEST_F(Colors, AreForTerminalsOnly) {
    EXPECT_TRUE(takes_colors(terminal_));
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    EXPECT_FALSE(takes_colors(pipe[1]));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST_F(Colors, NeedATerminalOfSomeKind) {
    ::setenv("TERM", "", 1);
    EXPECT_FALSE(takes_colors(terminal_));
    ::unsetenv("TERM");
    EXPECT_FALSE(takes_colors(terminal_));
}

TEST_F(Colors, CanBeSwitchedOff) {
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(takes_colors(terminal_));
    ::unsetenv("NO_COLOR");
    ::setenv("NNG_LOG_NO_COLOR", "1", 1);
    EXPECT_FALSE(takes_colors(terminal_));
}

TEST(StderrLogger, PrintsALine) {
    testing::internal::CaptureStderr();
    stderr_logger(NNG_LOG_ERR, NNG_LOG_USER, "ID", "a text");
    const std::string printed = testing::internal::GetCapturedStderr();
    EXPECT_NE(printed.find("ERROR  ID: a text"), std::string::npos) << printed;
    EXPECT_EQ(printed.back(), '\n');
}

TEST(NullLogger, PrintsNothing) {
    testing::internal::CaptureStderr();
    null_logger(NNG_LOG_ERR, NNG_LOG_USER, "ID", "a text");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(SystemLogger, SpeaksSyslogsLanguage) {
    EXPECT_EQ(syslog_priority(NNG_LOG_ERR, NNG_LOG_USER), LOG_USER | LOG_ERR);
    EXPECT_EQ(syslog_priority(NNG_LOG_WARN, NNG_LOG_DAEMON), LOG_DAEMON | LOG_WARNING);
    EXPECT_EQ(syslog_priority(NNG_LOG_NOTICE, NNG_LOG_AUTH), LOG_AUTHPRIV | LOG_NOTICE);
    EXPECT_EQ(syslog_priority(NNG_LOG_INFO, NNG_LOG_LOCAL0), LOG_LOCAL0 | LOG_INFO);
    EXPECT_EQ(syslog_priority(NNG_LOG_DEBUG, NNG_LOG_LOCAL7), LOG_LOCAL7 | LOG_DEBUG);
}

TEST(SystemLogger, RaisesNoEmergency) {
    for (const int level : {0, 1, 2, 8})
        EXPECT_EQ(syslog_priority(static_cast<nng_log_level>(level), NNG_LOG_USER), LOG_USER | LOG_INFO);
}

TEST(SystemLogger, TakesAMessageWithAndWithoutAnId) {
    system_logger(NNG_LOG_DEBUG, NNG_LOG_USER, "ID", "a test of a log");
    system_logger(NNG_LOG_DEBUG, NNG_LOG_USER, nullptr, "a test of a log");
}

}  // namespace
}  // namespace naio
