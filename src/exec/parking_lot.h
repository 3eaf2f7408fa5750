// A table in which threads sleep until an object, which is identified by its address, has become idle.
//
// The sleeper first announces itself (Waiter), then marks the object as waited for, then sleeps. The waker uses only
// the address, and only compares it, because a sleeper that was woken may free the object at once.
//
// A thread that waits behind a chain of callbacks would, on busy processors, preempt the worker that wakes it, and find
// only one operation ended. Therefore a waiter first naps, if the waits before suggest that this helps (nap_policy.h).
// While it naps, a thread that is in a task only marks it as woken, and notifies it later: when the thread has run out
// of tasks, or begins to wait in the library (TaskRunner::notify_later).
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
//  4. No waiter depends on a late notification: a waiter is marked as napping, under the bucket's lock, only while it
//     sleeps with a deadline of kWaiterNap at most, and after that it looks at its mark.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/bell.h"
#include "exec/completion_queue.h"
#include "exec/nap_policy.h"
#include "exec/stall.h"
#include "exec/task_runner.h"

namespace naio {

class ParkingLot {
  public:
    // Calls `change`, which makes the change that the waiters at `address` wait for. If `change` returns true, wakes
    // all of these waiters and returns true. `change` is one atomic operation, and runs with the bucket's lock held.
    template <class Change>
    bool wake_all_if(const void* address, Change change) noexcept {
        Bucket& place = bucket(address);
        TaskRunner* later = nullptr;
        {
            Lock lock(place.mutex);
            if (!change()) return false;
            const Marked marked = wake_all(place, address);
            if (!marked.any) return true;
            later = marked.later;
        }
        later != nullptr ? later->notify_later(place.woken) : place.woken.notify_all();
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
        NapPolicy naps NAIO_GUARDED_BY(mutex);
    };

    // The waiters that a waker has marked as woken.
    struct Marked {
        bool any = false;
        TaskRunner* later = nullptr;  // the calling thread's, if it is in a task and all of them nap; otherwise nullptr
    };

    static constexpr unsigned kBucketBits = 8;
    static constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;

    Bucket& bucket(const void* address) noexcept;
    // Marks the waiters at `address` as woken. The caller notifies them.
    static Marked wake_all(Bucket& place, const void* address) noexcept NAIO_REQUIRES(place.mutex);

    std::array<Bucket, kBuckets> buckets_;
};

// One wait of one thread, on that thread's stack.
class ParkingLot::Waiter : public ListNode {
  public:
    Waiter(ParkingLot& lot, const void* address) noexcept : Waiter(lot, address, [] {}) {}
    // Announces the waiter, and then calls `step` with the bucket's lock held.
    template <class Step>
    Waiter(ParkingLot& lot, const void* address, Step step) noexcept : bucket_(lot.bucket(address)), address_(address) {
        Lock lock(bucket_.mutex);
        bucket_.waiters.push_back(*this);
        step();
    }
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
    // queue of the handle, or nullptr. `watch` reports the wait if it takes long.
    [[nodiscard]] bool wait_until(Nanoseconds deadline, CompletionQueue* queue, StallWatch& watch) noexcept;

  private:
    friend class ParkingLot;
    [[nodiscard]] bool woken() noexcept;
    [[nodiscard]] bool see_woken() noexcept NAIO_REQUIRES(bucket_.mutex);
    void nap(Nanoseconds deadline) noexcept NAIO_REQUIRES(bucket_.mutex);

    Bucket& bucket_;
    const void* address_;
    // Guarded by bucket_.mutex:
    Bell* bell_ = nullptr;  // if not nullptr, wake_all rings it, too
    bool woken_ = false;
    bool naps_ = false;
    bool has_seen_woken_ = false;  // the waiting thread's: it has found woken_ set, so no other thread uses the waiter
};

}  // namespace naio
