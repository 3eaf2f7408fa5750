#include "loop/pollers.h"

#include <algorithm>
#include <utility>

namespace naio {

void Pollers::open(unsigned count) noexcept {
    Lock lock(mutex_);
    count_ = std::clamp(count, 1u, kMost);
    turn_ = 0;
}

void Pollers::close() noexcept {
    unsigned started = 0;
    {
        Lock lock(mutex_);
        count_ = 0;
        started = std::exchange(started_, 0u);
    }
    for (unsigned i = 0; i < started; ++i) pollers_[i].stop();
}

Poller* Pollers::next() noexcept {
    Lock lock(mutex_);
    if (count_ == 0) return nullptr;
    if (started_ < count_ && turn_ == started_) {
        if (!pollers_[started_].start(tasks_)) return started_ != 0 ? &pollers_[0] : nullptr;
        ++started_;
    }
    Poller& chosen = pollers_[turn_];
    turn_ = (turn_ + 1) % count_;
    return &chosen;
}

}  // namespace naio
