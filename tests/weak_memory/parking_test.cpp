// Tests threads that wait in a parking lot, by the address of an object, until the object's state is idle.
#include "base/atomic.h"
#include "exec/parking_lot.h"
#include "exec/task_runner.h"
#include "suite.h"

namespace {

using naio::ParkingLot;

constexpr unsigned kBusy = 1, kWaited = 2;

struct Parking final : weak_memory::Suite<Parking, 3> {
    ParkingLot lot;
    naio::Atomic<unsigned> word{kBusy};
    rl::var<int> data{0};
    char object[64];

    bool end(unsigned& seen) {
        return word.compare_exchange_weak(seen, 0u, std::memory_order_seq_cst, std::memory_order_acquire);
    }
    void wake() {
        data($) = 1;
        unsigned seen = word.load(std::memory_order_acquire);
        for (;;) {
            const bool waited = (seen & kWaited) != 0;
            if (waited ? lot.wake_all_if(object, [&] { return end(seen); }) : end(seen)) return;
        }
    }
    void wait() {
        ParkingLot::Waiter waiter(lot, object);
        unsigned seen = word.load(std::memory_order_acquire);
        while ((seen & kBusy) != 0 && !word.compare_exchange_weak(seen, seen | kWaited, std::memory_order_seq_cst,
                                                                  std::memory_order_acquire)) {
        }
        if ((seen & kBusy) != 0) RL_ASSERT(waiter.sleep_until(naio::kNever));
        RL_ASSERT(word.load(std::memory_order_acquire) == 0);
        RL_ASSERT(data($) == 1);
    }
    void run(unsigned thread) { thread == 0 ? wake() : wait(); }
};
const weak_memory::Registration<Parking> parking("parking", 2);

class Runner final : public naio::TaskRunner {
    bool take(naio::TaskQueue&, naio::TaskList&) noexcept override { return false; }
    void begin_wait() noexcept override {}
    bool is_in_task() const noexcept override { return true; }
};

// The waiter naps, and the waker runs tasks. A waiter whose nap is over destroys the object while the waker has yet to
// notify it.
struct Nap final : weak_memory::Suite<Nap, 2> {
    ParkingLot lot;
    naio::Atomic<bool> over{false};
    rl::var<int> data{0};

    void prepare() { lot.bucket(&over).naps.wait_ends(true); }
    void run(unsigned thread) {
        if (thread == 1) {
            ParkingLot::Waiter waiter(lot, &over);
            if (!over.load(std::memory_order_acquire)) RL_ASSERT(waiter.sleep_until(naio::kNever));
            RL_ASSERT(over.load(std::memory_order_relaxed));
            RL_ASSERT(data($) == 1);
            return;
        }
        Runner runner;
        data($) = 1;
        RL_ASSERT(lot.wake_all_if(&over, [&] {
            over.store(true, std::memory_order_release);
            return true;
        }));
    }
};
const weak_memory::Registration<Nap> nap("nap", 3);

}  // namespace
