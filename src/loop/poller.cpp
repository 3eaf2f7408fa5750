#include "loop/poller.h"

#include <utility>

#include "base/fault.h"

namespace naio {

nng_err Poller::start(TaskQueue& tasks) noexcept {
    const nng_err error = LeaderLoop::start(tasks, "naio:io");
    if (error != NNG_OK) return error;
    Lock lock(mutex_);
    up_ = true;
    return NNG_OK;
}

void Poller::stop() noexcept {
    {
        Lock lock(mutex_);
        up_ = false;
    }
    LeaderLoop::stop();
}

// Serves the inbox, then unregisters the watches that were not closed, which are lost.
void Poller::after_last_iteration() noexcept {
    Lock lock(mutex_);
    for (;;) {
        before_iteration();
        Watch::Registered* const each = registered_.front();
        if (each == nullptr) return;
        // The next two lines are one step under the lock, so that a thread that closes the watch after this step also
        // closes the descriptor at once.
        if (!NAIO_FAULT(watch_outlives_its_poller)) each->watch.state_ = Watch::State::kGone;
        each->watch.unregister();
    }
}

bool Poller::want(Watch& watch, unsigned events) noexcept {
    {
        Lock lock(mutex_);
        if (!up_ || watch.state_ == Watch::State::kGone) return false;
        if (std::exchange(watch.state_, Watch::State::kAttached) == Watch::State::kUnknown) watch.attached();
        watch.wanted_ |= events;
        if (!post(watch)) return true;
    }
    wake();
    return true;
}

bool Poller::close(Watch& watch) noexcept {
    {
        Lock lock(mutex_);
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
    inbox_.push_back(watch);
    return sleeps();
}

// Serves the watches in the inbox. Drops the lock while it serves a watch.
void Poller::before_iteration() noexcept {
    while (Watch* watch = inbox_.pop_front()) {
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
        const int error = watch.enter(uv());
        if (error != 0) return give_up(watch, -error);
        registered_.push_back(watch.registered_);
    }
    int error = watch.watch_for(watch.watching_ | (wanted & ~Watch::kNow));
    if (error == 0 && (wanted & Watch::kNow) != 0) error = watch.watch_for(watch.ready(Watch::kNow));
    if (error != 0) watch.refused(-error);
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

}  // namespace naio
