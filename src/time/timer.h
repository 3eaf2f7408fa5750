// The Timer calls its client, on a thread of its own, for entries whose time has come, and runs the tasks that the
// client submits.
//
// Deadlines are lazy: an entry stays linked at the time for which it was first armed. When that time comes, the client
// decides: nothing is pending any more (drop), the deadline is later now (keep), or the entry is due (expire). So an
// operation that completes before its deadline, as nearly all do, does not touch the timer.
//
// Invariants:
//  1. The timer unlinks the entry before it calls examine. Store-load pair: the timer's thread unlinks the entry and
//     then reads the client's state in examine; an arming thread sets that state and then reads the link in
//     TimerEntry::leads_to. All four accesses are seq_cst, so examine sees the new state, or the arming thread sees
//     that the link is gone, and no deadline is lost.
//  2. examine runs under the timer's lock and does not block. expire runs without the lock, on the timer's thread. When
//     expire calls a function of the program, no ready task and no other entry that was found due waits for this
//     thread.
//  3. Tasks that a few entries submit run on the timer's thread, so that no thread has to be woken. The workers run the
//     tasks of a burst.
//  4. The alarm is set to the time of the earliest entry, or earlier.
//
// The timer is also the TaskMonitor of the workers: its threads start workers when they are needed, and run tasks while
// all workers are blocked.
#pragma once

#include <array>
#include <cstdint>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/mutex.h"
#include "exec/task.h"
#include "exec/task_monitor.h"
#include "exec/task_queue.h"
#include "loop/leader_loop.h"
#include "time/timer_wheel.h"

namespace naio {

class Timer final : private TaskMonitor {
  public:
    struct Client {
        // Decides about an entry whose time `at` has come. Returns a later time to keep the entry until then, or
        // kNever to drop it. If the entry is due, makes sure that it outlives the call to expire, and returns kExpire
        // or kExpireAlone.
        Nanoseconds (*examine)(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept;
        // Called for an entry for which examine has returned kExpire or kExpireAlone.
        void (*expire)(TimerEntry& entry) noexcept;
    };
    static constexpr Nanoseconds kExpire = -1;  // expire only submits tasks
    // expire calls a function of the program, which may wait for tasks that other entries have submitted.
    static constexpr Nanoseconds kExpireAlone = -2;
    static constexpr Nanoseconds kImmediately = 0;
    static constexpr Nanoseconds kSoon = Nanoseconds{1} << kTickBits;  // one tick after kImmediately, also in the past

    // `tasks` are the workers that run the tasks of a burst.
    Timer(const Client& client, TaskQueue& tasks) noexcept;

    // Start and end the timer's threads; see LeaderLoop.
    [[nodiscard]] nng_err start() noexcept;
    void stop() noexcept;

    // True on one of the timer's threads.
    [[nodiscard]] bool is_here() const noexcept { return loop_.is_here(); }

    // Links the entry so that the timer calls examine for it at `deadline`, a time of the clock (not negative), or
    // earlier. Any thread, even while the entry expires.
    void arm(TimerEntry& entry, Nanoseconds deadline) noexcept;

    // Writes what the threads do, and the number of entries.
    void dump(Dump& dump) noexcept;
    // Adds the counts of the threads, the number of entries, and the numbers of entries by lateness.
    void count_into(Stats& stats) noexcept;

    // Unlinks the entry. After that, the timer does not touch the entry unless it is armed again.
    void disarm(TimerEntry& entry) noexcept;

  private:
    static constexpr unsigned kBurst = 256;
    static constexpr unsigned kLooks = 32;  // the entries that the timer looks at before it may read the clock again
    struct Burst {
        std::array<TimerEntry*, kBurst> entries;
        unsigned size = 0;
        TimerEntry* alone = nullptr;  // the entry found last, if examine returned kExpireAlone for it
    };
    void ring() noexcept;
    void check_in(std::int64_t delay) noexcept override;
    void check_workers() noexcept;
    bool collect(Burst& due) noexcept;
    bool collect_some(Burst& due, Nanoseconds time) noexcept NAIO_REQUIRES(mutex_);
    void count_lateness(Nanoseconds at, Nanoseconds late) noexcept NAIO_REQUIRES(mutex_);
    void set_alarm(Tick tick) noexcept NAIO_REQUIRES(mutex_);

    Client client_;
    TaskQueue& tasks_;
    Mutex mutex_;
    TimerWheel wheel_ NAIO_GUARDED_BY(mutex_);
    std::array<std::uint64_t, NAIO_STATS_LATENESS> lateness_ NAIO_GUARDED_BY(mutex_) = {};  // for naio_stats
    Tick alarm_tick_ NAIO_GUARDED_BY(mutex_) = kNoTick;
    Alarm alarm_;
    Alarm check_;
    Atomic<Nanoseconds> check_at_{kNever};
    LeaderLoop loop_;
};

}  // namespace naio
