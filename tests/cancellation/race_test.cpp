// Tests races of emitters, cancellers, finishers, permits, timeouts and stops on operations.
//
// Each round of Target is one operation. The operation must have one callback, and one release before the callback. Two
// threads must never be inside the operation's cancel function at once, and no thread may be inside it after the
// release. TypedOperation checks these rules, too, but locks its mutex in each cancel function, and this would order
// the threads that have to race. Target locks its mutex only to finish and to permit.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "signals.h"
#include "support/gate.h"
#include "support/handle.h"
#include "support/random.h"
#include "support/scale.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// An operation that many threads work on. The thread that clears `owed_` finishes it.
class Target {
  public:
    explicit Target(naio_slot* slot) {
        if (nng_aio_alloc(&aio_, &Target::called, this) != NNG_OK) std::abort();
        naio_aio_bind_slot(aio_, slot, kAll);
    }
    ~Target() { nng_aio_free(aio_); }
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    [[nodiscard]] nng_aio* aio() const { return aio_; }

    // Runs one operation, until the handle is idle. Called by the consumer.
    void run(Random& random) {
        guarantee_ = random.below(2) == 0 ? kTotal : kPartial;
        nng_aio_set_timeout(aio_, random.below(50) == 0 ? 1 : NNG_DURATION_INFINITE);
        const int before = callbacks_;
        released_ = false;
        owed_ = true;
        if (naio_aio_start(aio_, guarantee_, &Target::cancel, &Target::release, this)) {
            ++started_;
            provide(random);
        } else {
            owed_ = false;
            ++refused_;
        }
        nng_aio_wait(aio_);
        if (callbacks_ != before + 1) ++wrong_;
    }

    [[nodiscard]] int wrong() const { return wrong_; }
    [[nodiscard]] int started() const { return started_; }
    [[nodiscard]] int callbacks() const { return callbacks_; }
    [[nodiscard]] int releases() const { return releases_; }
    [[nodiscard]] int refused() const { return refused_; }

  private:
    // Changes the guarantee up to two times, and then finishes the operation unless the cancel function has done so.
    void provide(Random& random) {
        for (unsigned i = random.below(3); i > 0; --i) {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!owed_) return;
            const naio_cancel asked = naio_aio_permit(aio_, random.below(2) == 0 ? kTerminal : kTotal);
            if (asked != 0 && naio_aio_reason(aio_) == NNG_OK) ++wrong_;
        }
        if (random.below(500) == 0) {
            // Leaves the operation to the other threads, but only for 2 ms, because they may never end it.
            if (naio_aio_wait_until(aio_, nng_clock() + 2)) return;
        }
        finish(NNG_OK);
    }

    bool finish(nng_err result) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!owed_) return false;
            owed_ = false;
        }
        naio_aio_finish(aio_, result, 0);
        return true;
    }

    static bool cancel(nng_aio*, void* self, naio_cancel types, nng_err reason) {
        return static_cast<Target*>(self)->cancel(types, reason);
    }
    bool cancel(naio_cancel types, nng_err reason) {
        if (inside_.exchange(true)) ++wrong_;
        if (released_ || types == 0 || reason == NNG_OK) ++wrong_;
        const unsigned turn = ++cancels_;
        const bool taken = turn % 3 != 0 && finish(reason);  // declines every third request
        if (released_) ++wrong_;
        inside_ = false;
        return taken;
    }

    static void release(void* self) {
        auto& target = *static_cast<Target*>(self);
        if (target.inside_ || target.released_.exchange(true)) ++target.wrong_;
        ++target.releases_;
    }
    static void called(void* self) {
        auto& target = *static_cast<Target*>(self);
        if (target.inside_) ++target.wrong_;
        ++target.callbacks_;
    }

    nng_aio* aio_ = nullptr;
    naio_cancel guarantee_ = kTotal;
    std::mutex mutex_;
    bool owed_ = false;
    std::atomic<bool> inside_{false}, released_{false};
    std::atomic<unsigned> cancels_{0};
    std::atomic<int> wrong_{0}, started_{0}, callbacks_{0}, releases_{0}, refused_{0};
};

class Pest {
  public:
    template <class Act>
    Pest(std::atomic<bool>& over, unsigned seed, Act act)
        : thread_([&over, seed, act] {
              Random random(seed);
              while (!over) act(random);
          }) {}
    ~Pest() { thread_.join(); }

  private:
    std::thread thread_;
};

void expect_in_order(const Target& target) {
    EXPECT_EQ(target.wrong(), 0);
    EXPECT_EQ(target.callbacks(), target.started() + target.refused());
    EXPECT_EQ(target.releases(), target.started());
}

TEST(CancellationRace, EmittersCancellersTimeoutsAndFinishersLeaveEveryOperationInOrder) {
    Signal signal;
    std::array<std::unique_ptr<Target>, 2> targets;
    for (auto& target : targets) target = std::make_unique<Target>(signal.slot());
    std::atomic<bool> over{false};
    {
        const Pest emitter(over, 1, [&](Random& random) { signal.emit(1u << random.below(3)); });
        const Pest canceller(over, 2, [&](Random& random) {
            naio_aio_cancel(targets[random.below(2)]->aio(), 1u << random.below(3), NNG_EINTR);
        });
        std::vector<std::thread> consumers;
        for (unsigned i = 0; i < targets.size(); ++i) {
            consumers.emplace_back([&target = targets[i], i] {
                Random random(100 + i);
                for (unsigned round = 0; round < rounds(100'000); ++round) target->run(random);
            });
        }
        for (std::thread& consumer : consumers) consumer.join();
        over = true;
    }
    for (const auto& target : targets) expect_in_order(*target);
}

TEST(CancellationRace, AScopeEndsOrRefusesOperationsThatStartWhileItIsEmitted) {
    Random random(7);
    unsigned refused = 0, asked = 0;
    for (unsigned i = 0; i < rounds(2'000); ++i) {
        Scope scope;
        TypedOperation operation;
        operation.has_release = false;
        nng_aio* aio = nullptr;
        ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
        scope.bind(aio);
        std::atomic<int> ready{0};
        std::thread emitter([&] {
            ++ready;
            while (ready < 2) std::this_thread::yield();
            scope.emit(kTotal);
        });
        ++ready;
        while (ready < 2) std::this_thread::yield();
        for (unsigned spin = random.below(300); spin > 0; --spin) std::atomic_signal_fence(std::memory_order_seq_cst);
        if (!operation.start(aio, kTotal)) ++refused;
        nng_aio_wait(aio);  // would never return if the request were lost
        EXPECT_EQ(nng_aio_result(aio), NNG_ECANCELED);
        asked += static_cast<unsigned>(operation.calls().size());
        emitter.join();
        nng_aio_free(aio);
    }
    EXPECT_EQ(refused + asked, rounds(2'000));
}

TEST(CancellationRace, AGroupIsAskedDuringItsLaunchAndByItsOwnGoal) {
    constexpr unsigned kSize = 3;
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, kSize), NNG_OK);
    nng_aio* aio = nullptr;
    ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
    std::atomic<bool> over{false};
    {
        const Pest canceller(over, 3, [&](Random& random) {
            if (random.below(4) == 0) naio_aio_cancel(aio, 1u << random.below(3), NNG_EINTR);
            std::this_thread::yield();
        });
        Random random(5);
        for (unsigned i = 0; i < rounds(2'000); ++i) {
            const auto need = random.below(kSize) + 1;
            if (!naio_group_start(group, aio, need, random.below(2), kTotal)) continue;
            for (unsigned m = 0; m < kSize; ++m)
                nng_sleep_aio(static_cast<nng_duration>(random.below(2)), naio_group_aio(group, m));
            naio_group_seal(group);
            nng_aio_wait(aio);
            const nng_err result = nng_aio_result(aio);
            EXPECT_TRUE(result == NNG_OK || result == NNG_EINTR) << result;
            for (unsigned m = 0; m < kSize; ++m) EXPECT_FALSE(nng_aio_busy(naio_group_aio(group, m)));
        }
        over = true;
    }
    nng_aio_free(aio);
    naio_group_free(group);
}

struct Steps {
    int left;
    static void step(naio_op* op, void* self, nng_err result, size_t) {
        auto& steps = *static_cast<Steps*>(self);
        if (result != NNG_OK || --steps.left == 0) return naio_op_finish(op, result, 0);
        nng_sleep_aio(0, naio_op_child(op));
    }
    static void release(void* self) { delete static_cast<Steps*>(self); }
};

TEST(CancellationRace, ACompositionIsCancelledOrStoppedAtAnyMoment) {
    for (unsigned i = 0; i < rounds(2'000); ++i) {
        nng_aio* aio = nullptr;
        ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
        ASSERT_EQ(naio_compose(aio, kTotal, Steps::step, Steps::release, new Steps{1 << 30}), NNG_OK);
        std::thread canceller([&] { naio_aio_cancel(aio, kTotal, NNG_OK); });
        if (i % 2 == 0) nng_aio_stop(aio);
        nng_aio_wait(aio);
        EXPECT_TRUE(nng_aio_result(aio) == NNG_ECANCELED || nng_aio_result(aio) == NNG_ESTOPPED);
        canceller.join();
        nng_aio_free(aio);
    }
}

TEST(CancellationRace, AFunctionIsNeverCalledAfterItWasCleared) {
    Signal signal;
    struct Guarded {
        std::atomic<bool> valid{true};
        std::atomic<int> wrong{0};
        static bool called(void* self, naio_cancel) {
            auto& guarded = *static_cast<Guarded*>(self);
            if (!guarded.valid) ++guarded.wrong;
            return true;
        }
    } guarded;
    std::atomic<bool> over{false};
    {
        const Pest first(over, 11, [&](Random&) { signal.emit(kTotal); });
        const Pest second(over, 12, [&](Random&) { signal.emit(kTerminal); });
        for (unsigned i = 0; i < rounds(50'000); ++i) {
            guarded.valid = true;
            naio_slot_assign(signal.slot(), Guarded::called, &guarded);
            naio_slot_clear(signal.slot());
            guarded.valid = false;
        }
        over = true;
    }
    EXPECT_EQ(guarded.wrong, 0);
}

TEST(CancellationRace, ASlotThatIsBeingMadeDoesNotRememberWhatIsCleared) {
    const unsigned rounds = support::rounds(20'000);
    support::Gate gate(2);
    nng_aio* aio = nullptr;
    std::thread clearer([&] {
        for (unsigned i = 0; i < rounds; ++i) {
            gate.pass();
            naio_aio_acknowledge(aio, kAll);
            gate.pass();
        }
    });
    nng_aio* inner = nullptr;
    ASSERT_EQ(nng_aio_alloc(&inner, nullptr, nullptr), NNG_OK);
    unsigned refused = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
        const auto takes_up = [](nng_aio*, void*, naio_cancel, nng_err) { return true; };
        ASSERT_TRUE(naio_aio_start(aio, kTotal, takes_up, nullptr, nullptr));
        ASSERT_TRUE(naio_aio_cancel(aio, kTotal, NNG_OK));
        gate.pass();
        naio_slot* slot = naio_aio_slot(aio);
        gate.pass();
        naio_aio_bind_slot(inner, slot, kAll);
        if (nng_aio_start(inner, nullptr, nullptr))
            nng_aio_finish(inner, NNG_OK);
        else
            ++refused;
        nng_aio_finish(aio, NNG_OK);
        nng_aio_free(aio);
    }
    EXPECT_EQ(refused, 0u);
    clearer.join();
    nng_aio_free(inner);
}

// The provider clears a request and declines the next one at the same time. The slot must remember neither request.
TEST(CancellationRace, ARepeatThatIsDeclinedIsNotRememberedForTheRequestThatWasCleared) {
    const unsigned rounds = support::rounds(20'000);
    std::atomic<int> calls{0};
    const auto takes_up_the_first = [](nng_aio* aio, void* counter, naio_cancel types, nng_err reason) {
        if ((*static_cast<std::atomic<int>*>(counter))++ != 0) return false;
        naio_aio_forward(aio, types, reason);
        return true;
    };
    support::Gate gate(2);
    nng_aio* aio = nullptr;
    std::thread repeater([&] {
        for (unsigned i = 0; i < rounds; ++i) {
            gate.pass();
            while (calls < 2) naio_aio_cancel(aio, kTotal, NNG_OK);
            gate.pass();
        }
    });
    nng_aio* inner = nullptr;
    ASSERT_EQ(nng_aio_alloc(&inner, nullptr, nullptr), NNG_OK);
    unsigned refused = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        calls = 0;
        ASSERT_EQ(nng_aio_alloc(&aio, nullptr, nullptr), NNG_OK);
        naio_aio_bind_slot(inner, naio_aio_slot(aio), kAll);
        ASSERT_TRUE(naio_aio_start(aio, kTotal, takes_up_the_first, nullptr, &calls));
        ASSERT_TRUE(naio_aio_cancel(aio, kTotal, NNG_OK));
        gate.pass();
        naio_aio_acknowledge(aio, kAll);
        gate.pass();
        if (naio_aio_cancelled(aio) == 0) {
            if (nng_aio_start(inner, nullptr, nullptr))
                nng_aio_finish(inner, NNG_OK);
            else
                ++refused;
        }
        nng_aio_finish(aio, NNG_OK);
        nng_aio_free(aio);
    }
    EXPECT_EQ(refused, 0u);
    repeater.join();
    nng_aio_free(inner);
}

// A thread runs a queue and then waits for a handle of no queue. Meanwhile a second thread takes the queue over, and a
// third one pushes, so that a push may ring the bell of the first thread shortly before its wait ends. No push may use
// the bell after that; only ThreadSanitizer can see it.
TEST(QueueRace, ARunnerThatWasReplacedEndsItsWaitAfterTheLastRing) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    Handle posted, waited;
    naio_aio_set_queue(posted, queue);
    std::atomic<bool> over{false};
    std::thread poster([&] {
        while (!over) naio_aio_post(posted);
    });
    std::thread other([&] {
        while (!over) naio_queue_run(queue, 0);
    });
    for (unsigned i = 0; i < 500; ++i) {
        naio_queue_run(queue, 0);
        nng_sleep_aio(1, waited);
        nng_aio_wait(waited);
    }
    over = true;
    poster.join();
    other.join();
    nng_aio_stop(posted);
    naio_queue_free(queue);
}

}  // namespace
}  // namespace cancellation
