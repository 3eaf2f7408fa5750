#include "exec/parking_lot.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/probe.h"
#include "exec/wait.h"

namespace naio {

ParkingLot::Bucket& ParkingLot::bucket(const void* address) noexcept {
    return buckets_[hash_of_address(address, kBucketBits)];
}

bool ParkingLot::wake_all(Bucket& place, const void* address) noexcept {
    bool any = false;
    for (Waiter* waiter = place.waiters.front(); waiter != nullptr;) {
        Waiter* next = place.waiters.after(*waiter);
        if (waiter->address_ == address) {
            any = true;
            waiter->unlink();
            waiter->woken_ = true;
            if (waiter->bell_ != nullptr && !NAIO_FAULT(woken_waiter_is_not_rung)) waiter->bell_->ring();
        }
        waiter = next;
    }
    return any;
}

ParkingLot::Waiter::Waiter(ParkingLot& lot, const void* address) noexcept
    : bucket_(lot.bucket(address)), address_(address) {
    Lock lock(bucket_.mutex);
    bucket_.waiters.push_back(*this);
}

ParkingLot::Waiter::~Waiter() {
    Lock lock(bucket_.mutex);
    unlink();
}

bool ParkingLot::Waiter::sleep_until(Nanoseconds deadline) noexcept {
    Lock lock(bucket_.mutex);
    while (!woken_ && bucket_.woken.wait_until(bucket_.mutex, deadline)) {
        if (NAIO_FAULT(spurious_wake_up_counts)) return true;
    }
    return woken_;
}

bool ParkingLot::Waiter::woken() noexcept {
    Lock lock(bucket_.mutex);
    return woken_;
}

bool ParkingLot::Waiter::wait_until(Nanoseconds deadline, CompletionQueue* queue) noexcept {
    const Parked parked(address_);
    StallWatch watch(address_);
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
