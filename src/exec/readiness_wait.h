// The sleep of a thread of the program that waits for a descriptor itself, instead of for a poller's thread
// (aio/own_waits.h). The thread sleeps in poll(2), with one more descriptor by which other threads interrupt it.
//
// A ReadinessWait is on the waiting thread's stack. A lock of the object that owns the watched descriptor guards each
// pointer to it, as with a Bell (bell.h).
#pragma once

#include <array>
#include <cstddef>

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

// One wait of one thread.
class ReadinessWait {
  public:
    ReadinessWait() noexcept = default;
    ReadinessWait(const ReadinessWait&) = delete;
    ReadinessWait& operator=(const ReadinessWait&) = delete;
    ~ReadinessWait();

    // Prepares the sleep of this wait. False if the system has no descriptor for it. REQUIRES: the caller holds the lock
    // of the object that owns the watched descriptor, and the wait was not interrupted.
    [[nodiscard]] bool prepare(ReadinessWaits& waits) noexcept;
    // Ends the present sleep and all later ones. Any thread, at most once, also if the wait is not prepared.
    // REQUIRES: the caller holds the lock of the object that owns the watched descriptor.
    void interrupt() noexcept;

    // REQUIRES: the wait is prepared. Sleeps until the descriptor is readable, has failed or is hung up, until another thread interrupts the wait, or
    // until `deadline`, in nanoseconds of the monotonic clock. False if the deadline ended the sleep, or if the system
    // refuses to watch (it does so without memory, and if the process may open fewer than two descriptors).
    [[nodiscard]] bool sleep_until(int descriptor, Nanoseconds deadline) const noexcept;

  private:
    ReadinessWaits* waits_ = nullptr;
    int interruption_ = -1;
    bool interrupted_ = false;  // guarded by the lock of the object that owns the watched descriptor
};

}  // namespace naio
