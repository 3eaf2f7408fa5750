// Decides whether a waiter of the parking lot naps before it sleeps (parking_lot.h). Each bucket has a NapPolicy, which
// the bucket's lock guards.
//
// A nap pays off if the wait is ended inside a task, whose thread goes on to run more tasks: this thread then need not
// wake the waiter. A nap that the wait outlasts costs a wake-up. Therefore:
//  - a waiter naps only if the wait before was ended inside a task;
//  - after a nap that the wait has outlasted, the next waits begin without a nap (backoff.h).
#pragma once

#include "exec/backoff.h"

namespace naio {

class NapPolicy {
  public:
    static constexpr unsigned kMaxLeftOut = 63;

    // A wait begins. True if the waiter has to nap.
    [[nodiscard]] bool wait_begins() noexcept { return ended_in_task_ && naps_.tries(); }

    // A nap has ended. `woken`: the wait was over by then.
    void nap_ends(bool woken) noexcept { naps_.ends(woken); }

    // A wait is ended. `in_task`: the calling thread is in a task, and may have more of them.
    void wait_ends(bool in_task) noexcept { ended_in_task_ = in_task; }

  private:
    bool ended_in_task_ = false;
    Backoff<kMaxLeftOut> naps_;
};

}  // namespace naio
