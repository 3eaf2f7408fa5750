// Tests several threads that wait for the same handle.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <atomic>
#include <thread>
#include <vector>

#include "courier.h"
#include "library.h"
#include "provider.h"
#include "subject.h"
#include "support/gate.h"
#include "support/scale.h"
#include "verdict.h"

namespace race {
namespace {

using namespace support;

// A thread that finishes every operation of a subject after some time.
class Finisher {
  public:
    explicit Finisher(Subject& subject) : subject_(subject), thread_([this] { finish_all(); }) {}
    ~Finisher() {
        over_ = true;
        thread_.join();
    }
    Finisher(const Finisher&) = delete;
    Finisher& operator=(const Finisher&) = delete;

  private:
    void finish_all() {
        Random random(2);
        for (Number done = 0; !over_;) {
            wait_until([&] { return over_ || subject_.submitted() != done; });
            done = subject_.submitted();
            Random::spin(random.below(4000));
            wait_until([&] { return over_ || subject_.finish(NNG_EPROTO); });
        }
    }

    Subject& subject_;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

// Threads that only wait for the handle.
class Bystanders {
  public:
    Bystanders(nng_aio* aio, unsigned count) {
        for (unsigned i = 0; i < count; ++i)
            threads_.emplace_back([this, aio] {
                while (!over_) {
                    wait_until([&] { return over_ || nng_aio_busy(aio); });
                    nng_aio_wait(aio);
                }
            });
    }
    ~Bystanders() {
        over_ = true;
        for (std::thread& thread : threads_) thread.join();
    }
    Bystanders(const Bystanders&) = delete;
    Bystanders& operator=(const Bystanders&) = delete;

  private:
    std::atomic<bool> over_{false};
    std::vector<std::thread> threads_;
};

class WaitTest : public RaceTest {};

// The thread that makes the handle idle wakes the waiters a moment later. If another thread has started the next
// operation by then, and waits for it, the late wake-up must not end that wait.
TEST_F(WaitTest, IsNotEndedByTheWakeUpForAnEarlierOperation) {
    Subject subject;
    Courier courier;
    Provider provider(Style::kLockless, courier, 0);
    subject.open(provider);
    {
        const Finisher finisher(subject);
        const Bystanders bystanders(subject.aio(), 3);
        Random random(1);
        for (unsigned i = 0; i < rounds(30'000) && !failed(); ++i) {
            subject.start();
            if (random.one_in(2)) wait_until([&] { return !nng_aio_busy(subject.aio()); });
            nng_aio_wait(subject.aio());
            subject.expect_rest();
        }
    }
    subject.free();
}

// The owner may unbind and free a queue as soon as the handle is idle: a thread that is still on its way into or out of
// a wait must not use the queue.
TEST_F(WaitTest, LetsTheOwnerFreeTheQueueOfAnIdleHandle) {
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(
                  &aio, [](void*) {}, nullptr),
              NNG_OK);
    std::atomic<bool> over{false};
    std::vector<std::thread> waiters;
    for (int i = 0; i < 6; ++i)
        waiters.emplace_back([&] {
            while (!over) nng_aio_wait(aio);
        });
    for (unsigned i = 0; i < rounds(5'000); ++i) {
        naio_queue* queue = nullptr;
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        naio_aio_set_queue(aio, queue);
        nng_sleep_aio(0, aio);
        EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_INFINITE), 1u);
        naio_aio_set_queue(aio, nullptr);
        naio_queue_free(queue);
    }
    over = true;
    for (std::thread& waiter : waiters) waiter.join();
    nng_aio_free(aio);
}

}  // namespace
}  // namespace race
