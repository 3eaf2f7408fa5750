// Tests what <nng/nng.h> promises about NULL handles, and about calls that break the contract.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <unistd.h>

#include <cstdlib>

#include "support/event.h"
#include "support/expect_abort.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

class NullDeathTest : public testing::Test {
  protected:
    NullDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};
using MisuseDeathTest = NullDeathTest;

void never_called(nng_aio*, void*, nng_err) { std::abort(); }

// --- NULL aio --------------------------------------------------------------------------------------------------

TEST(Null, IsIgnoredByFreeReapStopAbortCancelAndWait) {
    nng_aio_free(nullptr);
    nng_aio_reap(nullptr);
    nng_aio_stop(nullptr);
    nng_aio_abort(nullptr, NNG_ECLOSED);
    nng_aio_cancel(nullptr);
    nng_aio_wait(nullptr);
}

TEST(Null, IsIgnoredOnARunningLibraryToo) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_aio_free(nullptr);
    nng_aio_reap(nullptr);
    nng_aio_stop(nullptr);
    nng_aio_abort(nullptr, NNG_ECLOSED);
    nng_aio_cancel(nullptr);
    nng_aio_wait(nullptr);
    EXPECT_EQ(operation.cancels(), 0);
    operation.finish();
}

TEST_F(NullDeathTest, IsFatalForBusy) { EXPECT_ABORT(nng_aio_busy(nullptr), a_line_naming("nng_aio_busy")); }

TEST_F(NullDeathTest, IsFatalForResult) { EXPECT_ABORT(nng_aio_result(nullptr), a_line_naming("nng_aio_result")); }

TEST_F(NullDeathTest, IsFatalForCount) { EXPECT_ABORT(nng_aio_count(nullptr), a_line_naming("nng_aio_count")); }

TEST_F(NullDeathTest, IsFatalForSetMsg) {
    EXPECT_ABORT(nng_aio_set_msg(nullptr, nullptr), a_line_naming("nng_aio_set_msg"));
}

TEST_F(NullDeathTest, IsFatalForGetMsg) { EXPECT_ABORT(nng_aio_get_msg(nullptr), a_line_naming("nng_aio_get_msg")); }

TEST_F(NullDeathTest, IsFatalForSetInput) {
    EXPECT_ABORT(nng_aio_set_input(nullptr, 0, nullptr), a_line_naming("nng_aio_set_input"));
}

TEST_F(NullDeathTest, IsFatalForGetInput) {
    EXPECT_ABORT(nng_aio_get_input(nullptr, 0), a_line_naming("nng_aio_get_input"));
}

TEST_F(NullDeathTest, IsFatalForSetOutput) {
    EXPECT_ABORT(nng_aio_set_output(nullptr, 0, nullptr), a_line_naming("nng_aio_set_output"));
}

TEST_F(NullDeathTest, IsFatalForGetOutput) {
    EXPECT_ABORT(nng_aio_get_output(nullptr, 0), a_line_naming("nng_aio_get_output"));
}

TEST_F(NullDeathTest, IsFatalForSetTimeout) {
    EXPECT_ABORT(nng_aio_set_timeout(nullptr, 1), a_line_naming("nng_aio_set_timeout"));
}

TEST_F(NullDeathTest, IsFatalForSetExpire) {
    EXPECT_ABORT(nng_aio_set_expire(nullptr, 1), a_line_naming("nng_aio_set_expire"));
}

TEST_F(NullDeathTest, IsFatalForSetIov) {
    EXPECT_ABORT(nng_aio_set_iov(nullptr, 0, nullptr), a_line_naming("nng_aio_set_iov"));
}

TEST_F(NullDeathTest, IsFatalForReset) { EXPECT_ABORT(nng_aio_reset(nullptr), a_line_naming("nng_aio_reset")); }

TEST_F(NullDeathTest, IsFatalForStart) {
    EXPECT_ABORT(nng_aio_start(nullptr, &never_called, nullptr), a_line_naming("nng_aio_start"));
}

TEST_F(NullDeathTest, IsFatalForFinish) {
    EXPECT_ABORT(nng_aio_finish(nullptr, NNG_OK), a_line_naming("nng_aio_finish"));
}

TEST_F(NullDeathTest, IsFatalForSkipCallback) {
    bool skip = false;
    EXPECT_ABORT(nng_aio_skip_callback(nullptr, &skip), a_line_naming("nng_aio_skip_callback"));
}

TEST_F(NullDeathTest, IsFatalForSleep) {
    EXPECT_ABORT(nng_sleep_aio(1, nullptr), a_line_naming("nng_sleep_aio"));
    EXPECT_ABORT(nng_sleep_aio(0, nullptr), a_line_naming("nng_sleep_aio"));
}

// --- broken contract -------------------------------------------------------------------------------------------

TEST_F(MisuseDeathTest, ASecondStartInFlight) {
    EXPECT_ABORT(
        {
            const SilentHandle aio = make_silent_handle();
            Operation operation(Operation::OnCancel::Ignore);
            operation.start(aio.get());
            print_handle(aio.get());
            nng_aio_start(aio.get(), &never_called, nullptr);
        },
        a_line_naming_call_and_handle("nng_aio_start"));
}

TEST_F(MisuseDeathTest, ASecondStartInFlightThatNothingCanCancel) {
    EXPECT_ABORT(
        {
            const SilentHandle aio = make_silent_handle();
            nng_aio_start(aio.get(), nullptr, nullptr);
            print_handle(aio.get());
            nng_aio_start(aio.get(), nullptr, nullptr);
        },
        a_line_naming_call_and_handle("nng_aio_start"));
}

TEST_F(MisuseDeathTest, ASleepInFlight) {
    EXPECT_ABORT(
        {
            const SilentHandle aio = make_silent_handle();
            nng_aio_start(aio.get(), nullptr, nullptr);
            print_handle(aio.get());
            nng_sleep_aio(1000, aio.get());
        },
        a_line_naming_call_and_handle("nng_sleep_aio"));
}

TEST_F(MisuseDeathTest, AStartDuringASleep) {
    EXPECT_ABORT(
        {
            const SilentHandle aio = make_silent_handle();
            nng_sleep_aio(NNG_DURATION_INFINITE, aio.get());
            print_handle(aio.get());
            nng_aio_start(aio.get(), nullptr, nullptr);
        },
        a_line_naming_call_and_handle("nng_aio_start"));
}

// The first callback is running until it makes the wrong start, so the callback of the second operation cannot have
// begun.
TEST_F(MisuseDeathTest, AStartAfterFinishBeforeTheCallback) {
    EXPECT_ABORT(
        {
            Handle handle([](nng_aio* aio) {
                nng_aio_start(aio, nullptr, nullptr);
                nng_aio_finish(aio, NNG_OK);
                print_handle(aio);
                nng_aio_start(aio, nullptr, nullptr);
            });
            nng_aio_finish(handle, NNG_OK);
            nng_aio_wait(handle);
        },
        a_line_naming_call_and_handle("nng_aio_start"));
}

TEST_F(MisuseDeathTest, ASecondFinishBeforeTheCallback) {
    EXPECT_ABORT(
        {
            Handle handle([](nng_aio* aio) {
                nng_aio_start(aio, nullptr, nullptr);
                nng_aio_finish(aio, NNG_OK);
                print_handle(aio);
                nng_aio_finish(aio, NNG_OK);
            });
            nng_aio_finish(handle, NNG_OK);
            nng_aio_wait(handle);
        },
        a_line_naming_call_and_handle("nng_aio_finish"));
}

TEST_F(MisuseDeathTest, ASecondBareFinishBeforeTheCallback) {
    EXPECT_ABORT(
        {
            Handle handle([](nng_aio* aio) {
                nng_aio_finish(aio, NNG_OK);
                print_handle(aio);
                nng_aio_finish(aio, NNG_OK);
            });
            nng_aio_finish(handle, NNG_OK);
            nng_aio_wait(handle);
        },
        a_line_naming_call_and_handle("nng_aio_finish"));
}

TEST_F(MisuseDeathTest, ASecondFinishInTheCancelFunction) {
    EXPECT_ABORT(
        {
            const SilentHandle aio = make_silent_handle();
            const nng_aio_cancelfn finishes_twice = [](nng_aio* cancelled, void*, nng_err reason) {
                nng_aio_finish(cancelled, reason);
                print_handle(cancelled);
                nng_aio_finish(cancelled, reason);
            };
            nng_aio_start(aio.get(), finishes_twice, nullptr);
            nng_aio_cancel(aio.get());
        },
        a_line_naming_call_and_handle("nng_aio_finish"));
}

TEST_F(MisuseDeathTest, AStartAfterTheLastFini) {
    EXPECT_ABORT(
        {
            nng_init(nullptr);
            const SilentHandle aio = make_silent_handle();
            nng_fini();
            print_handle(aio.get());
            nng_aio_start(aio.get(), nullptr, nullptr);
        },
        a_line_naming_call_and_handle("nng_aio_start"));
}

TEST_F(MisuseDeathTest, ASleepAfterTheLastFini) {
    EXPECT_ABORT(
        {
            nng_init(nullptr);
            const Handle handle;
            nng_fini();
            print_handle(handle);
            nng_sleep_aio(0, handle);
            _exit(0);  // if the library has not aborted, ~Handle would wait forever for the callback
        },
        a_line_naming_call_and_handle("nng_sleep_aio"));
}

TEST_F(MisuseDeathTest, ABareFinishAfterTheLastFini) {
    EXPECT_ABORT(
        {
            nng_init(nullptr);
            const Handle handle;
            nng_fini();
            print_handle(handle);
            nng_aio_finish(handle, NNG_OK);
            _exit(0);  // if the library has not aborted, ~Handle would wait forever for the callback
        },
        a_line_naming_call_and_handle("nng_aio_finish"));
}

TEST_F(MisuseDeathTest, AFiniInACallback) {
    EXPECT_ABORT(
        {
            Handle handle([](nng_aio*) { nng_fini(); });
            nng_aio_finish(handle, NNG_OK);
            nng_aio_wait(handle);
        },
        a_line_naming("nng_fini"));
}

// Only the last nng_fini ends the sleep. This nng_fini waits for the callback, which calls nng_fini again.
TEST_F(MisuseDeathTest, AFiniInACallbackThatAnotherFiniWaitsFor) {
    EXPECT_ABORT(
        {
            nng_init(nullptr);
            Handle handle([](nng_aio*) { nng_fini(); });
            nng_sleep_aio(NNG_DURATION_INFINITE, handle);
            nng_fini();
        },
        WasSaid("naio: nng_fini: called from a callback that another nng_fini waits for\n"));
}

TEST_F(MisuseDeathTest, IsReportedWithTheStateInWords) {
    EXPECT_ABORT(
        {
            const SilentHandle aio = make_silent_handle();
            nng_aio_start(aio.get(), nullptr, nullptr);
            nng_aio_start(aio.get(), nullptr, nullptr);
        },
        "[Pp][Ee][Nn][Dd][Ii][Nn][Gg]|in flight");
}

}  // namespace
}  // namespace conformance
