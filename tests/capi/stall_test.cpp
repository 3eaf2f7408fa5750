// Tests naio_set_stall_report: each test blocks a thread inside the library until the wait is reported.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/logged.h"
#include "support/text.h"

namespace naio {
namespace {

using support::Event;
using support::Handle;
using support::has;
using support::Logged;

// The logger. It records stall reports only.
void take(nng_log_level level, nng_log_facility, const char* id, const char* text) {
    if (level == NNG_LOG_WARN && std::string(id) == "NAIO-STALL") Logged::add(text);
}

class StallTest : public testing::Test {
  protected:
    StallTest() {
        support::bring_library_down();
        EXPECT_EQ(nng_init(nullptr), NNG_OK);
        Logged::clear();
        nng_log_set_logger(take);
        naio_set_stall_report(20);
    }
    ~StallTest() override {
        naio_set_stall_report(NNG_DURATION_INFINITE);
        nng_log_set_logger(nullptr);
        nng_fini();
    }
};

TEST_F(StallTest, SaysOnceWhatAWaitWaitsFor) {
    const Handle handle;
    naio_aio_set_name(handle, "stuck");
    ASSERT_TRUE(naio_aio_start(handle, NAIO_CANCEL_NONE, nullptr, nullptr, nullptr));
    std::thread waiting([&] { nng_aio_wait(handle); });
    ASSERT_TRUE(Logged::wait_for("\"stuck\": PENDING"));
    nng_msleep(60);  // time for further reports
    nng_aio_finish(handle, NNG_OK);
    waiting.join();
    const std::vector<std::string> lines = Logged::lines();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], "a thread has waited for 0.020 s in the library");
    EXPECT_TRUE(has(lines[1], "started by naio_aio_start 0."));
    EXPECT_TRUE(has(lines[1], " s ago; cannot be ended"));
}

TEST_F(StallTest, ReportsAStopAndAFree) {
    const Handle handle;
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    std::thread stopping([&] { nng_aio_stop(handle); });
    ASSERT_TRUE(Logged::wait_for("STOPPED"));
    nng_aio_finish(handle, NNG_OK);
    stopping.join();

    Logged::clear();
    Event inside, leave;
    Handle freed([&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(leave.wait());
    });
    ASSERT_TRUE(nng_aio_start(freed, nullptr, nullptr));
    nng_aio_finish(freed, NNG_OK);
    ASSERT_TRUE(inside.wait());
    std::thread freeing([&] { nng_aio_free(freed.release()); });
    ASSERT_TRUE(Logged::wait_for("RUNNING"));
    leave.set();
    freeing.join();
}

TEST_F(StallTest, ReportsAWaitThatRunsAQueue) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    {
        const Handle handle;
        naio_aio_set_queue(handle, queue);
        ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
        std::thread finishing([&] {
            EXPECT_TRUE(Logged::wait_for("PENDING"));
            nng_aio_finish(handle, NNG_OK);
        });
        EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_ZERO), 0u);
        EXPECT_EQ(handle.wait(), NNG_OK);
        finishing.join();
    }
    naio_queue_free(queue);
}

TEST_F(StallTest, ReportsNngFiniWithADump) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    const Handle handle;
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    nng_fini();
    std::thread finalizing([] { nng_fini(); });
    EXPECT_TRUE(Logged::wait_for("nng_fini waits"));
    EXPECT_TRUE(Logged::wait_for("PENDING"));
    EXPECT_TRUE(Logged::wait_for("workers: "));
    nng_aio_finish(handle, NNG_OK);
    finalizing.join();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
}

TEST_F(StallTest, ReportsNoWaitOfTheLoggerThatGetsTheReport) {
    static nng_aio* awaited = nullptr;
    const Handle handle;
    awaited = handle;
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    nng_log_set_logger([](nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
        take(level, facility, id, text);
        EXPECT_FALSE(naio_aio_wait_until(awaited, nng_clock() + 60));
    });
    EXPECT_FALSE(naio_aio_wait_until(handle, nng_clock() + 200));
    EXPECT_EQ(Logged::lines().size(), 2u);
    nng_log_set_logger(take);
    EXPECT_FALSE(naio_aio_wait_until(handle, nng_clock() + 200));  // the thread's next wait is reported
    EXPECT_EQ(Logged::lines().size(), 4u);
    nng_aio_finish(handle, NNG_OK);
}

TEST_F(StallTest, LeavesAShortWaitAndAWaitWithADeadlineAlone) {
    const Handle handle;
    nng_sleep_aio(1, handle);
    EXPECT_EQ(handle.wait(), NNG_OK);
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    EXPECT_FALSE(naio_aio_wait_until(handle, nng_clock() + 5));
    naio_set_stall_report(NNG_DURATION_INFINITE);
    EXPECT_FALSE(naio_aio_wait_until(handle, nng_clock() + 60));
    nng_aio_finish(handle, NNG_OK);
    EXPECT_EQ(handle.wait(), NNG_OK);
    EXPECT_EQ(Logged::lines(), std::vector<std::string>{});
}

TEST_F(StallTest, GoesToStderrIfNoLoggerIsSet) {
    nng_log_set_logger(nullptr);
    const Handle handle;
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    testing::internal::CaptureStderr();
    EXPECT_FALSE(naio_aio_wait_until(handle, nng_clock() + 200));
    EXPECT_TRUE(has(testing::internal::GetCapturedStderr(), "PENDING"));
    nng_aio_finish(handle, NNG_OK);
}

// Each value needs a process of its own, because the library reads the environment only when the process first uses the
// library.
void waits_in_a_process_with(const char* value, const char* variable = "NAIO_STALL") {
    setenv(variable, value, 1);
    const Handle handle;
    if (!nng_aio_start(handle, nullptr, nullptr)) std::_Exit(1);
    static_cast<void>(naio_aio_wait_until(handle, nng_clock() + 200));
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    std::exit(0);
}

TEST(StallDeathTest, IsSwitchedOnByTheEnvironment) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_EXIT(waits_in_a_process_with("0.01"), testing::ExitedWithCode(0), "has waited for 0.010 s(.|\n)*PENDING");
    EXPECT_EXIT(waits_in_a_process_with("0"), testing::ExitedWithCode(0), "^$");
    EXPECT_EXIT(waits_in_a_process_with(""), testing::ExitedWithCode(0), "^$");
}

TEST(StallDeathTest, SaysInOneLineThatItCannotUseTheEnvironment) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    const char* const line = "^[^\n]*NAIO-STALL[^\n]*\"5s\" is not a number of seconds[^\n]*\n$";
    EXPECT_EXIT(waits_in_a_process_with("5s"), testing::ExitedWithCode(0), line);
}

TEST(TraceDeathTest, SaysOnStderrThatTheFileCannotBeWritten) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_EXIT(waits_in_a_process_with("/nonexistent/trace", "NAIO_TRACE"), testing::ExitedWithCode(0),
                "^[^\n]*NAIO-TRACE[^\n]*NAIO_TRACE: cannot write /nonexistent/trace: [^\n]*\n$");
}

// Brings the library up and down with a logger that was set before nng_init and that calls the library.
void brings_up_with_a_logger(const char* value) {
    setenv("NAIO_STALL", value, 1);
    nng_log_set_logger([](nng_log_level level, nng_log_facility, const char* id, const char* text) {
        const Handle handle;
        std::fprintf(stderr, "level %d, %s: %s\n", static_cast<int>(level), id, text);
    });
    for (int i = 0; i < 2; ++i) {
        if (nng_init(nullptr) != NNG_OK) std::_Exit(1);
        nng_fini();
    }
    std::exit(0);
}

TEST(StallDeathTest, TellsTheLoggerOnceThatItCannotUseTheEnvironment) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    const std::string line =
        "^level " + std::to_string(NNG_LOG_WARN) + ", NAIO-STALL: NAIO_STALL: \"-1\" is not a number[^\n]*\n$";
    EXPECT_EXIT(brings_up_with_a_logger("-1"), testing::ExitedWithCode(0), line);
}

}  // namespace
}  // namespace naio
