// A libuv loop, and two kinds of sources that wake the thread that sleeps in the loop: Wake and Alarm.
//
// A Wake runs its handler on the loop's thread soon after a thread raises it; an Alarm runs its handler at a given
// time. A source belongs to one loop and is attached before the loop is opened. Any thread may raise a Wake or set an
// Alarm at any time; while the loop is closed, neither has an effect. The handler runs with no lock held.
//
// Threads other than the loop's may call only one function of libuv, uv_async_send, and libuv's timers count
// milliseconds. So on Linux a Wake is an eventfd and an Alarm a timerfd, which any thread may set; the loop watches
// each through a uv_poll_t. On other systems a Wake is a uv_async_t and an Alarm a uv_timer_t. NAIO_PORTABLE_LOOP
// selects these on Linux, too, so that they can be tested there.
//
// Invariants:
//  1. A raise is never lost: the handler begins at least once after it.
//  2. While no Wake is raised and no Alarm is due, the loop's thread sleeps.
//  3. A program that is executed inherits no descriptor of a loop: libuv and the sources create each descriptor with
//     close-on-exec set. (On a system without pipe2, eventfd and timerfd, libuv sets it after the creation.)
#pragma once

#include <nng/nng.h>

#include <array>
#include <cstdint>

#include "base/atomic.h"
#include "base/clock.h"
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

class Alarm final : public LoopSource {
  public:
    Alarm(Handler handler, void* argument) noexcept;

    // Sets the alarm to `deadline`, in place of its former time. The alarm may go off early, so the handler must read
    // the clock and set the alarm again if needed. REQUIRES: callers order their calls with a lock.
    void set(Nanoseconds deadline) noexcept;

  private:
    [[nodiscard]] nng_err open(uv_loop_t& loop) noexcept override;
    void close() noexcept override;

#if NAIO_LOOP_USES_DESCRIPTORS
    void ring() noexcept;

    Mutex mutex_;  // orders settings against open and close
    int descriptor_ NAIO_GUARDED_BY(mutex_) = -1;
    UvPoll watch_;
#else
    static void rearm(void* self) noexcept;
    Atomic<Nanoseconds> deadline_{0};
    Wake changed_;
    UvTimer watch_;
#endif
};

// False if there is no memory for libuv to watch the descriptor. In that case libuv would not return an error, but end
// the process. libuv keeps a table, which it enlarges with malloc for the highest descriptor that it watches. So this
// function allocates and releases a block of the size that the table would get. The check does not help if another
// thread takes the last memory before libuv does.
[[nodiscard]] bool has_memory_to_watch(const uv_loop_t& loop, int descriptor) noexcept;

class Loop {
  public:
    Loop() noexcept;

    // Adds a source, which outlives the loop. REQUIRES: the loop is not open.
    void attach(LoopSource& source) noexcept { sources_[attached_++] = &source; }

    // Opens the loop and its sources. If open fails, with NNG_ENOFILES, NNG_ENOMEM or another error of the system,
    // nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept { close_all(attached_); }

    // Returns libuv's loop. Only the thread that runs the loop may use it, one thread at a time.
    [[nodiscard]] uv_loop_t& uv() noexcept { return *loop_.get(); }

    // Makes the present uv_run return, or the next one if none is running. Any thread.
    void interrupt() noexcept { stop_.raise(); }

  private:
    void close_all(std::size_t opened) noexcept;

    UvLoop loop_;
    std::array<LoopSource*, 4> sources_{};
    std::size_t attached_ = 0;
    Wake stop_;
};

}  // namespace naio
