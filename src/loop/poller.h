// A leader loop that watches descriptors. Its threads run the tasks that the handlers of ready descriptors submit.
//
// Invariants:
//  1. A watch in the inbox does not wait for an event of the loop. If the leader sleeps in the loop when a thread posts
//     a watch, that thread wakes the leader. Otherwise the leader serves the inbox before it sleeps next.
//  2. Only the leader uses registered_ and the watches in it.
#pragma once

#include "base/list.h"
#include "exec/task.h"
#include "loop/leader_loop.h"
#include "loop/watch.h"

namespace naio {

class Poller final : private LeaderLoop {
  public:
    // Starts the poller's threads; see LeaderLoop::start.
    [[nodiscard]] nng_err start(TaskQueue& tasks) noexcept;

    // Ends the poller's threads; see LeaderLoop::stop. Watches that were not closed are lost (Watch::lost).
    void stop() noexcept;

    using LeaderLoop::count_into;
    using LeaderLoop::count_poller_into;
    using LeaderLoop::dump;
    // True on one of the poller's two threads, even if the other one leads.
    using LeaderLoop::is_here;

  private:
    friend class Watch;

    bool want(Watch& watch, unsigned events) noexcept;
    bool close(Watch& watch) noexcept;
    [[nodiscard]] bool post(Watch& watch) noexcept NAIO_REQUIRES(mutex_);

    void before_iteration() noexcept override NAIO_REQUIRES(mutex_);
    void after_last_iteration() noexcept override;
    void serve(Watch& watch, unsigned wanted, bool closing) noexcept;
    void give_up(Watch& watch, int error) noexcept;

    List<Watch> inbox_ NAIO_GUARDED_BY(mutex_);
    bool up_ NAIO_GUARDED_BY(mutex_) = false;

    List<Watch::Registered> registered_;  // only the leader uses it
};

}  // namespace naio
