// Tests the lazy link of a handle into the timer (src/time/timer.h): a start that finds the link leaves the timer
// alone.
#include "world.h"

namespace {

using naio::kMillisecond;

// Returns the handle's entry in the timer, which is a protected base of the handle. A C++ cast does not reach it.
const naio::TimerEntry& entry_of(const nng_aio& aio) { return (const naio::OperationTimer&)aio; }

void not_called(nng_aio*, void*, nng_err) { RL_ASSERT(false); }

// An entry from an earlier operation is due, and is examined while the next operation starts. Afterwards the entry is
// linked for the new deadline: either the timer has seen the next operation, or its start has seen that the link is
// gone.
struct LinkMeetsStart : weak_memory::Suite<LinkMeetsStart, 2> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};

    void operation(int deadline) {
        aio.set_timeout(deadline);
        RL_ASSERT(aio.start(not_called, nullptr));
    }
    // The timer has examined the entry during an operation whose deadline was later, so TIMER_ARMED is not set.
    void prepare() {
        operation(1);
        aio.finish({NNG_OK});
        operation(5);
        weak_memory::execution.clock = 2 * kMillisecond;
        world.timer.ring();
        aio.finish({NNG_OK});
        weak_memory::execution.clock = 6 * kMillisecond;
    }
    void run(unsigned thread) { thread == 0 ? operation(2) : world.timer.ring(); }
    void finish() {
        RL_ASSERT(aio.in_flight());
        RL_ASSERT(entry_of(aio).leads_to(8 * kMillisecond));
    }
};
const weak_memory::Registration<LinkMeetsStart> link_meets_start("timer_link", 3);

// TIMER_ARMED is set, and the entry is linked for the deadline of the operation before.
struct ArmedMeetsStart final : weak_memory::Suite<ArmedMeetsStart, 2> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};
    int one = 1, two = 2;
    rl::var<int> second{0};

    static void cancel(nng_aio*, void* operation, nng_err) { RL_ASSERT(*static_cast<int*>(operation) == 1); }
    void prepare() {
        aio.set_timeout(1);
        RL_ASSERT(aio.start(cancel, &one));
        weak_memory::execution.clock = 2 * kMillisecond;
    }
    // The operation whose deadline has passed ends, and another one with a later deadline begins.
    void run(unsigned thread) {
        if (thread == 1) return world.timer.ring();
        aio.finish({NNG_OK});
        aio.wait();
        aio.set_timeout(5);
        RL_ASSERT(aio.start(cancel, &two));
    }
    void finish() { RL_ASSERT(entry_of(aio).leads_to(7 * kMillisecond)); }
};
const weak_memory::Registration<ArmedMeetsStart> armed_meets_start("timer_armed", 3);

}  // namespace
