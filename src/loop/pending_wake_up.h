// A flag that says that a wake-up is on its way to a thread, so that no other thread sends a second one.
//
// A thread publishes something, such as a task, and calls raise. The woken thread calls take, and then reads what was
// published.
#pragma once

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class PendingWakeUp {
  public:
    // Returns true if the caller has to send the wake-up. If it returns false, a wake-up is on its way already, and its
    // handler sees what the caller has published, because the release here pairs with the acquire in take.
    [[nodiscard]] bool raise() noexcept { return !pending_.exchange(true, NAIO_ORDER(wake_up_raised, release)); }

    // Called by the handler when the wake-up has come, before it reads what was published. The acquire pairs with the
    // release in raise. A thread that publishes something later sends another wake-up.
    void take() noexcept { pending_.exchange(false, NAIO_ORDER(wake_up_taken, acquire)); }

    // Clears the flag without a wake-up, because the loop is closed.
    void forget() noexcept { pending_.store(false, std::memory_order_relaxed); }

  private:
    Atomic<bool> pending_{false};
};

}  // namespace naio
