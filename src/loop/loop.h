// A libuv loop, and two sources that wake the thread that sleeps in it.
//
// A Wake runs its handler on the loop's thread soon after a thread raises it; an Alarm does so at a time. Both belong
// to one loop, are attached before the loop is opened, and may be used from any thread at any time, also while it is
// closed (then nothing happens). The handler runs with no lock held.
//
// libuv allows other threads nothing but uv_async_send, and its timers count milliseconds. So on Linux a Wake is an
// eventfd and an Alarm a timerfd, which any thread may set, each watched through uv_poll_t; elsewhere they are a
// uv_async_t and a uv_timer_t. NAIO_PORTABLE_LOOP selects the latter everywhere, so that it can be tested.
//
// Invariants:
//  1. A raise is never lost: the handler begins at least once after it.
//  2. While nothing is raised or due, the thread sleeps.
//  3. No descriptor of a loop is inherited by a program that is executed: libuv and the sources create each of theirs
//     with close-on-exec set. (Where pipe2, eventfd and timerfd do not exist, libuv sets it afterwards.)
#pragma once

#include <nng/nng.h>
#include <uv.h>

#include <array>
#include <cstdint>

#include "base/atomic.h"
#include "base/mutex.h"
#include "loop/pending_wake_up.h"

#if defined(__linux__) && !defined(NAIO_PORTABLE_LOOP)
#define NAIO_LOOP_USES_DESCRIPTORS 1
#else
#define NAIO_LOOP_USES_DESCRIPTORS 0
#endif

namespace naio {

// Something a Loop watches.
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
    friend class Alarm;  // it may be made of others
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
    uv_poll_t watch_;
#else
    bool open_ NAIO_GUARDED_BY(mutex_) = false;
    uv_async_t watch_;
#endif
};

class Alarm final : public LoopSource {
  public:
    Alarm(Handler handler, void* argument) noexcept;

    // Sets the alarm to go off at `deadline`, in nanoseconds of the monotonic clock, instead of when it was set to
    // before. It may go off early: the handler looks at the clock and sets it again. Callers order their calls with a
    // lock.
    void set(std::int64_t deadline) noexcept;

  private:
    [[nodiscard]] nng_err open(uv_loop_t& loop) noexcept override;
    void close() noexcept override;

#if NAIO_LOOP_USES_DESCRIPTORS
    void ring() noexcept;

    Mutex mutex_;  // orders settings against open and close
    int descriptor_ NAIO_GUARDED_BY(mutex_) = -1;
    uv_poll_t watch_;
#else
    static void rearm(void* self) noexcept;
    Atomic<std::int64_t> deadline_{0};
    Wake changed_;
    uv_timer_t watch_;
#endif
};

// False if libuv has no memory to watch the descriptor: it would not fail, but end the process. libuv keeps a table
// that it enlarges, with malloc, for the highest descriptor that it watches. So this allocates and releases a block of
// that size immediately before; another thread that takes the last memory at that moment is not provided for.
[[nodiscard]] bool has_memory_to_watch(const uv_loop_t& loop, int descriptor) noexcept;

class Loop {
  public:
    Loop() noexcept;

    // Before open. The source outlives the loop.
    void attach(LoopSource& source) noexcept { sources_[attached_++] = &source; }

    // Opens the sources. NNG_ENOFILES, NNG_ENOMEM or another refusal of the system: nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept { close_all(attached_); }

    // For the threads that run it, one at a time.
    [[nodiscard]] uv_loop_t& uv() noexcept { return loop_; }

    // Makes the run that is under way return, or the next one. Any thread.
    void interrupt() noexcept { stop_.raise(); }

  private:
    void close_all(std::size_t opened) noexcept;

    uv_loop_t loop_;
    std::array<LoopSource*, 4> sources_{};
    std::size_t attached_ = 0;
    Wake stop_;
};

}  // namespace naio
