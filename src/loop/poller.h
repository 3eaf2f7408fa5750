// A libuv loop that watches descriptors, and the two threads that take turns to run it.
//
// The leader runs the loop, collects the tasks that have become ready, and runs these itself, one by one, when the loop
// has returned: no task needs to cross to another thread. What they submit comes to the end of the same list.
//
// Tasks may block. The other thread, the standby, therefore ticks while tasks run. If the leader has not come back to
// the loop within a tick, the standby takes over: it leads from then on, and gives the tasks that wait to the workers.
// The former leader becomes the standby when its task returns. Until then there is none, and the new leader gives all
// tasks to the workers.
//
//                (1) nobody leads, or the leader is overdue
//     standby ------------------------------------------------> leader: (a) inbox, loop -> (b) ready tasks -> (a) ...
//        ^                                                        |
//        +--------------------------------------------------------+
//                (2) somebody else leads: seen when a task returns
//
// Invariants:
//  1. One thread leads at a time: the one whose term it is. A term ends only under the lock, while its leader runs a
//     task. Only the leader touches the loop, and what is the leader's alone.
//  2. A ready task is run exactly once: it is popped under the lock, by the leader or by who gives it to the workers.
//  3. While the leader runs tasks there is a standby, which is awake and ticks.
//  4. A watch in the inbox is seen before the loop sleeps: either the leader looks after it was posted, or `sleeping_`
//     was set, and it is woken.
//  5. When nothing happens, both threads sleep.
#pragma once

#include <array>
#include <cstdint>

#include "base/list.h"
#include "base/mutex.h"
#include "exec/task.h"
#include "exec/task_queue.h"
#include "exec/task_runner.h"
#include "exec/thread.h"
#include "loop/loop.h"
#include "loop/watch.h"

namespace naio {

class Poller {
  public:
    // Starts the threads; tasks go to the workers of `tasks` when they cannot be run here. False, with nothing left
    // behind, if the system refuses.
    [[nodiscard]] bool start(TaskQueue& tasks) noexcept;

    // Ends the threads; watches that were not closed are lost. Blocks until a running task returns.
    void stop() noexcept;

    // Is the calling thread one of its threads? What it leaves to the poller needs no wake-up.
    [[nodiscard]] bool is_here() const noexcept;

  private:
    friend class Watch;
    class Seat;
    using Term = std::uint64_t;

    static constexpr std::int64_t kTick = 1'000'000;  // nanoseconds: how long a task may block unnoticed
    static constexpr unsigned kPatience = 20;         // ticks without work, before the standby sleeps
    static constexpr unsigned kTasksPerTurn = 64;     // before descriptors are looked at again

    bool want(Watch& watch, unsigned events) noexcept;
    bool close(Watch& watch) noexcept;
    [[nodiscard]] bool post(Watch& watch) noexcept NAIO_REQUIRES(mutex_);

    static void main(void* self) noexcept;
    void stand_by() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool tick(std::uint64_t& seen, unsigned& idle) noexcept NAIO_REQUIRES(mutex_);
    void lead(Seat& seat) noexcept NAIO_REQUIRES(mutex_);
    void turn() noexcept NAIO_REQUIRES(mutex_);
    void run_ready(Seat& seat) noexcept NAIO_REQUIRES(mutex_);
    void hand_over() noexcept NAIO_REQUIRES(mutex_);
    void serve_inbox() noexcept NAIO_REQUIRES(mutex_);
    void serve(Watch& watch, unsigned wanted, bool closing) noexcept;
    void give_up(Watch& watch, int error) noexcept;
    void close_watches() noexcept;

    TaskQueue* tasks_ = nullptr;
    Loop loop_;
    std::array<Thread, 2> threads_;

    Mutex mutex_;
    Condition changed_;
    TaskList ready_ NAIO_GUARDED_BY(mutex_);
    List<Watch> inbox_ NAIO_GUARDED_BY(mutex_);
    Term term_ NAIO_GUARDED_BY(mutex_) = 0;
    std::uint64_t rounds_ NAIO_GUARDED_BY(mutex_) = 0;  // times that a leader has begun to run tasks
    // Two for a moment, if a leader that has stepped aside is back before the standby is awake: it leads again.
    unsigned standbys_ NAIO_GUARDED_BY(mutex_) = 0;
    bool vacant_ NAIO_GUARDED_BY(mutex_) = true;     // nobody leads
    bool dozing_ NAIO_GUARDED_BY(mutex_) = false;    // the standby sleeps without ticking
    bool running_ NAIO_GUARDED_BY(mutex_) = false;   // the leader runs tasks
    bool sleeping_ NAIO_GUARDED_BY(mutex_) = false;  // the leader is in the loop
    bool up_ NAIO_GUARDED_BY(mutex_) = false;
    bool stopping_ NAIO_GUARDED_BY(mutex_) = false;

    // The leader's alone:
    TaskList collected_;
    List<Watch::Registered> registered_;
};

}  // namespace naio
