#include "loop/pollers.h"

#include <algorithm>
#include <utility>

namespace naio {

void Pollers::open(unsigned count) noexcept {
    Lock lock(mutex_);
    adapts_ = false;
    count_ = std::clamp(count, 1u, kMax);
    next_ = 0;
}

void Pollers::open_adapting(unsigned max) noexcept {
    Lock lock(mutex_);
    adapts_ = true;
    count_ = 1;
    next_ = 0;
    policy_.reset(std::min({max, usable_processors(), kMax}));
}

void Pollers::close() noexcept {
    Lock stopping(stopping_);
    unsigned started = 0;
    {
        Lock lock(mutex_);
        count_ = 0;
        started = std::exchange(started_, 0u);
        last_has_retired_ = false;
    }
    for (unsigned i = 0; i < started; ++i) pollers_[i].stop();
}

nng_err Pollers::next(Poller*& to) noexcept {
    Lock lock(mutex_);
    if (count_ == 0) return NNG_ECLOSED;
    if (started_ < count_ && next_ == started_) {
        const nng_err error = start_another();
        if (error != NNG_OK && started_ == 0) return error;
        if (error != NNG_OK) next_ = 0;
    }
    to = &pollers_[next_];
    next_ = (next_ + 1) % count_;
    return NNG_OK;
}

nng_err Pollers::start_another() noexcept {
    Poller::Balancer balancer;
    if (adapts_) {
        balancer.self = this;
        balancer.review = policy_.review(started_);
        balancer.measured = [](void* self, Poller& poller, const PollerLoad& load) noexcept {
            return static_cast<Pollers*>(self)->measured(poller, load);
        };
    }
    const nng_err error = pollers_[started_].start(tasks_, balancer);
    if (error == NNG_OK) ++started_;
    return error;
}

Poller::Parting Pollers::measured(Poller& poller, const PollerLoad& load) noexcept {
    const auto index = static_cast<unsigned>(&poller - pollers_.data());
    {
        Lock lock(mutex_);
        if (count_ == 0) return {};  // all pollers are being stopped
        const bool may_end = index + 1 == started_ && policy_.has_rested(index, now());
        if (!may_end || !poller.retire(pollers_[0])) return balance(index, load);
        last_has_retired_ = true;
    }
    tasks_.enqueue(*this);  // not submit, because a poller's thread cannot join itself
    return {};
}

// Asks the policy, and starts another poller if it says so.
Poller::Parting Pollers::balance(unsigned index, const PollerLoad& load) noexcept {
    const PollerPolicy::Decision decision = policy_.measured(index, load, now());
    if (decision.count != 0 && last_has_retired_ && decision.to + 1 == started_) {
        policy_.withdraw();
        return {.review = policy_.review(index)};
    }
    if (decision.count != 0 && decision.to == started_ && start_another() != NNG_OK) {
        policy_.refused(now());
        return {.review = policy_.review(index)};
    }
    count_ = policy_.running();
    if (next_ >= count_) next_ = 0;
    return {.to = &pollers_[decision.to], .count = decision.count, .review = policy_.review(index)};
}

// Runs the task: stops the poller that has retired, unless close has stopped it already.
Task* Pollers::end_retired(Task& task) noexcept {
    auto& self = static_cast<Pollers&>(task);
    Lock stopping(self.stopping_);
    Poller* retired = nullptr;
    {
        Lock lock(self.mutex_);
        if (!self.last_has_retired_) return nullptr;
        retired = &self.pollers_[self.started_ - 1];
    }
    retired->stop();
    Lock lock(self.mutex_);
    self.last_has_retired_ = false;
    --self.started_;
    return nullptr;
}

void Pollers::dump(Dump& dump) noexcept {
    if (!dump.lock(mutex_, "pollers")) return;
    const unsigned started = started_;
    mutex_.unlock();
    for (unsigned i = 0; i < started; ++i) {
        DumpLine name;
        name.add("poller %u", i);
        pollers_[i].dump(dump, name.text());
    }
}

void Pollers::count_into(Stats& stats) noexcept {
    for (Poller& each : pollers_) {
        each.count_into(stats);
        each.count_poller_into(stats);
    }
}

}  // namespace naio
