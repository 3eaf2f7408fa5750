// The one way in which the library blocks a thread until an object has become idle: run_queues_until. A parking lot
// uses it for handles (parking_lot.h), and Waiters for all other objects.
//
// A thread that has run a completion queue also runs it during the wait, because the wait may end only after a
// callback of the queue. A thread that waits for a handle of a queue without a runner runs that queue, too
// (completion_queue.h). No other code of the program runs on a waiting thread.
#pragma once

#include "base/atomic.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/probe.h"
#include "exec/bell.h"
#include "exec/completion_queue.h"
#include "exec/library_wait.h"
#include "exec/queues_in_wait.h"
#include "exec/stall.h"

namespace naio {

// Blocks until `over` returns true, or until `deadline`; returns what `over` returned last. The thread that changes
// the condition of `over` rings the bell. `queue` is the queue of the awaited handle, or nullptr. `watch` reports the
// wait if it takes long.
template <class Over>
bool run_queues_until(Bell& bell, Nanoseconds deadline, CompletionQueue* queue, StallWatch& watch, Over over) noexcept {
    QueuesInWait queues(bell, queue);
    for (;;) {
        std::uint64_t rings = bell.rings();
        if (over()) return true;
        const bool ran = queues.run_one();
        if (NAIO_FAULT(bell_is_read_too_late)) rings = bell.rings();
        const auto sleep_until = [&](Nanoseconds time) { return bell.sleep_until(rings, time); };
        if (ran ? Bell::passed(deadline) : !watch.sleep(deadline, sleep_until)) return over();
    }
}

// A condition variable for the waits of the library. notify_all wakes all waiters, so a caller of wait checks its
// condition in a loop.
class Waiters {
  public:
    Waiters() noexcept = default;
    Waiters(const Waiters&) = delete;
    Waiters& operator=(const Waiters&) = delete;

    void wait(Mutex& mutex) noexcept NAIO_REQUIRES(mutex) {
        Waiter waiter;
        waiters_.push_back(waiter);
        mutex.unlock();
        {
            const LibraryWait waiting;
            const Parked parked(nullptr);
            const auto over = [&] { return waiter.notified.load(std::memory_order_relaxed); };
            StallWatch watch(nullptr);
            run_queues_until(waiter.bell, kNever, nullptr, watch, over);
        }
        mutex.lock();
        waiter.unlink();
    }

    // Wakes all waiters. A waiter may destroy this object as soon as the mutex is unlocked. REQUIRES: the caller holds
    // the mutex that the waiters have passed to wait.
    void notify_all() noexcept {
        for (Waiter* each = waiters_.front(); each != nullptr; each = waiters_.after(*each)) {
            if (NAIO_FAULT(waiter_is_rung_before_it_is_notified)) each->bell.ring();
            each->notified.store(true, std::memory_order_relaxed);  // the bell's lock publishes it
            if (!NAIO_FAULT(waiter_is_rung_before_it_is_notified)) each->bell.ring();
        }
    }

  private:
    struct Waiter : ListNode {
        Bell bell;
        Atomic<bool> notified{false};
    };

    List<Waiter> waiters_;
};

}  // namespace naio
