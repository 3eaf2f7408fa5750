// A libuv loop, and the two threads that take turns to run it.
//
// The leader runs the loop, collects the tasks that this makes ready, and runs them itself, one by one, when the loop
// has returned: no task needs to cross to another thread. What they submit comes to the end of the same list.
//
// Tasks may block. The other thread, the standby, therefore sleeps in a watchdog that is set while tasks run. If the
// leader has not come back to the loop within a tick or two, the standby takes over: it leads from then on, and gives
// the tasks that wait to the workers. The former leader becomes the standby when its task returns. Until then there is
// none, and the new leader gives all tasks to the workers.
//
//                (1) there is no leader, or it is overdue
//     standby ------------------------------------------------> leader: (a) inbox, loop -> (b) ready tasks -> (a) ...
//        ^                                                        |
//        +--------------------------------------------------------+
//                (2) another thread leads: seen when a task returns
//
// The leader does not set the watchdog for each round of tasks. If it is set already, a round leaves it until half of
// its time is over, and then sets it again. So the standby is not woken while the leader gets on. When tasks are rarer
// than that, the leader puts the watchdog off after each round.
//
// Invariants:
//  1. One thread leads at a time: the one whose term it is. A term ends only under the lock, while its leader runs a
//     task. Only the leader uses the loop and the members that are the leader's alone.
//  2. A ready task is run exactly once: it is popped under the lock, by the leader or by the thread that gives it to
//     the workers.
//  3. While the leader runs tasks there is a standby, and the watchdog is set to a tick from their begin, or earlier.
//  4. When nothing happens, both threads sleep.
#pragma once

#include <array>
#include <cstdint>

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
    void attach(LoopSource& source) noexcept { loop_.attach(source); }

    // Starts the threads; tasks go to the workers of `tasks` when they cannot be run here. NNG_ENOFILES, NNG_ENOMEM for
    // memory and threads, or another refusal of the system: nothing is left behind.
    [[nodiscard]] nng_err start(TaskQueue& tasks, const char* name) noexcept;

    // Ends the threads. Blocks until a running task returns; those that wait go to the workers.
    void stop() noexcept;

    // For handlers that the loop calls: the list of tasks that they make ready. The leader runs them when the loop has
    // returned.
    [[nodiscard]] TaskList& ready() noexcept { return collected_; }

    // Called by a handler that the loop calls, before it calls a function of the program that may wait for ready tasks.
    void before_calling_out() noexcept;

    // For a handler that the loop calls: true if another thread takes the loop over when a ready task blocks.
    [[nodiscard]] bool has_standby() noexcept;

    // True if the calling thread is one of the two.
    [[nodiscard]] bool is_here() const noexcept;

  protected:
    // Called before each turn of the loop. It may drop the lock.
    virtual void before_turn() noexcept NAIO_REQUIRES(mutex_) {}
    // Called after the threads have ended, while the loop can still be used.
    virtual void after_last_turn() noexcept {}

    [[nodiscard]] uv_loop_t& uv() noexcept { return loop_.uv(); }
    // True if the leader is in the loop, and has to be woken to see anything new.
    [[nodiscard]] bool sleeps() const noexcept NAIO_REQUIRES(mutex_) { return sleeping_; }
    void wake() noexcept { loop_.interrupt(); }

    Mutex mutex_;

  private:
    class Seat;
    using Term = std::uint64_t;

    static constexpr std::int64_t kTick = 1'000'000;  // nanoseconds: how long tasks may block unnoticed
    static constexpr unsigned kTasksPerTurn = 64;     // before the loop is looked at again

    [[nodiscard]] bool start_threads(const char* name) noexcept;
    static void main(void* self) noexcept;
    void stand_by() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool overdue() noexcept NAIO_REQUIRES(mutex_);
    void lead(Seat& seat) noexcept NAIO_REQUIRES(mutex_);
    void turn() noexcept NAIO_REQUIRES(mutex_);
    void run_ready(Seat& seat) noexcept NAIO_REQUIRES(mutex_);
    void guard() noexcept NAIO_REQUIRES(mutex_);
    void end_round() noexcept NAIO_REQUIRES(mutex_);
    void hand_over() noexcept NAIO_REQUIRES(mutex_);

    TaskQueue* tasks_ = nullptr;
    Loop loop_;
    Watchdog watchdog_;
    std::array<Thread, 2> threads_;

    TaskList ready_ NAIO_GUARDED_BY(mutex_);
    Seat* leader_ NAIO_GUARDED_BY(mutex_) = nullptr;
    Term term_ NAIO_GUARDED_BY(mutex_) = 0;
    // Two for a moment, if a leader that has stepped aside is back before the standby is awake: it leads again.
    unsigned standbys_ NAIO_GUARDED_BY(mutex_) = 0;
    bool vacant_ NAIO_GUARDED_BY(mutex_) = true;     // there is no leader
    bool running_ NAIO_GUARDED_BY(mutex_) = false;   // the leader runs tasks
    bool sleeping_ NAIO_GUARDED_BY(mutex_) = false;  // the leader is in the loop
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;

    // The watchdog:
    std::uint64_t round_ NAIO_GUARDED_BY(mutex_) = 0;    // of running tasks
    std::uint64_t guarded_ NAIO_GUARDED_BY(mutex_) = 0;  // the round that it was set for
    std::int64_t due_ NAIO_GUARDED_BY(mutex_) = kNever;
    std::int64_t last_end_ NAIO_GUARDED_BY(mutex_) = 0;  // of a round

    // The leader's alone:
    TaskList collected_;
};

}  // namespace naio
