// Watches descriptors: a loop whose threads run what becomes ready.
//
// Invariants:
//  1. A watch in the inbox is seen before the loop sleeps: either the leader looks after it was posted, or it sleeps
//     and is woken.
//  2. What is registered is touched by the leader alone.
#pragma once

#include "base/list.h"
#include "exec/task.h"
#include "loop/leader_loop.h"
#include "loop/watch.h"

namespace naio {

class Poller final : private LeaderLoop {
  public:
    // As a LeaderLoop does.
    [[nodiscard]] nng_err start(TaskQueue& tasks) noexcept;

    // The same; watches that were not closed are lost.
    void stop() noexcept;

    // What is left to the poller on one of its threads needs no wake-up.
    using LeaderLoop::is_here;

  private:
    friend class Watch;

    bool want(Watch& watch, unsigned events) noexcept;
    bool close(Watch& watch) noexcept;
    [[nodiscard]] bool post(Watch& watch) noexcept NAIO_REQUIRES(mutex_);

    void before_turn() noexcept override NAIO_REQUIRES(mutex_);
    void after_last_turn() noexcept override;
    void serve(Watch& watch, unsigned wanted, bool closing) noexcept;
    void give_up(Watch& watch, int error) noexcept;

    List<Watch> inbox_ NAIO_GUARDED_BY(mutex_);
    bool up_ NAIO_GUARDED_BY(mutex_) = false;

    List<Watch::Registered> registered_;  // the leader's alone
};

}  // namespace naio
