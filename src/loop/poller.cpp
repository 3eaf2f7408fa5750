#include "loop/poller.h"

#include <utility>

#include "base/fault.h"

namespace naio {

nng_err Poller::start(TaskQueue& tasks, Balancer balancer) noexcept {
    balancer_ = balancer;
    parting_ = {};
    next_review_ = balancer.review;
    checked_ = 0;  // so that the leader sets the review before it sleeps
    has_retired_ = false;
    const nng_err error = LeaderLoop::start(tasks, "naio:io");
    if (error != NNG_OK) return error;
    Lock lock(mutex_);
    up_.set(true);
    heir_ = nullptr;
    return NNG_OK;
}

void Poller::stop() noexcept {
    {
        Lock lock(mutex_);
        up_.set(false);
    }
    LeaderLoop::stop();
}

// Serves the inbox, then unregisters the watches that were not closed, which are lost.
void Poller::after_last_iteration() noexcept {
    Lock lock(mutex_);
    for (;;) {
        while (!inbox_.empty()) serve_inbox();
        Watch::Registered* const each = registered_.front();
        if (each == nullptr) return;
        // The next two lines are one step under the lock, so that a thread that closes the watch after this step also
        // closes the descriptor at once.
        if (!NAIO_FAULT(watch_outlives_its_poller)) each->watch.state_ = Watch::State::kGone;
        each->watch.unregister();
    }
}

std::optional<bool> Poller::want(Watch& watch, unsigned events) noexcept {
    {
        Lock lock(mutex_);
        if (&watch.poller() != this && !NAIO_FAULT(former_poller_is_asked)) return {};
        if (watch.state_ == Watch::State::kGone) return false;
        if (heir_ != nullptr && !NAIO_FAULT(watch_comes_to_a_retired_poller)) {
            watch.poller_.store(heir_, std::memory_order_relaxed);
            return {};
        }
        if (!up_.get()) return false;
        if (std::exchange(watch.state_, Watch::State::kAttached) == Watch::State::kUnknown) watch.attached();
        watch.wanted_ |= events;
        if (!post(watch)) return true;
    }
    wake();
    return true;
}

std::optional<bool> Poller::close(Watch& watch) noexcept {
    {
        Lock lock(mutex_);
        if (&watch.poller() != this && !NAIO_FAULT(former_poller_closes)) return {};
        const bool attached = std::exchange(watch.state_, Watch::State::kGone) == Watch::State::kAttached;
        if (!attached) return true;
        watch.closing_ = true;
        if (!post(watch) || NAIO_FAULT(close_wakes_no_poller)) return false;
    }
    wake();
    return false;
}

// Adds the watch to the inbox. True if the caller has to wake the leader.
bool Poller::post(Watch& watch) noexcept {
    if (watch.linked()) return false;
    if (watch.destination_ != nullptr && !NAIO_FAULT(watch_on_its_way_is_posted)) return false;
    inbox_.push_back(watch);
    return sleeps();
}

// The inbox comes last: when the leader enters the loop, no watch may wait in it (invariant 1). If watches have come
// while the leader did not hold the lock, or are too many for one iteration, the leader does not sleep.
void Poller::before_iteration() noexcept {
    if (NAIO_FAULT(watch_comes_too_late_to_be_served)) serve_inbox();
    if (balancer_.measured != nullptr && !has_retired_) {
        measure();
        part();
    }
    if (!NAIO_FAULT(watch_comes_too_late_to_be_served)) serve_inbox();
    if (loop().begins_again()) [[unlikely]] {
        mutex_.unlock();
        register_again();
        mutex_.lock();
    }
    if (!inbox_.empty() && !NAIO_FAULT(watch_comes_too_late_to_be_served)) loop().interrupt();
}

void Poller::register_again() noexcept {
    for (Watch::Registered* each = registered_.front(); each != nullptr; each = registered_.after(*each)) {
        const int error = each->watch.enter_again();
        if (error != 0) each->watch.refused(error);
    }
}

// Serves watches in the inbox, but not more than kServedPerIteration. Drops the lock while it serves a watch.
void Poller::serve_inbox() noexcept {
    for (unsigned left = kServedPerIteration; left != 0; --left) {
        Watch* const watch = inbox_.pop_front();
        if (watch == nullptr) return;
        const unsigned wanted = std::exchange(watch->wanted_, 0);
        const bool closing = watch->closing_;
        mutex_.unlock();
        serve(*watch, wanted, closing);
        mutex_.lock();
    }
}

void Poller::serve(Watch& watch, unsigned wanted, bool closing) noexcept {
    const bool is_registered = watch.registered_.linked();
    if (closing) return is_registered ? watch.unregister() : watch.closed();
    if (!is_registered) {
        const int error = watch.enter(loop(), watch.watching_ | (wanted & ~Watch::kNow));
        if (error != 0) return cannot_register(watch, wanted, error);
        if (std::exchange(watch.origin_, nullptr) != nullptr) begin_pass();
        registered_.push_back(watch.registered_);
        ++watches_;
    }
    int error = watch.watch_for(watch.watching_ | (wanted & ~Watch::kNow));
    if (error == 0 && (wanted & Watch::kNow) != 0) error = watch.watch_for(watch.ready(Watch::kNow));
    if (error != 0) watch.refused(error);
}

// Returns a watch that another poller has passed on to that poller, which has the memory that this one lacks.
void Poller::cannot_register(Watch& watch, unsigned wanted, int error) noexcept {
    Poller* const origin = std::exchange(watch.origin_, nullptr);
    if (origin == nullptr) return give_up(watch, error);
    pass_on_or_end(watch, *origin, wanted);
}

void Poller::give_up(Watch& watch, int error) noexcept {
    {
        Lock lock(mutex_);
        const bool closes = std::exchange(watch.state_, Watch::State::kGone) == Watch::State::kGone;
        if (closes && !NAIO_FAULT(closing_watch_is_given_up)) return;
        watch.unlink();  // another want may have posted the watch again
    }
    watch.refused(error);
    watch.lost();
}

// Called when the loop has let go of a watch. Only the leader sets destination_, so it may read it without the lock.
void Poller::unregistered(Watch& watch) noexcept {
    --watches_;
    if (watch.destination_ == nullptr) return end(watch);
    watch.origin_ = this;
    pass_on_or_end(watch, *watch.destination_, 0);
}

void Poller::pass_on_or_end(Watch& watch, Poller& to, unsigned wanted) noexcept {
    if (!pass_on(watch, to, wanted)) end(watch);
}

// Tells the owner that no poller uses the watch any more.
void Poller::end(Watch& watch) noexcept { watch.closing_ ? watch.closed() : watch.lost(); }

}  // namespace naio
