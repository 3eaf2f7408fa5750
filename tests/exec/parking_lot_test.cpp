// Tests ParkingLot: threads that wait at an address, and the wake-ups of these threads.
#include "exec/parking_lot.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/task_without_queue.h"

namespace naio {
namespace {

using namespace support;

using Waiter = ParkingLot::Waiter;

// An object for which threads wait. It has the alignment of an aio.
struct alignas(64) Place {};

void wake_all(ParkingLot& lot, const Place& place) {
    EXPECT_TRUE(lot.wake_all_if(&place, [] { return true; }));
}

TEST(ParkingLotTest, AWakeUpBeforeTheSleepIsNotLost) {
    ParkingLot lot;
    const Place place;
    Waiter waiter(lot, &place);
    wake_all(lot, place);
    EXPECT_TRUE(waiter.sleep_until(kNever));
}

TEST(ParkingLotTest, AWaiterThatWasWokenStaysAwake) {
    ParkingLot lot;
    const Place place;
    Waiter waiter(lot, &place);
    wake_all(lot, place);
    wake_all(lot, place);
    EXPECT_TRUE(waiter.sleep_until(kNever));
    EXPECT_TRUE(waiter.sleep_until(kNever));
}

TEST(ParkingLotTest, AWakeUpWithoutWaitersIsFine) {
    ParkingLot lot;
    const Place place;
    wake_all(lot, place);
    EXPECT_TRUE(lot.wake_all_if(nullptr, [] { return true; }));
}

TEST(ParkingLotTest, NoWaiterIsWokenIfTheChangeIsNotMade) {
    ParkingLot lot;
    const Place place;
    std::atomic<bool> due{false};
    Event announced;
    std::thread sleeper([&] {
        Waiter waiter(lot, &place);
        announced.set();
        EXPECT_TRUE(waiter.sleep_until(kNever));
        EXPECT_TRUE(due);
    });
    EXPECT_TRUE(announced.wait());
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(lot.wake_all_if(&place, [] { return false; }));
        std::this_thread::yield();
    }
    due = true;
    wake_all(lot, place);
    sleeper.join();
}

TEST(ParkingLotTest, AWaiterMayGoWithoutHavingSlept) {
    ParkingLot lot;
    const Place place;
    alignas(Waiter) std::byte memory[sizeof(Waiter)];
    auto* unwoken = new (memory) Waiter(lot, &place);
    unwoken->~Waiter();
    std::memset(memory, 0xff, sizeof(memory));
    wake_all(lot, place);
    {
        const Waiter woken(lot, &place);
        wake_all(lot, place);
    }
    Waiter another(lot, &place);
    { const Waiter behind_it(lot, &place); }
    wake_all(lot, place);
    EXPECT_TRUE(another.sleep_until(kNever));
}

TEST(ParkingLotTest, AllWaitersForAnAddressAreWoken) {
    ParkingLot lot;
    const Place place;
    constexpr int kWaiters = 20;
    Event announced, woken;
    std::vector<std::thread> threads;
    for (int i = 0; i < kWaiters; ++i)
        threads.emplace_back([&] {
            Waiter waiter(lot, &place);
            announced.set();
            EXPECT_TRUE(waiter.sleep_until(kNever));
            woken.set();
        });
    EXPECT_TRUE(announced.wait(kWaiters));
    EXPECT_EQ(woken.count(), 0);
    wake_all(lot, place);
    EXPECT_TRUE(woken.wait(kWaiters));
    for (std::thread& thread : threads) thread.join();
}

// There are so many addresses that some of them probably share a bucket.
TEST(ParkingLotTest, NoWaiterIsWokenForAnotherAddress) {
    ParkingLot lot;
    struct Sleeper {
        Place place;
        std::atomic<bool> due{false};
        std::thread thread;
    };
    std::deque<Sleeper> sleepers(130);
    Event announced;
    std::atomic<int> woken_by_others{0};
    for (Sleeper& sleeper : sleepers)
        sleeper.thread = std::thread([&] {
            Waiter waiter(lot, &sleeper.place);
            announced.set();
            EXPECT_TRUE(waiter.sleep_until(kNever));
            if (!sleeper.due) ++woken_by_others;
        });
    EXPECT_TRUE(announced.wait(static_cast<int>(sleepers.size())));
    for (Sleeper& sleeper : sleepers) {
        sleeper.due = true;
        wake_all(lot, sleeper.place);
        sleeper.thread.join();
    }
    EXPECT_EQ(woken_by_others, 0);
}

// A waiter that lined up between the change and the wake-up would be woken, although it waits for a later change.
TEST(ParkingLotTest, NoWaiterLinesUpBetweenTheChangeAndTheWakeUp) {
    ParkingLot lot;
    const Place place;
    Event changing, announced;
    std::atomic<bool> due{false};
    std::thread late([&] {
        EXPECT_TRUE(changing.wait());
        Waiter waiter(lot, &place);
        announced.set();
        EXPECT_TRUE(waiter.sleep_until(kNever));
        EXPECT_TRUE(due);
    });
    lot.wake_all_if(&place, [&] {
        changing.set();
        for (int i = 0; i < 1000; ++i) std::this_thread::yield();
        EXPECT_EQ(announced.count(), 0);
        return true;
    });
    EXPECT_TRUE(announced.wait());
    due = true;
    wake_all(lot, place);
    late.join();
}

// After its first wait, which a task has ended, the waiter naps. The task blocks until the waiter is awake, so that its
// thread makes no late notification.
TEST(ParkingLotTest, NoWaiterNeedsALateNotification) {
    ParkingLot lot;
    const Place place;
    constexpr int kWaits = 200;
    Event announced, woken;
    std::thread sleeper([&] {
        for (int i = 0; i < kWaits; ++i) {
            Waiter waiter(lot, &place);
            announced.set();
            EXPECT_TRUE(waiter.sleep_until(kNever));
            woken.set();
        }
    });
    const TaskWithoutQueue task;
    for (int i = 1; i <= kWaits; ++i) {
        EXPECT_TRUE(announced.wait(i));
        std::this_thread::yield();
        wake_all(lot, place);
        ASSERT_TRUE(woken.wait(i));
    }
    sleeper.join();
}

// An object that is idle or busy. It is busy for one turn after the other, as an aio is for one operation after the
// other, so that its address stands for many turns.
class Turns {
  public:
    explicit Turns(ParkingLot& lot) : lot_(lot) {}

    void begin() { state_.fetch_add(kTurn + kBusy); }

    void end() {
        unsigned seen = state_.load();
        for (;;) {
            const auto install = [&] { return state_.compare_exchange_weak(seen, seen & ~(kBusy | kWaited)); };
            if ((seen & kWaited) != 0 ? lot_.wake_all_if(this, install) : install()) return;
        }
    }

    // Blocks until the turn that is current at the call is over. Returns false if a wake-up came too early: that turn
    // is still current.
    [[nodiscard]] bool wait() {
        const unsigned turn = state_.load() / kTurn;
        if (!busy()) return true;
        Waiter waiter(lot_, this);
        unsigned seen = state_.load();
        while ((seen & kBusy) != 0) {
            if (!state_.compare_exchange_weak(seen, seen | kWaited)) continue;
            EXPECT_TRUE(waiter.sleep_until(kNever));
            break;
        }
        const unsigned now = state_.load();
        return (now & kBusy) == 0 || now / kTurn != turn;
    }

    void spin() const {
        for (int i = 0; busy(); ++i)
            if (i > 1000) std::this_thread::yield();
    }

    [[nodiscard]] bool busy() const { return (state_.load() & kBusy) != 0; }

  private:
    static constexpr unsigned kBusy = 1;
    static constexpr unsigned kWaited = 2;
    static constexpr unsigned kTurn = 4;

    ParkingLot& lot_;
    alignas(64) std::atomic<unsigned> state_{0};
};

// The test's thread begins the turns and sleeps until the end of every second turn. The bystander waits for any turn.
// If a wake-up is lost, the test hangs. If a wake-up comes too late, it wakes a waiter of the next turn before the end
// of that turn; `early` counts these waiters.
TEST(ParkingLotRaceTest, EveryTurnThatEndsWakesItsWaitersAndNoOthers) {
    ParkingLot lot;
    Turns turns(lot);
    constexpr int kRounds = 50'000;
    std::atomic<bool> enough{false};
    std::atomic<int> early{0};
    std::thread finisher([&] {
        for (int round = 0; round < kRounds; ++round) {
            while (!turns.busy()) std::this_thread::yield();
            turns.end();
        }
    });
    std::thread bystander([&] {
        while (!enough) {
            early += !turns.wait();
            std::this_thread::yield();
        }
    });
    for (int round = 0; round < kRounds; ++round) {
        turns.begin();
        // In every second turn this thread does not sleep, so that it can begin the next turn before the waker has
        // returned.
        if (round % 2 == 0)
            turns.spin();
        else
            early += !turns.wait();
    }
    finisher.join();
    enough = true;
    bystander.join();
    EXPECT_EQ(early, 0);
}

// After the change the waker uses only the object's address, because a waiter that sees the change may free the object.
TEST(ParkingLotRaceTest, ThePlaceMayBeGoneAsSoonAsTheChangeIsMade) {
    ParkingLot lot;
    constexpr int kRounds = 20'000;
    std::atomic<Turns*> current{nullptr};
    std::thread finisher([&] {
        for (int round = 0; round < kRounds; ++round) {
            Turns* turns = nullptr;
            while ((turns = current.exchange(nullptr)) == nullptr) std::this_thread::yield();
            turns->end();
        }
    });
    for (int round = 0; round < kRounds; ++round) {
        auto turns = std::make_unique<Turns>(lot);
        turns->begin();
        current.store(turns.get());
        EXPECT_TRUE(turns->wait());
    }
    finisher.join();
}

}  // namespace
}  // namespace naio
