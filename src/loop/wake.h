// The objects that wake the thread that runs a Loop. This file has their base class, LoopSource, and the Wake, which
// runs its handler on the loop's thread soon after a thread raises it; alarm.h has the Alarm.
//
// A source belongs to one loop and is attached before the loop is opened. Any thread may raise a Wake or set an Alarm
// at any time; while the loop is closed, neither has an effect. The handler runs with no lock held.
//
// Threads other than the loop's may call only one function of libuv, uv_async_send, and libuv's timers count
// milliseconds. So on Linux a Wake is an eventfd, which the loop watches through a uv_poll_t, and an Alarm a timerfd.
// On other systems a Wake is a uv_async_t and an Alarm a uv_timer_t. NAIO_PORTABLE_LOOP selects these on Linux, too, so
// that they can be tested there.
#pragma once

#include <nng/nng.h>

#include "base/mutex.h"
#include "loop/pending_wake_up.h"
#include "loop/uv_structure.h"

#if defined(__linux__) && !defined(NAIO_PORTABLE_LOOP)
#define NAIO_LOOP_USES_DESCRIPTORS 1
#else
#define NAIO_LOOP_USES_DESCRIPTORS 0
#endif

namespace naio {

// An object that a Loop watches, with a handler.
class LoopSource {
  public:
    LoopSource(const LoopSource&) = delete;
    LoopSource& operator=(const LoopSource&) = delete;

  protected:
    using Handler = void (*)(void*) noexcept;

    LoopSource(Handler handler, void* argument) noexcept : handler_(handler), argument_(argument) {}
    ~LoopSource() = default;

    void handle() noexcept { handler_(argument_); }

  private:
    friend class Loop;
    friend class Alarm;  // an Alarm may contain another source
    [[nodiscard]] virtual nng_err open(uv_loop_t& loop) noexcept = 0;
    virtual void close() noexcept = 0;

    Handler handler_;
    void* argument_;
};

class Wake final : public LoopSource {
  public:
    Wake(Handler handler, void* argument) noexcept : LoopSource(handler, argument) {}
    void raise() noexcept;

  private:
    [[nodiscard]] nng_err open(uv_loop_t& loop) noexcept override;
    void close() noexcept override;
    void raised() noexcept;

    PendingWakeUp pending_;
    Mutex mutex_;  // orders wake-ups against open and close
#if NAIO_LOOP_USES_DESCRIPTORS
    int descriptor_ NAIO_GUARDED_BY(mutex_) = -1;
    UvPoll watch_;
#else
    bool open_ NAIO_GUARDED_BY(mutex_) = false;
    UvAsync watch_;
#endif
};

}  // namespace naio
