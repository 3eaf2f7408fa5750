// Providers under threads: each begun operation ends in exactly one callback, whichever of its provider, a timeout, a
// cancel and a stop comes first. ThreadSanitizer checks these tests, too.
#include <nng/nng.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "handle.h"

namespace {

// Keeps the handles of waiting operations in a list, as most providers do.
class Queue {
  public:
    // Returns false if the handle is stopped.
    bool pop(nng_aio* aio) {
        if (!nng_aio_begin(aio)) return false;
        std::unique_lock lock(mutex_);
        if (items_ > 0) {
            --items_;
            lock.unlock();
            nng_aio_finish(aio, 0);
        } else {
            nng_aio_defer(aio, cancel, this);
            waiting_.push_back(aio);
        }
        return true;
    }
    void push() {
        std::unique_lock lock(mutex_);
        if (waiting_.empty()) {
            ++items_;
            return;
        }
        nng_aio* const aio = waiting_.front();
        waiting_.pop_front();
        lock.unlock();
        nng_aio_finish(aio, 0);
    }

  private:
    static void cancel(nng_aio* aio, void* arg, int err) {
        Queue& self = *static_cast<Queue*>(arg);
        {
            std::lock_guard lock(self.mutex_);
            const auto found = std::find(self.waiting_.begin(), self.waiting_.end(), aio);
            if (found == self.waiting_.end()) return;
            self.waiting_.erase(found);
        }
        nng_aio_finish(aio, err);
    }

    std::mutex mutex_;
    std::list<nng_aio*> waiting_;
    int items_ = 0;
};

// Pops again and again; counts what it has begun and the callbacks.
class Consumer {
  public:
    explicit Consumer(Queue& queue) : queue_(queue), handle_([this] { called(); }) {}
    void start() { pop(); }
    nng_aio* aio() const { return handle_; }
    int begun() const { return begun_; }
    int calls() const { return calls_; }

  private:
    void pop() {
        nng_aio_set_timeout(handle_, begun_ % 3 == 0 ? 1 : NNG_DURATION_INFINITE);
        if (queue_.pop(handle_)) ++begun_;
    }
    void called() {
        ++calls_;
        pop();
    }
    Queue& queue_;
    std::atomic<int> begun_{0}, calls_{0};
    Handle handle_;
};

TEST(Race, EachBegunOperationEndsInOneCallback) {
    Queue queue;
    std::vector<std::unique_ptr<Consumer>> consumers;
    for (int i = 0; i < 8; ++i) consumers.push_back(std::make_unique<Consumer>(queue));
    for (auto& consumer : consumers) consumer->start();
    std::atomic<bool> over{false};
    std::thread pusher([&] {
        while (!over) queue.push();
    });
    std::thread canceler([&] {
        std::minstd_rand random(1);
        while (!over) nng_aio_abort(consumers[random() % consumers.size()]->aio(), NNG_EPERM);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (auto& consumer : consumers) nng_aio_stop(consumer->aio());
    over = true;
    pusher.join();
    canceler.join();
    for (auto& consumer : consumers) {
        EXPECT_EQ(consumer->calls(), consumer->begun());
        EXPECT_GT(consumer->calls(), 1);
    }
}

// A request at any time between begin and the end of the operation.
TEST(Race, ACancelAtAnyTimeOfAnOperationEndsItOnceAndNoLaterOne) {
    Queue queue;
    Handle handle;
    std::size_t begun = 0;
    for (int i = 0; i < 300; ++i) {
        std::thread canceler([&] { nng_aio_cancel(handle); });
        if (queue.pop(handle)) ++begun;
        canceler.join();
        nng_aio_cancel(handle);
        nng_aio_wait(handle);
        ASSERT_EQ(handle.results().size(), begun);
    }
    EXPECT_EQ(handle.results(), Results(300, NNG_ECANCELED));
}

TEST(Race, AStopAtAnyTimeOfAnOperationEndsItOnce) {
    Queue queue;
    for (int i = 0; i < 200; ++i) {
        Handle handle;
        std::thread stopper([&] { nng_aio_stop(handle); });
        const bool begun = queue.pop(handle);
        stopper.join();
        ASSERT_EQ(handle.results(), begun ? Results{NNG_ECANCELED} : Results{});
    }
}

// Defers again in the cancel function, which may be called while the first defer is still arming the timer.
struct Again {
    static void cancel(nng_aio* aio, void* arg, int) {
        auto& left = *static_cast<std::atomic<int>*>(arg);
        if (--left > 0)
            nng_aio_defer(aio, cancel, arg);
        else
            nng_aio_finish(aio, NNG_EPROTO);
    }
};

TEST(Race, ACancelFunctionMayDeferAgainBeforeTheFirstDeferReturns) {
    Handle handle;
    std::atomic<bool> over{false};
    std::thread canceler([&] {
        while (!over) nng_aio_cancel(handle);
    });
    std::size_t begun = 0;
    for (int i = 0; i < 3000; ++i) {
        std::atomic<int> left{3};
        nng_aio_set_timeout(handle, i % 2);
        ASSERT_TRUE(nng_aio_begin(handle));
        nng_aio_defer(handle, Again::cancel, &left);
        nng_aio_wait(handle);
        ASSERT_EQ(handle.results().size(), ++begun);
    }
    over = true;
    canceler.join();
}

// The cancel function of a timer does nothing (timer_test.cpp), so the stop withdraws the operation, unless the finish
// comes before.
TEST(Race, AFinishAtAnyTimeOfAStopOfATimerCallsBackOnce) {
    for (int i = 0; i < 300; ++i) {
        Handle handle;
        nng_aio_defer(
            handle, [](nng_aio*, void*, int) {}, nullptr);
        std::thread finisher([&] { nng_aio_finish(handle, NNG_EPROTO); });
        nng_aio_stop(handle);
        finisher.join();
        nng_aio_wait(handle);
        ASSERT_EQ(handle.results(), Results{NNG_EPROTO});
    }
}

// Another thread than the one that calls the cancel function starts the timer again.
TEST(Race, ADeferAtAnyTimeOfAStopOfATimerHasNoCallback) {
    struct Asked {
        std::atomic<bool> once{false};
        static void note(nng_aio*, void* arg, int) { static_cast<Asked*>(arg)->once = true; }
    };
    for (int i = 0; i < 300; ++i) {
        Handle handle;
        Asked asked, again;
        nng_aio_defer(handle, Asked::note, &asked);
        std::thread restarter([&] {
            while (!asked.once) std::this_thread::yield();
            nng_aio_defer(handle, Asked::note, &again);
        });
        if (i % 2 == 0) nng_aio_cancel(handle);
        nng_aio_stop(handle);
        restarter.join();
        ASSERT_FALSE(nng_aio_busy(handle));
        ASSERT_EQ(handle.results(), Results{});
    }
}

}  // namespace
