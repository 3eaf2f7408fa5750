// Tests the provider's functions as programs that are written for NNG 1 call them: begin without defer, finish without
// begin, defer without begin, and a request between begin and defer. Other tests stop the handle in these states.
#include <nng/nng.h>

#include <atomic>
#include <thread>
#include <utility>

#include "handle.h"

namespace {

// Keeps one operation under a lock that its cancel function takes, too: the pattern of nearly every provider.
class Slot {
  public:
    // Defers the operation, and keeps it. The lock is held during both.
    void keep(nng_aio* aio) {
        std::lock_guard lock(mutex_);
        nng_aio_defer(aio, cancel, this);
        kept_ = aio;
    }
    bool start(nng_aio* aio) {
        if (!nng_aio_begin(aio)) return false;
        keep(aio);
        return true;
    }
    void finish(int code) {
        if (nng_aio* const aio = take()) nng_aio_finish(aio, code);
    }
    int asked() const { return asked_; }

  private:
    nng_aio* take() {
        std::lock_guard lock(mutex_);
        return std::exchange(kept_, nullptr);
    }
    static void cancel(nng_aio*, void* arg, int err) {
        Slot& self = *static_cast<Slot*>(arg);
        ++self.asked_;
        self.finish(err);
    }

    std::mutex mutex_;
    nng_aio* kept_ = nullptr;
    std::atomic<int> asked_{0};
};

TEST(Begin, MakesTheHandleBusyUntilAnotherThreadFinishes) {
    Handle handle;
    ASSERT_TRUE(nng_aio_begin(handle));
    EXPECT_TRUE(nng_aio_busy(handle));
    std::thread thread([&] { nng_aio_finish(handle, NNG_EPROTO); });
    nng_aio_wait(handle);
    thread.join();
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
}

TEST(Begin, OnAStoppedHandleReturnsFalseWithoutACallback) {
    Handle handle;
    Slot slot;
    nng_aio_stop(handle);
    EXPECT_FALSE(slot.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_EQ(handle.results(), Results{});
}

TEST(Begin, OnAStoppedHandleMakesOperationsOfTheLibraryEndWithoutACallback) {
    Handle handle;
    nng_aio_stop(handle);
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_EQ(handle.results(), Results{});
}

TEST(Begin, InTheCallbackStartsTheNextOperation) {
    Slot slot;
    int left = 3;
    Handle* self = nullptr;
    Handle handle([&] {
        if (--left > 0 && slot.start(*self)) slot.finish(0);
    });
    self = &handle;
    slot.start(handle);
    slot.finish(0);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{0, 0, 0}));
}

TEST(Finish, WithoutBeginIsAnOperationOfItsOwn) {
    Handle handle;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    nng_aio_finish(handle, 0);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_EPROTO, 0}));
}

TEST(Finish, InTheHandlesOwnCallbackRunsTheCallbackAgain) {
    Handle* self = nullptr;
    int left = 3;
    Handle handle([&] {
        if (--left > 0) nng_aio_finish(*self, NNG_EAGAIN);
    });
    self = &handle;
    nng_aio_finish(handle, 0);
    ASSERT_TRUE(handle.wait_for(3));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{0, NNG_EAGAIN, NNG_EAGAIN}));
}

TEST(Defer, OfACanceledOperationEndsInOneCallback) {
    Handle handle;
    Slot slot;
    ASSERT_TRUE(nng_aio_begin(handle));
    nng_aio_abort(handle, NNG_EPERM);
    nng_aio_cancel(handle);
    slot.keep(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPERM});
    EXPECT_EQ(slot.asked(), 1);
}

TEST(Defer, OfAnOperationThatAnotherThreadStopsEndsInOneCallback) {
    Handle handle;
    Slot slot;
    ASSERT_TRUE(nng_aio_begin(handle));
    std::thread thread([&] { nng_aio_stop(handle); });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    slot.keep(handle);
    thread.join();
    EXPECT_EQ(handle.results(), Results{NNG_ECANCELED});
}

TEST(Defer, WithoutATimeLeftEndsInOneCallback) {
    Handle handle;
    Slot slot;
    nng_aio_set_timeout(handle, 0);
    ASSERT_TRUE(slot.start(handle));
    nng_aio_wait(handle);
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    ASSERT_TRUE(slot.start(handle));
    slot.finish(0);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_ETIMEDOUT, 0}));
}

TEST(Defer, WithoutBeginCanBeFinishedCanceledAndStopped) {
    Handle handle;
    Slot slot;
    slot.keep(handle);
    slot.finish(NNG_EPROTO);
    ASSERT_TRUE(handle.wait_for(1));
    nng_aio_wait(handle);
    slot.keep(handle);
    nng_aio_cancel(handle);
    ASSERT_TRUE(handle.wait_for(2));
    nng_aio_wait(handle);
    slot.keep(handle);
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_EPROTO, NNG_ECANCELED, NNG_ECANCELED}));
}

TEST(Cancel, OfABegunOperationThatIsNotDeferredLeavesItsResult) {
    Handle handle;
    ASSERT_TRUE(nng_aio_begin(handle));
    nng_aio_cancel(handle);
    nng_aio_finish(handle, 0);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{0});
}

TEST(Stop, WaitsForABegunOperationThatIsNotDeferred) {
    Handle handle;
    ASSERT_TRUE(nng_aio_begin(handle));
    std::thread thread([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        nng_aio_finish(handle, NNG_EPROTO);
    });
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
    thread.join();
}

TEST(Free, EndsAnOperationWithEclosed) {
    std::atomic<int> result{0};
    Slot slot;
    nng_aio* aio = nullptr;
    struct Seen {
        nng_aio** aio;
        std::atomic<int>* result;
    } seen{&aio, &result};
    ASSERT_EQ(nng_aio_alloc(
                  &aio,
                  [](void* arg) {
                      auto* const self = static_cast<Seen*>(arg);
                      *self->result = nng_aio_result(*self->aio);
                  },
                  &seen),
              0);
    slot.start(aio);
    nng_aio_free(aio);
    EXPECT_EQ(result, NNG_ECLOSED);
}

}  // namespace
