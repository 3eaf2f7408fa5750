// An Alarm runs its handler on the loop's thread at a given time (wake.h says what all sources of a loop have in
// common).
//
// On Linux an alarm is a timerfd, which any thread may set without waking the loop's thread. While that thread handles
// events, set only stores the time, because the thread looks at its alarms before it sleeps, and sets the descriptor
// then, once. Before the thread runs a task, which may block, it must make sure that another thread notices when an
// alarm is due (Loop::set_alarms), or that another thread replaces it.
//
// Invariants (Linux):
//  1. Unless postponed_ is true or deadline_ is kNever, the descriptor is set to deadline_, or has become readable and
//     the event is still in the loop's epoll.
//  2. postponed_ is true only while the loop's thread is not asleep.
#pragma once

#include "base/atomic.h"
#include "base/clock.h"
#include "loop/wake.h"

namespace naio {

class Alarm final : public LoopSource {
  public:
    Alarm(Handler handler, void* argument) noexcept;

    // Sets the alarm to `deadline`, in place of its former time. The alarm may go off early, so the handler must read
    // the clock and set the alarm again if needed. REQUIRES: callers order their calls with a lock.
    void set(Nanoseconds deadline) noexcept;

  private:
    friend class Loop;

    [[nodiscard]] nng_err open(uv_loop_t& loop) noexcept override;
    void close() noexcept override;

#if NAIO_LOOP_USES_DESCRIPTORS
    // The loop's thread calls the following functions.
    // Adds the descriptor to an epoll: see Loop::share_alarms. False if that fails; errno has the reason.
    [[nodiscard]] bool enter(int epoll) noexcept;
    // Makes later calls of set only store the time.
    void postpone() noexcept;
    // Sets the descriptor to the time that was set last, and makes later calls of set do so at once.
    void rely_on_descriptor() noexcept;
    // Notes that the descriptor has become readable, so that it has to be set again.
    void descriptor_fired() noexcept;
    // Returns the time that was set, until the alarm goes off; kNever if there is none.
    [[nodiscard]] Nanoseconds deadline() noexcept;
    // If the time is not after `now`, calls the handler and returns true.
    bool ring_if_due(Nanoseconds now) noexcept;
    void set_descriptor() noexcept NAIO_REQUIRES(mutex_);

    Mutex mutex_;
    int descriptor_ NAIO_GUARDED_BY(mutex_) = -1;
    Nanoseconds deadline_ NAIO_GUARDED_BY(mutex_) = kNever;  // the time that was set, until the alarm goes off
    Nanoseconds set_to_ NAIO_GUARDED_BY(mutex_) = kNever;    // the time to which the descriptor is set
    bool postponed_ NAIO_GUARDED_BY(mutex_) = false;
#else
    static void rearm(void* self) noexcept;
    Atomic<Nanoseconds> deadline_{0};
    Wake changed_;
    UvTimer watch_;
#endif
};

}  // namespace naio
