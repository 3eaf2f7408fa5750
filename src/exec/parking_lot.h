// Where threads sleep until something at an address has come to rest.
//
// The sleeper announces itself (Waiter), then tells the object that somebody waits, then sleeps. The waker knows
// nothing but the address, which it only compares: the object may be gone by then, and the sleeper may be the one to
// free it.
//
// Invariants:
//  1. A waiter that is announced before the object learns of it cannot miss the wake-up.
//  2. A waiter is woken under its bucket's lock, and notified without it, so as not to meet that lock at once. By then
//     its stack frame may be gone; so the condition is the bucket's, and those who were not meant sleep on.
//  3. The change that ends the wait and the wake-up are one step under that lock. Otherwise a waker that is late could
//     wake somebody who waits for a later change, or for another object at the same address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/list.h"
#include "base/mutex.h"
#include "exec/bell.h"
#include "exec/completion_queue.h"

namespace naio {

class ParkingLot {
  public:
    // Makes the change that those who park at `address` wait for, and wakes them all if `change` returns true. It runs
    // with a lock held: one atomic operation.
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

    // Does the same for no waiters: one step for all who use this address, which `step` makes with a lock held.
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
    // Are there any, who have to be notified then?
    static bool wake_all(Bucket& place, const void* address) noexcept NAIO_REQUIRES(place.mutex);

    std::array<Bucket, kBuckets> buckets_;
};

// One wait of one thread, on that thread's stack.
class ParkingLot::Waiter : public ListNode {
  public:
    Waiter(ParkingLot& lot, const void* address) noexcept;
    ~Waiter();

    // Calls `look` unless the waiter has been woken: it cannot be while that runs.
    template <class Look>
    void unless_woken(Look look) noexcept {
        Lock lock(bucket_.mutex);
        if (!woken_) look();
    }

    void sleep() noexcept;

    // Sleeps until `deadline`, in nanoseconds of the monotonic clock, at the latest; false if nobody has woken it.
    [[nodiscard]] bool sleep_until(std::int64_t deadline) noexcept;

    // Sleeps likewise, and runs completion queues meanwhile (wait.h). `queue` is the handle's, or nullptr.
    [[nodiscard]] bool wait_until(std::int64_t deadline, CompletionQueue* queue) noexcept;

  private:
    friend class ParkingLot;
    [[nodiscard]] bool woken() noexcept;

    Bucket& bucket_;
    const void* address_;
    // Guarded by bucket_.mutex:
    Bell* bell_ = nullptr;  // is rung, too, when it is woken
    bool woken_ = false;
};

}  // namespace naio
