// The sleep of a thread of the program that waits for descriptors itself, instead of for a poller's thread
// (aio/own_waits.h, runner_polls.h). The thread sleeps in ppoll(2), with one more descriptor by which other threads
// interrupt it.
//
// A ReadinessWait is on the waiting thread's stack. Locks of the objects that may interrupt it guard the pointers to
// it, as with a Bell (bell.h).
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace naio {

// The descriptors by which threads are interrupted. A thread has one only while it waits, so the library needs as many
// as threads wait at one time. It keeps some of them for later waits.
class ReadinessWaits {
  public:
#if defined(__linux__) && !defined(NAIO_PORTABLE_LOOP)
    static constexpr bool kAvailable = true;
#else
    static constexpr bool kAvailable = false;
#endif

    ReadinessWaits() noexcept = default;
    ReadinessWaits(const ReadinessWaits&) = delete;
    ReadinessWaits& operator=(const ReadinessWaits&) = delete;

    // Keeps descriptors from now on.
    void open() noexcept;
    // Closes the descriptors that are kept. A descriptor that a thread gives back later is closed at once.
    void close() noexcept;

  private:
    friend class ReadinessWait;
    static constexpr std::size_t kKept = 64;

    [[nodiscard]] int take() noexcept;
    void give_back(int descriptor) noexcept;

    Mutex mutex_;
    bool keeps_ NAIO_GUARDED_BY(mutex_) = false;
    std::size_t count_ NAIO_GUARDED_BY(mutex_) = 0;
    std::array<int, kKept> kept_ NAIO_GUARDED_BY(mutex_) = {};
};

// A descriptor that a sleeping thread watches.
struct WatchedDescriptor {
    int descriptor = -1;
    bool ready = false;  // set by the sleep: readable, failed or hung up
};

// One wait of one thread.
class ReadinessWait {
  public:
    ReadinessWait() noexcept = default;
    ReadinessWait(const ReadinessWait&) = delete;
    ReadinessWait& operator=(const ReadinessWait&) = delete;
    ~ReadinessWait();

    // Prepares the sleep of this wait. False if the system has no descriptor for it. REQUIRES: the wait was not
    // interrupted, and the caller holds the lock without which no thread interrupts it.
    [[nodiscard]] bool prepare(ReadinessWaits& waits) noexcept;
    // Ends the present sleep and all later ones. Any thread, any number of times, also if the wait is not prepared.
    // REQUIRES: the caller holds a lock of an object that has a pointer to the wait.
    void interrupt() noexcept;

    // The maximum number of descriptors.
    static constexpr std::size_t kMaxWatched = 16;
    // Sleeps until one of the descriptors is ready, until another thread interrupts the wait, or until `deadline`, in
    // nanoseconds of the monotonic clock. False if the deadline ended the sleep, or if the system refuses to watch (it
    // does so without memory, and if the process may open fewer descriptors than it watches here). REQUIRES: the wait
    // is prepared.
    [[nodiscard]] bool sleep_until(std::span<WatchedDescriptor> watched, Nanoseconds deadline) const noexcept;
    [[nodiscard]] bool sleep_until(int descriptor, Nanoseconds deadline) const noexcept {
        WatchedDescriptor watched{descriptor};
        return sleep_until({&watched, 1}, deadline);
    }

  private:
    ReadinessWaits* waits_ = nullptr;
    int interruption_ = -1;
    Atomic<bool> interrupted_{false};
};

}  // namespace naio
