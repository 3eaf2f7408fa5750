// A libuv loop, and two threads, the leader and the follower, that run it alternately (the Leader/Followers pattern
// with one follower).
//
// The leader runs the loop. The handlers of the loop submit tasks. After each turn of the loop, the leader runs these
// tasks itself, one after the other, so that no task needs to cross to another thread. Tasks that the running tasks
// submit go to the end of the same list. But if a handler calls a function of the program, the tasks that this function
// submits go to the workers, because the function may wait for them.
//
// Tasks may block. Therefore the follower sleeps in a watchdog, which is set while the leader runs tasks. If the leader
// has not come back to the loop after one to two round limits (1 ms each), the follower becomes the leader and gives
// the tasks in the list to the workers. The former leader becomes the follower when its task returns. Until then there
// is no follower, and the new leader gives all tasks to the workers.
//
//                (1) there is no leader, or the leader is overdue
//     follower -----------------------------------------------> leader: (a) inbox, loop -> (b) ready tasks -> (a) ...
//        ^                                                        |
//        +--------------------------------------------------------+
//                (2) another thread leads; the former leader sees this when its task returns
//
// The leader does not set the watchdog for each round of tasks. While the watchdog is set already, the leader does not
// change it until half of the round limit is over, and then sets it again. So the watchdog does not wake the follower
// while the leader makes progress. If the time between two rounds is longer than the limit, the leader disarms the
// watchdog at the end of each round.
//
// The follower of a loop with alarms need not be told when a task begins that is rare and alone, because a task that
// blocks delays nothing but the alarms. So for such a *lone* round the leader does not set the watchdog, but lets the
// follower wait for the alarms, too: the system wakes it when an alarm is due and the leader is not asleep in the loop.
// Only then, or when the running task submits another one, is the watchdog set. The task looks at the clock itself when
// its callback has returned, to learn whether it was over budget. (Not on systems on which two threads cannot wait for
// one alarm: Loop::can_share_alarms.)
//
// Invariants:
//  1. One thread leads at a time: the one whose Participant::term equals term_. Its term ends only under the lock,
//     while it runs a task. Only the leader uses the loop, and the members that are marked below as the leader's.
//  2. A ready task is run exactly once: one thread removes it from the list under the lock, either the leader to run
//     it, or a thread that gives it to the workers.
//  3. While the leader runs tasks, there is a follower, and until another thread takes the lead, the watchdog is set to
//     the beginning of the round plus the round limit, or earlier. In a lone round that is so from the moment when an
//     alarm is due or when a task waits for the leader.
//  4. While the loop has no event and no task is ready, both threads sleep.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/dump.h"
#include "base/mutex.h"
#include "exec/task.h"
#include "exec/task_queue.h"
#include "exec/thread.h"
#include "loop/loop.h"
#include "loop/watchdog.h"

namespace naio {

class LeaderLoop {
  public:
    LeaderLoop() noexcept = default;
    virtual ~LeaderLoop() = default;
    LeaderLoop(const LeaderLoop&) = delete;
    LeaderLoop& operator=(const LeaderLoop&) = delete;

    // Adds a source, which outlives the loop. REQUIRES: the loop has not been started.
    template <class Source>
    void attach(Source& source) noexcept {
        loop_.attach(source);
    }

    // Starts the threads. The tasks that they cannot run go to the workers of `tasks`. If start fails, with
    // NNG_ENOFILES, NNG_ENOMEM (no memory or no thread) or another error of the system, nothing is left behind.
    [[nodiscard]] nng_err start(TaskQueue& tasks, const char* name) noexcept;

    // Ends the threads. Blocks until the running tasks return; the tasks in the list go to the workers.
    void stop() noexcept;

    // Returns the tasks that the handlers of this iteration have submitted. Only a handler that the loop calls may use
    // this.
    [[nodiscard]] TaskList& submitted() noexcept { return submitted_; }

    // Gives the tasks that wait for the leader to the workers. A handler that the loop calls does this if there are
    // many tasks, and before it calls a function of the program that may wait for them.
    void give_to_workers() noexcept;

    // True if another thread will take over the loop when a ready task blocks. Only a handler that the loop calls may
    // use this.
    [[nodiscard]] bool has_follower() noexcept;

    // Writes what the threads do.
    void dump(Dump& dump, const char* what) noexcept;
    // Adds the counts of the threads.
    void count_into(Stats& stats) noexcept;
    // Adds the iterations of the loop and the processor time of the threads. Called for pollers only.
    void count_poller_into(Stats& stats) noexcept;

    // True if the calling thread is one of the two threads.
    [[nodiscard]] bool is_here() const noexcept;

  protected:
    // Called by the leader before each iteration of the loop. The function may drop the lock.
    virtual void before_iteration() noexcept NAIO_REQUIRES(mutex_) {}
    // Called after the threads have ended and before the loop is closed, also by a start that fails because the system
    // refuses the second thread.
    virtual void after_last_iteration() noexcept {}

    [[nodiscard]] Loop& loop() noexcept { return loop_; }
    // Returns the present time for before_iteration, or the end of one of the rounds before. Reads the clock only if no
    // task has run after the latest turn of the loop.
    [[nodiscard]] Nanoseconds present() const noexcept NAIO_REQUIRES(mutex_) { return has_end_ ? last_end_ : now(); }
    // True if the leader is in the loop, so that it must be woken to see a change.
    [[nodiscard]] bool sleeps() const noexcept NAIO_REQUIRES(mutex_) { return sleeping_; }
    void wake() noexcept { loop_.interrupt(); }
    // True if no thread runs a task and no task waits, so that stop would not block. Only the leader calls this,
    // outside of the loop.
    [[nodiscard]] bool has_no_tasks() const noexcept NAIO_REQUIRES(mutex_) {
        return followers_ != 0 && ready_.empty() && submitted_.empty();
    }

    // The number of iterations, and the present term.
    using Term = std::uint64_t;
    [[nodiscard]] std::uint64_t turns() const noexcept NAIO_REQUIRES(mutex_) { return turns_; }
    [[nodiscard]] Term term() const noexcept NAIO_REQUIRES(mutex_) { return term_; }

    Mutex mutex_;

  private:
    class Participant;

    static constexpr Nanoseconds kRoundLimit = kMillisecond;  // a leader that is in one round for this time is overdue
    // A round is rare if the time from the round before it, or to the next alarm, is longer than this.
    static constexpr Nanoseconds kRareGap = kRoundLimit / 50;
    static constexpr unsigned kTasksPerIteration = 64;  // max tasks between two iterations of the loop
    // If less than kDense has passed between two readings of the clock at the ends of rounds, the next kUnreadEnds
    // rounds do not read it.
    static constexpr unsigned kUnreadEnds = 7;
    static constexpr Nanoseconds kDense = kRoundLimit / 16;

    [[nodiscard]] bool start_threads(const char* name) noexcept;
    static void main(void* argument) noexcept;
    void follow() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool overdue() noexcept NAIO_REQUIRES(mutex_);
    void lead(Participant& self) noexcept NAIO_REQUIRES(mutex_);
    void iterate(Participant& self) noexcept NAIO_REQUIRES(mutex_);
    void run_ready(Participant& self) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Nanoseconds watch_round() noexcept NAIO_REQUIRES(mutex_);
    void guard() noexcept NAIO_REQUIRES(mutex_);
    void end_round(Nanoseconds lone_end) noexcept NAIO_REQUIRES(mutex_);
    void hand_over() noexcept NAIO_REQUIRES(mutex_);
    void begin_counting(const Participant& self) noexcept NAIO_REQUIRES(mutex_);
    void end_counting(const Participant& self) noexcept NAIO_REQUIRES(mutex_);
    void mark_over_budget(CallOut& call) noexcept NAIO_REQUIRES(mutex_);

    TaskQueue* tasks_ = nullptr;
    Loop loop_;
    Watchdog watchdog_;
    std::array<Thread, 2> threads_;

    TaskList ready_ NAIO_GUARDED_BY(mutex_);
    Participant* leader_ NAIO_GUARDED_BY(mutex_) = nullptr;
    Term term_ NAIO_GUARDED_BY(mutex_) = 0;
    // The number of threads in follow. It is two for a moment if a leader that has given up the lead returns before the
    // follower is awake; in this case the former leader leads again.
    unsigned followers_ NAIO_GUARDED_BY(mutex_) = 0;
    bool vacant_ NAIO_GUARDED_BY(mutex_) = true;     // there is no leader
    bool running_ NAIO_GUARDED_BY(mutex_) = false;   // the leader runs tasks
    bool sleeping_ NAIO_GUARDED_BY(mutex_) = false;  // the leader is in the loop
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;

    // The setting of the watchdog:
    std::uint64_t round_ NAIO_GUARDED_BY(mutex_) = 0;    // the number of the latest round of tasks
    std::uint64_t guarded_ NAIO_GUARDED_BY(mutex_) = 0;  // the round in which the watchdog was set last
    Nanoseconds due_ NAIO_GUARDED_BY(mutex_) = kNever;   // the time to which the watchdog is set
    Nanoseconds last_end_ NAIO_GUARDED_BY(mutex_) = 0;   // the time of the latest end of a round that was read
    unsigned unread_ends_ NAIO_GUARDED_BY(mutex_) = 0;   // the number of rounds after which it need not be read
    bool has_end_ NAIO_GUARDED_BY(mutex_) = false;       // a round has ended after the latest turn of the loop

    // For dumps and statistics:
    std::array<const Participant*, 2> participants_ NAIO_GUARDED_BY(mutex_) = {};
    std::uint64_t turns_ NAIO_GUARDED_BY(mutex_) = 0;
    std::uint64_t over_budget_ NAIO_GUARDED_BY(mutex_) = 0;
    // The counts and the processor time of threads that have ended:
    ThreadCounts counted_ NAIO_GUARDED_BY(mutex_);
    Nanoseconds used_ NAIO_GUARDED_BY(mutex_) = 0;

    // Only the leader uses this list:
    TaskList submitted_;
};

}  // namespace naio
