// Tests that a wake-up is not sent again while it is on its way, and that its handler sees what threads have published
// before they raised the wake-up.
#include "base/mutex.h"
#include "loop/pending_wake_up.h"
#include "suite.h"

namespace {

using naio::Lock;
using naio::Mutex;

struct WakeUps final : weak_memory::Suite<WakeUps, 3> {
    naio::PendingWakeUp pending;
    Mutex mutex;
    bool sent = false;  // guarded by the mutex; stands for an eventfd
    naio::Atomic<bool> published[2] = {{false}, {false}};
    bool seen[2] = {};

    void publish(unsigned index) {
        published[index].store(true, std::memory_order_relaxed);
        if (!pending.raise()) return;
        Lock lock(mutex);
        sent = true;
    }
    void handle() {
        {
            Lock lock(mutex);
            if (!sent) return;
            sent = false;
        }
        pending.take();
        for (int i = 0; i < 2; ++i) seen[i] = published[i].load(std::memory_order_relaxed) || seen[i];
    }
    void run(unsigned thread) { thread == 2 ? handle() : publish(thread); }
    // The handler has seen both published values, or another wake-up has been sent.
    void finish() { RL_ASSERT(sent || (seen[0] && seen[1])); }
};
const weak_memory::Registration<WakeUps> wake_ups("wake_ups", 3, 5'000);

}  // namespace
