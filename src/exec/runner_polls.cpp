#include "exec/runner_polls.h"

namespace naio {

bool RunnerPolls::add(PolledDescriptor& descriptor, ReadinessWaits& waits) noexcept {
    if (count_ == kMax) {
        rest();
        return false;
    }
    waits_ = &waits;
    list_.push_back(descriptor);
    ++count_;
    return true;
}

void RunnerPolls::remove(PolledDescriptor& descriptor) noexcept {
    if (!descriptor.linked()) return;
    descriptor.unlink();
    --count_;
}

void RunnerPolls::leave_to_pollers() noexcept {
    for (PolledDescriptor* each = list_.front(); each != nullptr; each = list_.after(*each))
        each->owner_.watch_later(*each);
}

void RunnerPolls::rest() noexcept {
    rests_until_ = now() + kRest;
    leave_to_pollers();
}

bool RunnerPolls::rests() noexcept {
    if (rests_until_ != 0 && now() >= rests_until_) rests_until_ = 0;
    return rests_until_ != 0;
}

void RunnerPolls::sleep_until(Mutex& mutex, Nanoseconds deadline) noexcept {
    ReadinessWait wait;
    if (!wait.prepare(*waits_)) return rest();
    Sleep sleep;
    take_all(sleep);
    sleep_ = &wait;
    mutex.unlock();
    begin(sleep, wait);
    const bool ready = wait.sleep_until({sleep.watched.data(), sleep.count}, deadline);
    mutex.lock();
    sleep_ = nullptr;  // the operations that end now need not interrupt
    mutex.unlock();
    end(sleep, wait);
    mutex.lock();
    const Nanoseconds time = now();
    next_ = time + kLookAfter;
    if (!ready && time < deadline) rest();  // the system has refused to watch
}

// Takes a reference to each descriptor. When the lock is released, the descriptor may leave the list at any time.
void RunnerPolls::take_all(Sleep& sleep) noexcept {
    for (PolledDescriptor* each = list_.front(); each != nullptr; each = list_.after(*each)) {
        each->owner_.retain(*each);
        sleep.polled[sleep.count++] = each;
    }
}

void RunnerPolls::begin(Sleep& sleep, ReadinessWait& wait) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < sleep.count; ++i) {
        PolledDescriptor& each = *sleep.polled[i];
        const int fd = each.owner_.begin_poll(each, wait);
        if (fd < 0) {
            each.owner_.release(each);
            continue;
        }
        sleep.polled[count] = &each;
        sleep.watched[count++] = {.descriptor = fd, .ready = false};
    }
    sleep.count = count;
}

void RunnerPolls::end(const Sleep& sleep, const ReadinessWait& wait) noexcept {
    for (std::size_t i = 0; i < sleep.count; ++i) {
        PolledDescriptor& each = *sleep.polled[i];
        each.owner_.end_poll(each, wait, sleep.watched[i].ready);
        each.owner_.release(each);
    }
}

}  // namespace naio
