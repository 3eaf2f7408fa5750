// How a poller measures its load and passes watches on to another poller.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <climits>
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

constexpr std::uint64_t kEventsPerPass = 2;  // the mean number of times that an active watch is ready in a pass
constexpr Nanoseconds kLongestPass = 250 * kMillisecond;
constexpr unsigned kPartedPerIteration = 256;  // so that the other watches do not wait long

}  // namespace

void Poller::note_activity(Watch& watch) noexcept {
    ++events_;
    if (watch.last_pass_ == pass_) return;
    watch.last_pass_ = pass_;
    ++active_;
}

// Begins a pass, in which the poller finds out which of its watches are active. When watches have moved, the pass has
// to begin again.
void Poller::begin_pass() noexcept {
    ++pass_;
    pass_begin_ = start_.time;
    pass_busy_ = 0;
    events_ = active_ = 0;
}

// Adds the number of active watches to the load. If the pass is over, these are the watches that were ready in it, and
// a new pass begins. Otherwise they may be all.
void Poller::count_active(PollerLoad& load) noexcept {
    load.is_pass_over = events_ >= kEventsPerPass * active_ || start_.time - pass_begin_ >= kLongestPass;
    load.active = load.is_pass_over ? active_ : watches_;
    measured_pass_ = load.is_pass_over ? pass_ : kNoPass;
    pass_busy_ += load.busy;
    if (!load.is_pass_over) return;
    load.work = active_ == 0 ? 0 : pass_busy_ * active_ / static_cast<Nanoseconds>(events_);
    begin_pass();
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
    PollerLoad load{.time = next.time - last.time,
                    .busy = next.used - last.used,
                    .sleeps = next.sleeps - last.sleeps,
                    .turns = next.turns - last.turns,
                    .is_giving = parting_.count != 0};
    // The numbers of two leaders cannot be compared: each thread has its own. While the poller is being started, its
    // starter holds the lock that the balancer takes, and waits for this thread if the other thread cannot be started.
    const bool may_tell = up_.get() && next.term == last.term;
    may_tell ? count_active(load) : begin_pass();
    mutex_.unlock();
    if (may_tell) {
        const Parting parting = balancer_.measured(balancer_.self, *this, load);
        next_review_ = parting.review;
        if (parting.count != 0) begin_parting(parting);
    }
    loop().limit_sleep(next_review_);
    mutex_.lock();
}

bool Poller::retire(Poller& heir) noexcept {
    Lock lock(mutex_);
    if (!up_.get() || !inbox_.empty() || watches_ != 0) return false;
    if (!has_no_tasks() && !NAIO_FAULT(blocked_poller_retires)) return false;
    up_.set(false);
    heir_ = &heir;
    has_retired_ = true;
    return true;
}

void Poller::begin_parting(const Parting& parting) noexcept {
    parting_ = parting;
    parted_pass_ = measured_pass_;
    unvisited_ = watches_;
    last_parted_ = parting.count == PollerPolicy::kAll ? INT_MAX : end_of_lowest(parting.count);
}

// Returns a descriptor: the watches up to that one, which may be active, are `count` or a little more.
int Poller::end_of_lowest(unsigned count) noexcept {
    constexpr int kRanges = 256;
    int highest = 0;
    for (const Watch::Registered* each = registered_.front(); each != nullptr; each = registered_.after(*each))
        highest = std::max(highest, each->watch.watched_);
    const int size = highest / kRanges + 1;
    std::array<unsigned, kRanges> watches{};
    for (const Watch::Registered* each = registered_.front(); each != nullptr; each = registered_.after(*each))
        if (may_be_active(each->watch)) ++watches[static_cast<std::size_t>(each->watch.watched_ / size)];
    int range = 0;
    for (unsigned sum = watches[0]; sum < count && range < kRanges - 1; sum += watches[static_cast<std::size_t>(range)])
        ++range;
    return (range + 1) * size - 1;
}

// Passes some of the watches on: those with the lowest descriptors, because both ends of a connection within the
// process have usually got their descriptors one soon after the other. So most of these connections stay on one poller.
// Drops the lock while it does so.
void Poller::part() noexcept {
    if (parting_.count == 0) return;
    mutex_.unlock();
    unsigned left = kPartedPerIteration;
    for (; unvisited_ != 0 && left != 0 && parting_.count != 0; --unvisited_) {
        Watch::Registered* const next = registered_.front();
        if (next == nullptr) break;
        if (send_away(next->watch)) {
            --left;
            if (parting_.count != PollerPolicy::kAll) --parting_.count;
            continue;
        }
        next->unlink();
        registered_.push_back(*next);
    }
    if (unvisited_ == 0 || registered_.empty()) parting_.count = 0;
    begin_pass();
    mutex_.lock();
}

// False if the descriptor was not ready in the pass that ended when the watches to be passed on were counted, and has
// not been ready since.
bool Poller::may_be_active(const Watch& watch) const noexcept {
    return parted_pass_ == kNoPass || watch.last_pass_ - parted_pass_ <= pass_ - parted_pass_;
}

// False if the watch stays, because its descriptor was not ready lately or the watch is being closed.
bool Poller::send_away(Watch& watch) noexcept {
    if (watch.watched_ > last_parted_) return false;
    if (parting_.count != PollerPolicy::kAll && !may_be_active(watch)) return false;
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
            if ((!up_.get() || !to.up_.get()) && !NAIO_FAULT(watch_goes_to_a_stopped_poller)) {
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
