// Whether a wake-up is on its way to a thread, so that no thread pays for a second one.
//
// Any thread raises; the thread that is woken takes, and then looks at what there is to do.
#pragma once

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class PendingWakeUp {
  public:
    // Returns true if the caller has to send the wake-up. Otherwise one is on its way, and the handler sees what the caller
    // has published: if this exchange is before the one in take, the release pairs with the acquire there.
    [[nodiscard]] bool raise() noexcept { return !pending_.exchange(true, NAIO_ORDER(wake_up_raised, release)); }

    // The wake-up has come. The handler looks after this: what is published later raises again.
    void take() noexcept { pending_.exchange(false, NAIO_ORDER(wake_up_taken, acquire)); }

    // No wake-up comes, because there is no loop.
    void forget() noexcept { pending_.store(false, std::memory_order_relaxed); }

  private:
    Atomic<bool> pending_{false};
};

}  // namespace naio
