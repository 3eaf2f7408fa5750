// Tells its client, on a thread of its own, about entries whose time has come, and runs the tasks that this makes
// ready.
//
// Deadlines are lazy: an entry stays linked at the time it was first armed for. When that comes, the client says what
// has become of it: nothing is pending any more (drop), the deadline is later now (keep), or it really is due (expire).
// So an operation that completes in time, as nearly all do, never touches the timer.
//
// Invariants:
//  1. The entry is unlinked before the client is asked. The client looks at the entry's state; an arming thread has set
//     that state before it looks at the link (leads_to). Both sides are sequentially consistent, so at least one of
//     them sees the other: the client the new state, or the arming thread that the link is gone.
//  2. examine runs under the timer's lock and does not block; expire runs without it, on the timer's thread. When it
//     calls out, nothing that is ready waits for it, and nothing else has been found due.
//  3. Tasks that a few entries make ready run on this thread, so that no thread has to be woken. The workers run those
//     of a burst.
//  4. The alarm is set for the time of the earliest entry or earlier.
//
// Its threads look after the workers, too: they start those that are needed, and run tasks while all workers are
// blocked (TaskMonitor).
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
        // Returns what becomes of an entry whose time `at` has come: a later time to keep it until; kNever to drop it;
        // or, if it is due, kExpire or kExpireAlone. Then the client has made sure that the entry outlives the call to
        // expire.
        Nanoseconds (*examine)(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept;
        // Called for an entry that is due. Appends tasks that become ready to `ready`.
        void (*expire)(TimerEntry& entry, TaskList& ready) noexcept;
    };
    static constexpr Nanoseconds kExpire = -1;  // expire only makes tasks ready
    // expire calls a function of the program, which may wait for tasks that other entries have made ready.
    static constexpr Nanoseconds kExpireAlone = -2;
    // A tick is 2^15 ns: well under a millisecond, and cheap to compute.
    static constexpr unsigned kTickBits = 15;
    static constexpr Nanoseconds kImmediately = 0;
    static constexpr Nanoseconds kSoon = Nanoseconds{1} << kTickBits;  // long past as well, but not kImmediately

    // The workers of `tasks` run the tasks of a burst.
    Timer(const Client& client, TaskQueue& tasks) noexcept;

    // As a LeaderLoop does.
    [[nodiscard]] nng_err start() noexcept;
    void stop() noexcept;

    // True on one of the timer's threads.
    [[nodiscard]] bool is_here() const noexcept { return loop_.is_here(); }

    // Does the entry's link lead the timer to it in time for `deadline`? If not, arm it. No lock.
    [[nodiscard]] static bool leads_to(const TimerEntry& entry, Nanoseconds deadline) noexcept {
        return entry.tick() <= tick_at_or_after(deadline);
    }

    // Links the entry so that its client is asked at `deadline`, a time of the clock (not negative), or earlier. Any
    // thread, also while the entry is expiring.
    void arm(TimerEntry& entry, Nanoseconds deadline) noexcept;

    // Unlinks the entry; afterwards the timer does not touch it unless it is armed again.
    void disarm(TimerEntry& entry) noexcept;

  private:
    static constexpr Tick tick_at_or_after(Nanoseconds time) noexcept {
        if (NAIO_FAULT(timer_rounds_down)) return static_cast<Tick>(time) >> kTickBits;
        return (static_cast<Tick>(time) + (Tick{1} << kTickBits) - 1) >> kTickBits;
    }
    static constexpr Tick tick_before(Nanoseconds time) noexcept { return static_cast<Tick>(time) >> kTickBits; }

    static constexpr unsigned kBurst = 256;
    struct Burst {
        std::array<TimerEntry*, kBurst> entries;
        unsigned size = 0;
        TimerEntry* alone = nullptr;  // the last one
    };
    void ring() noexcept;
    void look_in(std::int64_t delay) noexcept override;
    void look_after_tasks() noexcept;
    bool collect(Burst& due) noexcept;
    void set_alarm(Tick tick) noexcept NAIO_REQUIRES(mutex_);

    Client client_;
    TaskQueue& tasks_;
    Mutex mutex_;
    TimerWheel wheel_ NAIO_GUARDED_BY(mutex_);
    Tick alarm_tick_ NAIO_GUARDED_BY(mutex_) = kNoTick;
    Alarm alarm_;
    Alarm look_;
    Atomic<Nanoseconds> look_at_{kNever};
    LeaderLoop loop_;
};

}  // namespace naio
