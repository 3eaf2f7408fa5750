// An Alarm runs its handler on the loop's thread at a given time (wake.h says what all sources of a loop have in
// common).
//
// On Linux the AlarmSet of the loop has the time of the alarm and a descriptor for it (alarm_set.h).
#pragma once

#include "base/atomic.h"
#include "base/clock.h"
#include "loop/alarm_set.h"
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
    AlarmSet* set_ = nullptr;  // null until the alarm is attached to a loop
    unsigned index_ = 0;       // in the set
#else
    static void rearm(void* self) noexcept;
    Atomic<Nanoseconds> deadline_{0};
    Wake changed_;
    UvTimer watch_;
#endif
};

}  // namespace naio
