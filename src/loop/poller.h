// A leader loop that watches descriptors. Its threads run the tasks that the handlers of ready descriptors submit.
//
// Invariants:
//  1. A watch in the inbox does not wait for an event of the loop. If the leader sleeps in the loop when a thread posts
//     a watch, that thread wakes the leader. Otherwise the leader serves the inbox before it sleeps next. If the inbox
//     has many watches, the leader serves some of them in each iteration, and does not sleep until all are served.
//  2. Only the leader uses registered_ and the watches in it.
//  3. A watch that is on its way to another poller is in neither poller's inbox, and what is wanted from it stays in
//     wanted_. A close meanwhile only sets closing_. The leader that has unregistered the watch sees both when the
//     loop has let go of it.
//  4. A poller that has retired gets no more watches. Those that come to it later go to its heir: a watch that was made
//     for it and is wanted for the first time, and a watch that was on its way to it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/list.h"
#include "base/relaxed.h"
#include "exec/task.h"
#include "loop/leader_loop.h"
#include "loop/poller_policy.h"
#include "loop/watch.h"

namespace naio {

class Poller final : private LeaderLoop {
  public:
    // Watches that a poller passes on.
    struct Parting {
        Poller* to = nullptr;
        unsigned count = 0;           // the number of active watches; PollerPolicy::kAll: all watches
        Nanoseconds review = kNever;  // the poller measures again after this time even if it sleeps
    };
    struct Balancer {
        // Called by the leader, with no lock held. Returns the watches that the poller shall pass on now.
        Parting (*measured)(void* self, Poller& poller, const PollerLoad& load) noexcept = nullptr;
        void* self = nullptr;
        Nanoseconds review = kNever;  // as in Parting, until `measured` has been called
    };

    // Starts the poller's threads; see LeaderLoop::start. The poller tells `balancer` what it has measured; without a
    // function it measures nothing.
    [[nodiscard]] nng_err start(TaskQueue& tasks, Balancer balancer) noexcept;
    [[nodiscard]] nng_err start(TaskQueue& tasks) noexcept { return start(tasks, Balancer()); }

    // Ends the poller's threads; see LeaderLoop::stop. Watches that were not closed are lost (Watch::lost).
    void stop() noexcept;

    // Retires the poller if it has no watches and its threads run no task: from then on, `heir` gets the watches that
    // come to it. True if the poller has retired. Then it is to be stopped, which will not block. Only the leader calls
    // this, in Balancer::measured.
    [[nodiscard]] bool retire(Poller& heir) noexcept;

    using LeaderLoop::count_into;
    using LeaderLoop::count_poller_into;
    using LeaderLoop::dump;
    // True on one of the poller's two threads, even if the other one leads.
    using LeaderLoop::is_here;
    // False if the poller is not running, or has retired. Without the lock: the result may be out of date at once.
    [[nodiscard]] bool is_up() const noexcept { return up_.get(); }

  private:
    friend class Watch;

    // Return nothing if another poller has the watch by now.
    std::optional<bool> want(Watch& watch, unsigned events) noexcept;
    std::optional<bool> close(Watch& watch) noexcept;
    [[nodiscard]] bool post(Watch& watch) noexcept NAIO_REQUIRES(mutex_);

    void before_iteration() noexcept override NAIO_REQUIRES(mutex_);
    void after_last_iteration() noexcept override;
    void serve_inbox() noexcept NAIO_REQUIRES(mutex_);
    void register_again() noexcept;
    void serve(Watch& watch, unsigned wanted, bool closing) noexcept;
    void cannot_register(Watch& watch, unsigned wanted, int error) noexcept;
    void give_up(Watch& watch, int error) noexcept;
    void unregistered(Watch& watch) noexcept;
    void pass_on_or_end(Watch& watch, Poller& to, unsigned wanted) noexcept;
    static void end(Watch& watch) noexcept;

    // poller_parting.cpp:
    void note_activity(Watch& watch) noexcept;
    void begin_pass() noexcept;
    void count_active(PollerLoad& load) noexcept;
    [[nodiscard]] bool may_be_active(const Watch& watch) const noexcept;
    void measure() noexcept NAIO_REQUIRES(mutex_);
    void begin_parting(const Parting& parting) noexcept;
    [[nodiscard]] int end_of_lowest(unsigned count) noexcept;
    void part() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool send_away(Watch& watch) noexcept;
    [[nodiscard]] bool pass_on(Watch& watch, Poller& to, unsigned wanted) noexcept;

    static constexpr std::uint32_t kNoPass = 0;
    // The maximum number of watches in the inbox that the leader serves before it looks for events. While other threads
    // close watches as fast as the leader serves them, the inbox does not become empty.
    static constexpr unsigned kServedPerIteration = 64;

    // The leader's numbers at the beginning of a period.
    struct Start {
        Nanoseconds time = 0;
        Nanoseconds used = 0;  // the leader's processor time
        std::uint64_t sleeps = 0;
        std::uint64_t turns = 0;
        Term term = 0;
    };

    List<Watch> inbox_ NAIO_GUARDED_BY(mutex_);
    Relaxed<bool> up_{false};                         // changed under the lock
    Poller* heir_ NAIO_GUARDED_BY(mutex_) = nullptr;  // gets the watches that come to the poller after it has retired

    // Only the leader uses these members:
    List<Watch::Registered> registered_;
    unsigned watches_ = 0;  // the number of registered watches, and of those of which the loop has yet to let go
    Balancer balancer_;
    Parting parting_;
    unsigned unvisited_ = 0;  // the watches that may still be passed on
    int last_parted_ = 0;     // the highest descriptor that may be passed on
    bool has_retired_ = false;
    Nanoseconds next_review_ = kNever;  // the poller measures again after this time even if it sleeps
    // The present period:
    Nanoseconds checked_ = 0;  // the time of its beginning
    Start start_;
    // The present pass:
    std::uint32_t pass_ = kNoPass + 1;  // its number
    Nanoseconds pass_begin_ = 0;
    Nanoseconds pass_busy_ = 0;  // the processor time that the leader has used in it
    unsigned active_ = 0;        // the watches that were ready in it
    std::uint64_t events_ = 0;   // how often they were ready

    std::uint32_t measured_pass_ = kNoPass;  // the pass that ended with the latest period
    std::uint32_t parted_pass_ = kNoPass;    // that pass when the watches of parting_ were counted
};

}  // namespace naio
