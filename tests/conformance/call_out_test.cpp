// Tests cancel functions that stop other operations: while a thread of the library calls a cancel function, no callback
// of an operation that has ended waits for that thread. Also tests closed standard descriptors, unusual results, and
// memory functions that are in use.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

#include "support/expect_abort.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

// A timeout that is long enough for a test to start two operations before they expire.
constexpr nng_duration kSoon = 50;

void expire_together(nng_aio* a, nng_aio* b) {
    const nng_time when = nng_clock() + kSoon;
    nng_aio_set_expire(a, when);
    nng_aio_set_expire(b, when);
}

TEST(CallOut, OnExpiryDoesNotKeepAnotherCallbackThatIsDueAtTheSameTime) {
    std::mutex lock;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) { const std::lock_guard<std::mutex> taken(lock); };
    Handle handle, sleeper;
    expire_together(handle, sleeper);
    {
        const std::lock_guard<std::mutex> held(lock);
        nng_sleep_aio(NNG_DURATION_INFINITE, sleeper);
        ASSERT_TRUE(operation.start(handle));
        EXPECT_TRUE(sleeper.called_back());
    }
    nng_aio_wait(handle);
}

TEST(CallOut, OnExpiryMayStopAnOperationThatIsDueAtTheSameTime) {
    Handle handle, child;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) { nng_aio_stop(child); };
    expire_together(handle, child);
    ASSERT_TRUE(operation.start(handle));
    nng_sleep_aio(NNG_DURATION_INFINITE, child);
    EXPECT_TRUE(handle.called_back());
    EXPECT_EQ(child.callbacks(), 1);
}

TEST(CallOut, OnReapMayStopAnOperationThatIsReapedAsWell) {
    Handle handle, child;
    Operation operation;
    operation.on_cancel = [&](nng_aio*, nng_err) { nng_aio_stop(child); };
    ASSERT_TRUE(operation.start(handle));
    nng_sleep_aio(NNG_DURATION_INFINITE, child);
    nng_aio_reap(handle.release());
    EXPECT_TRUE(handle.called_back());
}

TEST(CallOut, OfTheLastFiniMayStopAnotherOperation) {
    Operation operation;
    Handle handle, child;  // both handles are in one slab
    operation.on_cancel = [&](nng_aio*, nng_err) { nng_aio_stop(child); };
    ASSERT_TRUE(operation.start(handle));
    nng_sleep_aio(NNG_DURATION_INFINITE, child);
    bring_library_down();
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(child.results(), Results{NNG_ESTOPPED});
}

TEST(CallOut, OfTheLastFiniThatCallsInitIsRefusedAsBusy) {
    Operation operation;
    Handle handle;
    nng_err said = NNG_OK;
    operation.on_cancel = [&](nng_aio*, nng_err) { said = nng_init(nullptr); };
    ASSERT_TRUE(operation.start(handle));
    bring_library_down();
    EXPECT_EQ(said, NNG_EBUSY);
}

class CallOutDeathTest : public testing::Test {
  protected:
    CallOutDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(CallOutDeathTest, ASleepOfNoTimeDoesNotEndAnotherOperation) {
    const auto sleep_in_flight = [] {
        Operation operation;
        Handle handle;
        if (operation.start(handle)) nng_sleep_aio(0, handle);
    };
    EXPECT_ABORT(sleep_in_flight(), a_line_naming("nng_sleep_aio"));
}

TEST(ClosedDescriptors, OfTheProgramsDoNotKeepTheLibraryFromStarting) {
    for (const int closed : {0, 1, 2}) {
        const auto run = [closed] {
            ::close(closed);
            Handle handle;
            nng_sleep_aio(1, handle);
            nng_aio_wait(handle);
            bring_library_down();
            _exit(handle.callbacks() == 1 ? 0 : 1);
        };
        bring_library_down();
        EXPECT_EXIT(run(), testing::ExitedWithCode(0), "") << closed;
    }
}

TEST(AnyCode, PassesThrough) {
    Handle handle;
    for (const int code : {-1, 0x10000042, 0x7fffffff}) {
        nng_aio_reset(handle);
        nng_aio_finish(handle, static_cast<nng_err>(code));
        nng_aio_wait(handle);
        EXPECT_EQ(static_cast<int>(nng_aio_result(handle)), code);
    }
}

TEST(MemoryFunctions, AreNotReplacedWhileTheirMemoryIsInUse) {
    bring_library_down();
    void* block = nng_alloc(10);
    nng_init_params params{};
    params.malloc_fn = [](size_t size) { return std::malloc(size); };
    params.calloc_fn = [](size_t n, size_t size) { return std::calloc(n, size); };
    params.free_fn = [](void* memory, size_t) { std::free(memory); };
    EXPECT_EQ(nng_init(&params), NNG_EBUSY);
    nng_free(block, 10);
    EXPECT_EQ(nng_init(&params), NNG_OK);
    nng_fini();
}

}  // namespace
}  // namespace conformance
