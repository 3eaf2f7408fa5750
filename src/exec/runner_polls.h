// The descriptors that the runner of a completion queue polls while the queue has no task, instead of a poller
// (aio/own_waits.h). So one thread wakes for a byte, and not first the poller's thread and then the runner.
//
// The owner of a descriptor adds it on the runner's thread. Any thread may remove it. When the runner has no task, it
// sleeps in ppoll(2) on all of them, with one more descriptor by which a thread that pushes a task interrupts it. When
// a descriptor is ready, the runner calls its owner, which makes the system call and pushes the callback.
//
// Invariants:
//  1. The queue's lock guards all members. An owner may hold its own lock when it adds or removes its descriptor. So no
//     function of the owner but `retain` and `watch_later` is called with the queue's lock held.
//  2. A descriptor in the list exists, because the operation that waits for it has a reference to it.
//  3. At most one thread sleeps here at a time.
#pragma once

#include <array>
#include <cstddef>

#include "base/clock.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/readiness_wait.h"

namespace naio {

// A descriptor with one operation, for which the runner of the operation's queue polls. A base of Descriptor.
class PolledDescriptor : public ListNode {
  public:
    // The functions of the owner.
    struct Owner {
        void (*retain)(PolledDescriptor& descriptor) noexcept;
        void (*release)(PolledDescriptor& descriptor) noexcept;
        // Returns the fd, which the owner does not close before it is told that the sleep has ended, and whose
        // operation interrupts `wait` if another thread ends it. Returns -1 if there is nothing to poll for any more.
        int (*begin_poll)(PolledDescriptor& descriptor, ReadinessWait& wait) noexcept;
        // Tells that the sleep has ended. If the fd is `ready`, attempts the operation.
        void (*end_poll)(PolledDescriptor& descriptor, const ReadinessWait& wait, bool ready) noexcept;
        // Has a poller watch for the operation soon.
        void (*watch_later)(PolledDescriptor& descriptor) noexcept;
    };

  protected:
    explicit PolledDescriptor(const Owner& owner) noexcept : owner_(owner) {}
    ~PolledDescriptor() = default;

  private:
    friend class RunnerPolls;
    const Owner& owner_;
};

class RunnerPolls {
  public:
    // The maximum number of descriptors that a runner polls. In each sleep, each of them costs time, and the runner
    // makes all system calls, so with more descriptors pollers are faster.
    static constexpr std::size_t kMax = ReadinessWait::kMaxWatched;

    RunnerPolls() noexcept = default;
    RunnerPolls(const RunnerPolls&) = delete;
    RunnerPolls& operator=(const RunnerPolls&) = delete;

    // Adds a descriptor. False if there are kMax already; then a rest begins.
    [[nodiscard]] bool add(PolledDescriptor& descriptor, ReadinessWaits& waits) noexcept;
    // Removes the descriptor if it is in the list.
    void remove(PolledDescriptor& descriptor) noexcept;
    // Has pollers watch for all operations, soon.
    void leave_to_pollers() noexcept;

    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    // True if a thread sleeps here.
    [[nodiscard]] bool sleeps() const noexcept { return sleep_ != nullptr; }
    // True for some time after there were too many descriptors, or the system has refused a sleep. During a rest no
    // thread should add a descriptor, or sleep.
    [[nodiscard]] bool rests() noexcept;
    // True if a runner that has tasks should look whether a descriptor is ready.
    [[nodiscard]] bool overdue() const noexcept { return !empty() && !sleeps() && now() >= next_; }

    // Sleeps until a descriptor is ready, until a thread calls interrupt, or until `deadline`. Then attempts the
    // operations whose descriptors are ready. Unlocks `mutex`, the queue's lock, during all that. REQUIRES: !sleeps().
    void sleep_until(Mutex& mutex, Nanoseconds deadline) noexcept NAIO_REQUIRES(mutex);
    void interrupt() noexcept {
        if (sleep_ != nullptr) sleep_->interrupt();
    }

  private:
    static constexpr Nanoseconds kRest = 100 * kMillisecond;
    static constexpr Nanoseconds kLookAfter = 20'000;

    // The descriptors of one sleep.
    struct Sleep {
        std::array<PolledDescriptor*, kMax> polled;  // with a reference to each
        std::array<WatchedDescriptor, kMax> watched;
        std::size_t count = 0;
    };
    void take_all(Sleep& sleep) noexcept;
    static void begin(Sleep& sleep, ReadinessWait& wait) noexcept;
    static void end(const Sleep& sleep, const ReadinessWait& wait) noexcept;
    void rest() noexcept;

    List<PolledDescriptor> list_;
    std::size_t count_ = 0;  // the number of descriptors in the list
    ReadinessWaits* waits_ = nullptr;
    ReadinessWait* sleep_ = nullptr;  // the sleep of the thread that sleeps here
    Nanoseconds next_ = 0;            // when a runner that has tasks looks again
    Nanoseconds rests_until_ = 0;     // 0: there is no rest
};

}  // namespace naio
