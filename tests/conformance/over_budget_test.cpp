// Tests callbacks that block. The library runs most callbacks on the thread that ends their operation. If a callback
// blocks this thread, workers run the later callbacks of the handle, until many callbacks of the handle were brief.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <chrono>
#include <string>
#include <thread>

#include "support/checkpoint.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"
#include "support/thread_name.h"

namespace conformance {
namespace {

using namespace support;

constexpr std::chrono::milliseconds kLong{10};

// A sleep whose callback may block. sleep() returns the name of the thread that has run the callback.
class Sleeper {
  public:
    std::string sleep(std::chrono::milliseconds blocked) {
        blocked_ = blocked;
        nng_sleep_aio(1, handle_);
        nng_aio_wait(handle_);
        return thread_;
    }
    // Sleeps again and again until the timer's thread has run a callback. The timer leaves callbacks to the workers
    // while it has no follower. Returns false if the workers have run the callbacks of 1000 sleeps.
    [[nodiscard]] bool sleeps_on_timer() {
        for (int i = 0; i < 1000; ++i)
            if (sleep(std::chrono::milliseconds(0)) == "naio:timer") return true;
        return false;
    }

  private:
    std::chrono::milliseconds blocked_{0};
    std::string thread_;
    Handle handle_{[this](nng_aio*) {
        thread_ = thread_name();
        if (blocked_.count() != 0) std::this_thread::sleep_for(blocked_);
    }};
};

TEST(CallbackOverBudget, RunsOnAWorker) {
    Sleeper sleeper;
    ASSERT_TRUE(sleeper.sleeps_on_timer());
    while (sleeper.sleep(kLong) != "naio:timer") {
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(sleeper.sleep(kLong), "naio:task");
}

// An example is a callback that works for long after each receive, and is brief after each send.
TEST(CallbackOverBudget, RunsOnAWorkerAlsoIfItIsBriefEverySecondTime) {
    Sleeper sleeper;
    ASSERT_TRUE(sleeper.sleeps_on_timer());
    while (sleeper.sleep(kLong) != "naio:timer") {
    }
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sleeper.sleep(std::chrono::milliseconds(0)), "naio:task");
        EXPECT_EQ(sleeper.sleep(kLong), "naio:task");
    }
}

TEST(CallbackOverBudget, RunsOnTheTimerAgainOnceItHasBeenBriefForLong) {
    Sleeper sleeper;
    for (int i = 0; i < 5; ++i) {
        sleeper.sleep(kLong);
        EXPECT_TRUE(sleeper.sleeps_on_timer());
    }
}

TEST(CallbackOverBudget, HoldsUpNoOtherCallback) {
    Sleeper other;
    Checkpoint inside;
    Handle blocked([&](nng_aio*) { inside.pass(); });
    nng_sleep_aio(1, blocked);
    EXPECT_TRUE(inside.reached());
    for (int i = 0; i < 5; ++i) other.sleep(std::chrono::milliseconds(0));
    inside.open();
    EXPECT_TRUE(blocked.called_back());
}

// A thread of the timer runs the callback. The callback waits for a cancel function, which a timeout calls on a thread
// of the timer, too.
TEST(CallbackOverBudget, MayWaitForWhatATimeoutDoes) {
    Operation operation;
    Event inside;
    Handle timed;
    nng_aio_set_timeout(timed, 2);
    Handle blocked([&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(operation.cancelled());
    });
    nng_sleep_aio(1, blocked);
    ASSERT_TRUE(operation.start(timed));
    EXPECT_TRUE(timed.called_back());
    EXPECT_TRUE(blocked.called_back());
    EXPECT_TRUE(inside.wait());
}

}  // namespace
}  // namespace conformance
