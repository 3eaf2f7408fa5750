// How a poller measures its load and passes watches on to another poller.
#include <sys/resource.h>
#include <time.h>

#include <functional>
#include <optional>
#include <utility>

#include "base/fault.h"
#include "loop/poller.h"

namespace naio {

namespace {

// Returns how often the calling thread has slept.
std::uint64_t sleeps_of_this_thread() noexcept {
#if defined(RUSAGE_THREAD)
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return static_cast<std::uint64_t>(usage.ru_nvcsw);
#else
    static thread_local std::uint64_t sleeps = 0;
    return sleeps += PollerLoad::kManySleeps;
#endif
}

constexpr unsigned kPartedPerIteration = 256;  // so that the other watches do not wait long

}  // namespace

void Poller::note_activity(Watch& watch) noexcept {
    if (watch.last_period_ == period_) return;
    watch.last_period_ = period_;
    ++active_;
}

// Ends the period if it has been long enough, and lets the balancer decide.
void Poller::measure() noexcept {
    const Nanoseconds time = present();
    if (time - checked_ < PollerPolicy::period()) return;
    checked_ = time;
    const Start next{.time = time,
                     .used = read_clock(CLOCK_THREAD_CPUTIME_ID),
                     .sleeps = sleeps_of_this_thread(),
                     .turns = turns(),
                     .term = term()};
    const Start last = std::exchange(start_, next);
    const PollerLoad load{.time = next.time - last.time,
                          .busy = next.used - last.used,
                          .sleeps = next.sleeps - last.sleeps,
                          .turns = next.turns - last.turns,
                          .active = std::exchange(active_, 0)};
    ++period_;
    // The numbers of two leaders cannot be compared: each thread has its own. While the poller is being started, its
    // starter holds the lock that the balancer takes, and waits for this thread if the other thread cannot be started.
    const bool may_tell = up_ && next.term == last.term;
    mutex_.unlock();
    if (may_tell) {
        const Parting parting = balancer_.measured(balancer_.self, *this, load);
        next_review_ = parting.review;
        if (parting.count != 0) parting_ = parting;
    }
    loop().limit_sleep(next_review_);
    mutex_.lock();
}

bool Poller::retire(Poller& heir) noexcept {
    Lock lock(mutex_);
    if (!up_ || !inbox_.empty() || !registered_.empty()) return false;
    if (!has_no_tasks() && !NAIO_FAULT(blocked_poller_retires)) return false;
    up_ = false;
    heir_ = &heir;
    has_retired_ = true;
    return true;
}

// Passes some of the watches on. Drops the lock while it does so.
void Poller::part() noexcept {
    if (parting_.count == 0) return;
    mutex_.unlock();
    unsigned left = kPartedPerIteration;
    Watch::Registered* next = registered_.front();
    while (next != nullptr && left != 0 && parting_.count != 0) {
        Watch& watch = std::exchange(next, registered_.after(*next))->watch;
        if (!send_away(watch)) continue;
        --left;
        if (parting_.count != PollerPolicy::kAll) --parting_.count;
    }
    if (next == nullptr) parting_.count = 0;
    mutex_.lock();
}

// False if the watch stays, because its descriptor was not ready lately or the watch is being closed.
bool Poller::send_away(Watch& watch) noexcept {
    if (parting_.count != PollerPolicy::kAll && watch.last_period_ + 1 < period_) return false;
    {
        Lock lock(mutex_);
        if (watch.state_ == Watch::State::kGone) return false;
        watch.unlink();
        watch.destination_ = parting_.to;
        watch.wanted_ |= watch.watching_ & (NAIO_FAULT(watch_forgets_on_its_way) ? 0u : ~0u);
    }
    watch.unregister();
    return true;
}

// Gives the watch, which is not registered here any more, to another poller, or to the heir of that one, which may be
// this poller. False if one of the pollers stops; then this poller is the last one to use the watch.
bool Poller::pass_on(Watch& watch, Poller& to, unsigned wanted) noexcept NAIO_NO_THREAD_SAFETY_ANALYSIS {
    bool must_wake = false;
    Poller* heir = nullptr;
    {
        const bool is_first = std::less<>()(this, &to);  // all threads take two pollers' locks in the same order
        Lock first(is_first ? mutex_ : to.mutex_);
        std::optional<Lock> second;
        if (&to != this) second.emplace(is_first ? to.mutex_ : mutex_);
        heir = NAIO_FAULT(watch_goes_to_a_retired_poller) ? nullptr : to.heir_;
        if (heir == nullptr) {
            watch.unlink();
            watch.destination_ = nullptr;
            watch.wanted_ |= wanted;
            if ((!up_ || !to.up_) && !NAIO_FAULT(watch_goes_to_a_stopped_poller)) {
                watch.state_ = Watch::State::kGone;
                return false;
            }
            watch.poller_.store(&to, std::memory_order_relaxed);
            must_wake = to.post(watch);
        }
    }
    if (heir != nullptr) return pass_on(watch, *heir, wanted);
    if (must_wake) to.wake();
    return true;
}

}  // namespace naio
