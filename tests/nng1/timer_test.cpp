// A timer that programs build from the cancel function alone: they defer without begin, with a timeout. The function
// is called when the timeout has passed, does the periodic work, and defers again. When it is canceled, it does
// nothing, so the program never finishes the operation.
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "handle.h"

namespace {

class Timer {
  public:
    explicit Timer(nng_duration period) : period_(period) {
        EXPECT_EQ(nng_aio_alloc(&aio_, nullptr, nullptr), 0);
        nng_aio_wait(aio_);
        start();
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void start() {
        nng_aio_set_timeout(aio_, period_);
        nng_aio_defer(aio_, tick, this);
    }
    void set_period(nng_duration period) { period_ = period; }
    nng_aio* aio() const { return aio_; }
    int ticks() const { return ticks_; }
    int last() const { return last_; }
    bool wait_for_ticks(int count) const {
        return eventually([&] { return ticks_ >= count; });
    }
    bool wait_for(int code) const {
        return eventually([&] { return last_ == code; });
    }

  private:
    template <class Condition>
    static bool eventually(Condition condition) {
        for (int i = 0; i < 10000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return condition();
    }
    static void tick(nng_aio*, void* arg, int code) {
        Timer& self = *static_cast<Timer*>(arg);
        self.last_ = code;
        if (code != NNG_ETIMEDOUT) return;
        ++self.ticks_;
        self.start();
    }

    std::atomic<nng_duration> period_;
    nng_aio* aio_ = nullptr;
    std::atomic<int> ticks_{0}, last_{-1};
};

TEST(Timer, TicksUntilItIsStopped) {
    Timer timer(2);
    EXPECT_TRUE(timer.wait_for_ticks(5));
    timer.set_period(60000);
    const int ticks = timer.ticks();
    EXPECT_TRUE(timer.wait_for_ticks(ticks + 1));
    nng_aio_stop(timer.aio());
    EXPECT_EQ(timer.last(), NNG_ECANCELED);
    nng_aio_free(timer.aio());
}

TEST(Timer, CanBeFreed) {
    Timer timer(60000);
    nng_aio_free(timer.aio());
    EXPECT_EQ(timer.last(), NNG_ECLOSED);
}

TEST(Timer, MakesTheHandleBusyUntilItIsStopped) {
    Timer timer(60000);
    EXPECT_TRUE(nng_aio_busy(timer.aio()));
    nng_aio_stop(timer.aio());
    EXPECT_FALSE(nng_aio_busy(timer.aio()));
    nng_aio_free(timer.aio());
}

// Between the cancel and the stop the provider could still finish the operation.
TEST(Timer, IsAskedOnceAndEndsWithoutACallbackWhenItIsStopped) {
    Handle handle;
    std::atomic<int> asked{0}, reason{0};
    struct Seen {
        std::atomic<int>*asked, *reason;
    } seen{&asked, &reason};
    const auto note = [](nng_aio*, void* arg, int code) {
        ++*static_cast<Seen*>(arg)->asked;
        *static_cast<Seen*>(arg)->reason = code;
    };
    nng_aio_defer(handle, note, &seen);
    nng_aio_abort(handle, NNG_EPERM);
    nng_aio_cancel(handle);
    EXPECT_TRUE(nng_aio_busy(handle));
    nng_aio_stop(handle);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(reason, NNG_EPERM);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_EQ(handle.results(), Results{});
}

TEST(Timer, CallsBackOnceIfItIsFinishedAfterAStop) {
    Handle handle;
    nng_aio_defer(
        handle, [](nng_aio*, void*, int) {}, nullptr);
    nng_aio_stop(handle);
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Timer, CanBeStoppedWithoutACancelFunction) {
    Handle handle;
    nng_aio_defer(handle, nullptr, nullptr);
    nng_aio_cancel(handle);
    EXPECT_TRUE(nng_aio_busy(handle));
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results(), Results{});
}

// NNG 1 forgets the timeout of an operation that was canceled.
TEST(Timer, DoesNotExpireAfterACancel) {
    Timer timer(20);
    nng_aio_cancel(timer.aio());
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    EXPECT_EQ(timer.ticks(), 0);
    nng_aio_free(timer.aio());
}

TEST(Timer, CanBeFinishedAfterItsFunctionHasDeclined) {
    Handle handle;
    nng_aio_defer(
        handle, [](nng_aio*, void*, int) {}, nullptr);
    nng_aio_cancel(handle);
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Timer, CanStartAgainAfterACancel) {
    Timer timer(60000);
    nng_aio_cancel(timer.aio());
    EXPECT_EQ(timer.last(), NNG_ECANCELED);
    timer.set_period(2);
    timer.start();
    EXPECT_TRUE(timer.wait_for_ticks(2));
    nng_aio_free(timer.aio());
}

TEST(Timer, CanBeStoppedEvenIfItAlwaysDefersAgain) {
    struct Stubborn {
        std::atomic<int> asked{0};
        static void tick(nng_aio* aio, void* arg, int) {
            ++static_cast<Stubborn*>(arg)->asked;
            nng_aio_defer(aio, tick, arg);
        }
    } stubborn;
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), 0);
    nng_aio_defer(aio, Stubborn::tick, &stubborn);
    nng_aio_cancel(aio);
    EXPECT_EQ(stubborn.asked, 1);
    nng_aio_free(aio);
    EXPECT_GE(stubborn.asked, 2);
}

TEST(Timer, CanBeReaped) {
    Timer timer(60000);
    nng_aio_reap(timer.aio());
    EXPECT_TRUE(timer.wait_for(NNG_ECLOSED));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

TEST(Timer, CanBeStoppedWhileItTicks) {
    for (int i = 0; i < 50; ++i) {
        Timer timer(1);
        std::this_thread::sleep_for(std::chrono::microseconds(900 + 10 * i));
        nng_aio_stop(timer.aio());
        nng_aio_free(timer.aio());
    }
}

// A cancel function that defers again in an operation that has begun: the operation ends in one callback, when its
// provider finishes it.
TEST(Rearm, InAnOperationThatHasBegunIsAskedEachTime) {
    struct Provider {
        std::atomic<int> asked{0};
        static void cancel(nng_aio* aio, void* arg, int code) {
            if (++static_cast<Provider*>(arg)->asked < 3) return nng_aio_defer(aio, cancel, arg);
            nng_aio_finish(aio, code);
        }
    } provider;
    Handle handle;
    nng_aio_set_timeout(handle, 2);
    ASSERT_TRUE(nng_aio_begin(handle));
    nng_aio_defer(handle, Provider::cancel, &provider);
    nng_aio_wait(handle);
    EXPECT_EQ(provider.asked, 3);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

}  // namespace
