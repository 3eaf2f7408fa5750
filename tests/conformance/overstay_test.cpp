// Callbacks that block. The library runs most callbacks on the thread that ends their operation. A handle whose
// callback blocks this thread is left to the workers from then on.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <chrono>
#include <string>
#include <thread>

#include "support/event.h"
#include "support/handle.h"

namespace conformance {
namespace {

using namespace support;

std::string current_thread() {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof(name));
    return name;
}

constexpr std::chrono::milliseconds kLong{10};

// A sleep whose callback may block; tells on which thread it was run.
class Sleeper {
  public:
    std::string sleep(std::chrono::milliseconds blocked) {
        blocked_ = blocked;
        nng_sleep_aio(1, handle_);
        nng_aio_wait(handle_);
        return thread_;
    }
    // On the timer's thread, which takes a follower to be there.
    [[nodiscard]] bool sleeps_on_timer() {
        for (int i = 0; i < 1000; ++i)
            if (sleep(std::chrono::milliseconds(0)) == "naio:timer") return true;
        return false;
    }

  private:
    std::chrono::milliseconds blocked_{0};
    std::string thread_;
    Handle handle_{[this](nng_aio*) {
        thread_ = current_thread();
        if (blocked_.count() != 0) std::this_thread::sleep_for(blocked_);
    }};
};

TEST(Overstay, ACallbackThatHasBlockedRunsOnAWorker) {
    Sleeper sleeper;
    ASSERT_TRUE(sleeper.sleeps_on_timer());
    while (sleeper.sleep(kLong) != "naio:timer") {
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(sleeper.sleep(kLong), "naio:task");
}

// As those of a handle that receives, works, and sends.
TEST(Overstay, AlsoIfItIsBriefEverySecondTime) {
    Sleeper sleeper;
    ASSERT_TRUE(sleeper.sleeps_on_timer());
    while (sleeper.sleep(kLong) != "naio:timer") {
    }
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sleeper.sleep(std::chrono::milliseconds(0)), "naio:task");
        EXPECT_EQ(sleeper.sleep(kLong), "naio:task");
    }
}

TEST(Overstay, OnceItIsBriefForLongItDoesNot) {
    Sleeper sleeper;
    for (int i = 0; i < 5; ++i) {
        sleeper.sleep(kLong);
        EXPECT_TRUE(sleeper.sleeps_on_timer());
    }
}

TEST(Overstay, OtherCallbacksDoNotWait) {
    Sleeper other;
    Event go_on, inside;
    Handle blocked([&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(go_on.wait());
    });
    nng_sleep_aio(1, blocked);
    EXPECT_TRUE(inside.wait());
    for (int i = 0; i < 5; ++i) other.sleep(std::chrono::milliseconds(0));
    go_on.set();
    EXPECT_TRUE(blocked.called_back());
}

// A cancel function, which a timeout calls on that thread, too.
TEST(Overstay, ACallbackMayBlockForWhatATimeoutDoes) {
    Event expired, inside;
    Handle timed;
    nng_aio_set_timeout(timed, 2);
    Handle blocked([&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(expired.wait());
    });
    nng_sleep_aio(1, blocked);
    ASSERT_TRUE(nng_aio_start(
        timed,
        [](nng_aio* aio, void* event, nng_err reason) {
            nng_aio_finish(aio, reason);
            static_cast<Event*>(event)->set();
        },
        &expired));
    EXPECT_TRUE(timed.called_back());
    EXPECT_TRUE(blocked.called_back());
    EXPECT_TRUE(inside.wait());
}

}  // namespace
}  // namespace conformance
