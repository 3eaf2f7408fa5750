// Tests deadlines that pass when their operation is over or is about to end.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <algorithm>
#include <atomic>
#include <string>
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

class TimeoutTest : public RaceTest {
  protected:
    static constexpr unsigned kHandles = 64;

    unsigned long operations() const {
        unsigned long sum = 0;
        for (const Subject& subject : subjects_) sum += subject.submitted();
        return sum;
    }

    std::vector<Subject> subjects_{kHandles};
    Courier courier_;
};

// The callback starts the next operation at once, with another timeout. If the deadline of the former operation ended
// the next operation, the test would notice that the next operation ends early, or although it has no timeout.
TEST_F(TimeoutTest, OfOneOperationDoesNotEndTheNext) {
    constexpr nng_duration kTimeouts[] = {1, 2, 1, 60'000, NNG_DURATION_INFINITE};
    Provider provider(Style::kLockless, courier_, bit(NNG_ETIMEDOUT) | bit(NNG_ESTOPPED));
    for (Subject& subject : subjects_) {
        subject.set_plan([&](Subject& called, nng_err result) {
            called.start_again(result, {.timeout = kTimeouts[called.random().below(std::size(kTimeouts))]});
        });
        subject.open(provider, false, static_cast<unsigned>(&subject - subjects_.data()));
        subject.start();
    }
    Random random(1);
    for (const std::int64_t end = now_ns() + 2'000'000'000; now_ns() < end && !failed(); random.dawdle())
        subjects_[random.below(kHandles)].finish(NNG_EPROTO);
    for (Subject& subject : subjects_) subject.free();
    RecordProperty("operations", std::to_string(operations()));
}

// The header promises that a timeout that is set while an operation is in flight holds from the next operation on. The
// thread that sets the timeout cannot know whether the operation is still in flight, but the library must know.
TEST_F(TimeoutTest, MayBeChangedWhileTheCallbackStartsTheNextOperation) {
    Provider provider(Style::kLockless, courier_, bit(NNG_ESTOPPED));
    Subject subject;
    std::atomic<unsigned> calls{0};
    subject.set_plan([&](Subject& called, nng_err result) {
        calls.fetch_add(1, std::memory_order_relaxed);
        called.start_again(result, {.as_it_is = true});
    });
    subject.open(provider);
    subject.start(kFar);
    std::thread finisher([&] {
        while (calls.load(std::memory_order_relaxed) < rounds(50'000) && !failed()) subject.finish(NNG_EPROTO);
    });
    for (Random random(1); calls.load(std::memory_order_relaxed) < rounds(50'000) && !failed(); random.dawdle()) {
        if (random.one_in(2))
            nng_aio_set_timeout(subject.aio(), random.one_in(2) ? 60'000 : NNG_DURATION_INFINITE);
        else
            nng_aio_set_expire(subject.aio(), nng_clock() + 60'000);
    }
    finisher.join();
    subject.free();
    RecordProperty("operations", std::to_string(subject.submitted()));
}

// Starts an operation with a timeout, and finishes it at once. If the start took so long that the operation may have
// timed out, lets the timeout end it. Returns false if the operation has timed out.
bool operate(Subject& subject) {
    const std::int64_t begin = now_ns();
    EXPECT_TRUE(subject.start({.timeout = 1}));
    const bool was_interrupted = now_ns() > begin + 100'000;
    if (!was_interrupted) subject.finish(NNG_OK);
    nng_aio_wait(subject.aio());
    subject.expect_rest();
    if (nng_aio_result(subject.aio()) == NNG_OK) return true;
    EXPECT_EQ(nng_aio_result(subject.aio()), NNG_ETIMEDOUT);
    EXPECT_GE(now_ns(), begin + 1'000'000);
    return false;
}

// Nearly all starts find the timer armed already. There are more threads than processors, so that some starts are
// interrupted between the loads of the state and of the timer's entry. If a timeout were lost there, the wait would
// never return.
TEST_F(TimeoutTest, IsNotLostIfTheTimerComesDuringTheStart) {
    Provider provider(Style::kLockless, courier_, bit(NNG_ETIMEDOUT));
    std::atomic<unsigned> timeouts{0};
    std::vector<std::thread> threads(2 * std::max(1u, std::thread::hardware_concurrency()));
    for (std::thread& thread : threads)
        thread = std::thread([&] {
            std::vector<Subject> subjects(16);
            for (Subject& subject : subjects) subject.open(provider, true);
            for (const std::int64_t end = now_ns() + 2'000'000'000; now_ns() < end && !failed();)
                for (Subject& subject : subjects)
                    if (!operate(subject)) timeouts.fetch_add(1, std::memory_order_relaxed);
            for (Subject& subject : subjects) subject.free();
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(timeouts.load(), 0u);
    RecordProperty("timeouts", std::to_string(timeouts.load()));
}

}  // namespace
}  // namespace race
