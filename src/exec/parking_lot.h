// A table in which threads sleep until an object, which is identified by its address, has become idle.
//
// The sleeper first announces itself (Waiter), then marks the object as waited for, then sleeps. The waker uses only
// the address, and only compares it, because a sleeper that was woken may free the object at once.
//
// Invariants:
//  1. A waiter that announces itself before it marks the object cannot miss the wake-up.
//  2. The waker marks a waiter as woken under the bucket's lock, and notifies it without the lock, so that the waiter
//     need not wait for the lock. The waiter's stack frame may be gone when the waker notifies. Therefore the condition
//     belongs to the bucket. A notification also wakes the bucket's other waiters; a waiter without a mark sleeps
//     again.
//  3. The change that ends the wait and the marking of the waiters are one step under the bucket's lock. If they were
//     two steps, a late waker could wake a thread that waits for a later change, or for another object at the same
//     address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/bell.h"
#include "exec/completion_queue.h"

namespace naio {

class ParkingLot {
  public:
    // Calls `change`, which makes the change that the waiters at `address` wait for. If `change` returns true, wakes
    // all of these waiters and returns true. `change` is one atomic operation, and runs with the bucket's lock held.
    template <class Change>
    bool wake_all_if(const void* address, Change change) noexcept {
        Bucket& place = bucket(address);
        {
            Lock lock(place.mutex);
            if (!change()) return false;
            if (!wake_all(place, address)) return true;
        }
        place.woken.notify_all();
        return true;
    }

    // Calls `step` with the bucket's lock held, and wakes no waiter. Because of the lock, the steps and changes of all
    // calls of locked and wake_all_if with one address are ordered.
    template <class Step>
    auto locked(const void* address, Step step) noexcept {
        Lock lock(bucket(address).mutex);
        return step();
    }

    class Waiter;

  private:
    struct Bucket {
        Mutex mutex;
        Condition woken;
        List<Waiter> waiters NAIO_GUARDED_BY(mutex);
    };

    static constexpr unsigned kBucketBits = 8;
    static constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;

    Bucket& bucket(const void* address) noexcept;
    // Marks the waiters at `address` as woken. True if there are any: the caller notifies them.
    static bool wake_all(Bucket& place, const void* address) noexcept NAIO_REQUIRES(place.mutex);

    std::array<Bucket, kBuckets> buckets_;
};

// One wait of one thread, on that thread's stack.
class ParkingLot::Waiter : public ListNode {
  public:
    Waiter(ParkingLot& lot, const void* address) noexcept;
    ~Waiter();

    // Calls `look` unless the waiter has been woken. No thread wakes the waiter while `look` runs.
    template <class Look>
    void unless_woken(Look look) noexcept {
        Lock lock(bucket_.mutex);
        if (!woken_) look();
    }

    // Sleeps until the waiter is woken, or until `deadline`, in nanoseconds of the monotonic clock. False if the waiter
    // was not woken.
    [[nodiscard]] bool sleep_until(Nanoseconds deadline) noexcept;

    // Does what sleep_until does, but also runs completion queues until the waiter is woken (wait.h). `queue` is the
    // queue of the handle, or nullptr.
    [[nodiscard]] bool wait_until(Nanoseconds deadline, CompletionQueue* queue) noexcept;

  private:
    friend class ParkingLot;
    [[nodiscard]] bool woken() noexcept;

    Bucket& bucket_;
    const void* address_;
    // Guarded by bucket_.mutex:
    Bell* bell_ = nullptr;  // if not nullptr, wake_all rings it, too
    bool woken_ = false;
};

}  // namespace naio
