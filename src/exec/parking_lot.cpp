#include "exec/parking_lot.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/probe.h"
#include "exec/wait.h"

namespace naio {

namespace {

// About the time that it takes to wake a thread on another processor. A waiter that is notified late wakes at most this
// much later, plus the system's timer slack, which is usually 50 us. Naps of 5 to 100 us gave the same throughput.
constexpr Nanoseconds kWaiterNap = 20'000;

}  // namespace

ParkingLot::Bucket& ParkingLot::bucket(const void* address) noexcept {
    return buckets_[hash_of_address(address, kBucketBits)];
}

ParkingLot::Marked ParkingLot::wake_all(Bucket& place, const void* address) noexcept {
    Marked marked;
    bool all_nap = true;
    for (Waiter* waiter = place.waiters.front(); waiter != nullptr;) {
        Waiter* next = place.waiters.after(*waiter);
        if (waiter->address_ == address) {
            marked.any = true;
            all_nap = all_nap && waiter->naps_;
            waiter->unlink();
            waiter->woken_ = true;
            if (waiter->bell_ != nullptr && !NAIO_FAULT(woken_waiter_is_not_rung)) waiter->bell_->ring();
        }
        waiter = next;
    }
    if (!marked.any) return marked;
    TaskRunner* const runner = TaskRunner::in_task();
    place.naps.wait_ends(runner != nullptr);
    if (all_nap || NAIO_FAULT(sleeping_waiter_is_notified_later)) marked.later = runner;
    return marked;
}

ParkingLot::Waiter::~Waiter() {
    if (has_seen_woken_) return;  // the waker has removed it from the list
    Lock lock(bucket_.mutex);
    unlink();
}

bool ParkingLot::Waiter::sleep_until(Nanoseconds deadline) noexcept {
    Lock lock(bucket_.mutex);
    nap(deadline);
    while (!woken_ && bucket_.woken.wait_until(bucket_.mutex, deadline)) {
        if (NAIO_FAULT(spurious_wake_up_counts)) return true;
    }
    return see_woken();
}

// Sleeps for kWaiterNap if the bucket's NapPolicy says so and the deadline is later than that. Returns when the waiter
// is woken, or when the nap is over.
void ParkingLot::Waiter::nap(Nanoseconds deadline) noexcept {
    if (woken_ || !bucket_.naps.wait_begins()) return;
    const Nanoseconds end = NAIO_FAULT(nap_has_no_end) ? kNever : now() + kWaiterNap;
    if (deadline < end) return;
    naps_ = true;
    while (!woken_ && bucket_.woken.wait_until(bucket_.mutex, end)) {
    }
    naps_ = false;
    bucket_.naps.nap_ends(woken_);
}

bool ParkingLot::Waiter::woken() noexcept {
    Lock lock(bucket_.mutex);
    return see_woken();
}

bool ParkingLot::Waiter::see_woken() noexcept {
    has_seen_woken_ = woken_;
    return woken_;
}

bool ParkingLot::Waiter::wait_until(Nanoseconds deadline, CompletionQueue* queue, StallWatch& watch) noexcept {
    const Parked parked(address_);
    if (queue == nullptr && !QueuesInWait::any_here())
        return watch.sleep(deadline, [this](Nanoseconds time) { return sleep_until(time); });
    Bell bell;
    {
        Lock lock(bucket_.mutex);
        bell_ = &bell;
    }
    const bool in_time = run_queues_until(bell, deadline, queue, watch, [this] { return woken(); });
    Lock lock(bucket_.mutex);
    bell_ = nullptr;
    return in_time;
}

}  // namespace naio
