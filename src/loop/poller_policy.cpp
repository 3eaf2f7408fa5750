#include "loop/poller_policy.h"

#include <algorithm>
#include <utility>

namespace naio {

Nanoseconds PollerPolicy::period() noexcept { return kPeriod; }

void PollerPolicy::reset(unsigned max) noexcept {
    *this = PollerPolicy();
    max_ = std::clamp(max, 1u, kMax);
}

// The first poller needs no review: it stays.
Nanoseconds PollerPolicy::review(unsigned poller) const noexcept {
    if (poller == 0) return kNever;
    return poller < running_ ? kReview : kRest;
}

// All pollers from running_ on have rested at least since retired_, when the latest one of them was sent to rest.
bool PollerPolicy::has_rested(unsigned poller, Nanoseconds now) const noexcept {
    return poller >= running_ && now - retired_ >= kRest;
}

PollerPolicy::Decision PollerPolicy::measured(unsigned poller, const PollerLoad& load, Nanoseconds now) noexcept {
    if (poller >= running_) return {.to = 0, .count = kAll};  // a watch has come after the poller was sent to rest
    Measured& own = measured_[poller];
    own.at = now;
    own.share =
        load.sleeps * kTurnsPerSleep <= load.turns ? kWhole : load.busy * kWhole / std::max<Nanoseconds>(load.time, 1);
    own.turn = load.busy / static_cast<Nanoseconds>(std::max<std::uint64_t>(load.turns, 1));
    own.is_known = load.is_pass_over;
    if (load.is_pass_over && now >= own.settled) own.work = load.work;
    own.active = load.active;
    const bool crowded = own.share >= kNoTimeLeft && own.turn >= kLongTurn && own.active > 1;
    own.crowded = crowded ? own.crowded + 1 : 0;
    if (std::exchange(own.gives, load.is_giving)) own.settled = measured_[own.heir].settled = now + kSettling;
    if (running_ == 1 || !fit_on_fewer(now))
        fits_since_ = kNever;
    else if (fits_since_ == kNever)
        fits_since_ = now;
    if (now < own.settled) return {};
    if (own.crowded >= kCrowdedPeriods) return relieve(poller, now);
    if (poller + 1 == running_ && fits_since_ != kNever && now - fits_since_ >= patience_) return retire(now);
    return {};
}

// Gives watches to the idlest other poller, or to one more, which then runs.
PollerPolicy::Decision PollerPolicy::relieve(unsigned poller, Nanoseconds now) noexcept {
    Measured& own = measured_[poller];
    const unsigned other = idlest(poller, now);
    const unsigned part = surplus(poller, other, now);
    if (part != 0 && !own.is_known) return {};
    if (part != 0 && now >= measured_[other].settled) return give(poller, other, part, now);
    if (running_ == max_ || now - refused_ < kMaxPatience) return {};
    if (now - retired_ < kRegret) patience_ = std::min(2 * patience_, kMaxPatience);
    measured_[running_] = {};
    return give(poller, running_++, own.active / 2, now);
}

// Returns how many watches the poller, which has no time left, gives to the other one so that both have the same load.
// If the other one has no time left either, the load is the time that an event waits, which is the work of all watches.
// But if the poller has not many more watches than the other one, a few of them make most of the work. These could move
// to and fro.
unsigned PollerPolicy::surplus(unsigned poller, unsigned other, Nanoseconds now) const noexcept {
    const Measured& own = measured_[poller];
    const std::int64_t difference = own.share - share(other, now);
    if (difference >= kDifference)
        return std::max(static_cast<unsigned>(own.active * difference / (2 * own.share)), 1u);
    const Measured& its = measured_[other];
    if (own.work == kNever || its.work == kNever) return 0;
    if (own.work <= kUneven * its.work || own.active <= kUneven * its.active) return 0;
    return static_cast<unsigned>(own.active * (own.work - its.work) / (2 * own.work));
}

PollerPolicy::Decision PollerPolicy::give(unsigned from, unsigned to, unsigned count, Nanoseconds now) noexcept {
    measured_[from].gives = true;
    measured_[from].heir = to;
    for (const unsigned each : {from, to}) {
        measured_[each].crowded = 0;
        measured_[each].work = kNever;
        measured_[each].settled = now + kSettling;
    }
    return {.to = to, .count = count};
}

PollerPolicy::Decision PollerPolicy::retire(Nanoseconds now) noexcept {
    if (now - retired_ > kMaxPatience) patience_ = std::max(patience_ / 2, kPatience);
    retired_ = now;
    fits_since_ = kNever;
    --running_;
    return give(running_, idlest(running_, now), kAll, now);
}

// True if the other pollers have time for the watches of the last one, if one of them has nothing to do, or if they all
// sleep between short turns, so that they usually wake each other.
bool PollerPolicy::fit_on_fewer(Nanoseconds now) const noexcept {
    std::int64_t all = 0, least = kWhole, most = 0;
    Nanoseconds longest = 0;
    for (unsigned i = 0; i < running_; ++i) {
        const std::int64_t own = share(i, now);
        all += own;
        least = std::min(least, own);
        most = std::max(most, own);
        if (sleeps(i, now)) continue;
        if (measured_[i].gives) return false;
        longest = std::max(longest, measured_[i].turn);
    }
    return all <= kFits * (running_ - 1) || least <= kIdle || (longest <= kShortTurn && most < kWhole);
}

bool PollerPolicy::sleeps(unsigned poller, Nanoseconds now) const noexcept {
    return now - measured_[poller].at > kAsleep;
}

std::int64_t PollerPolicy::share(unsigned poller, Nanoseconds now) const noexcept {
    return sleeps(poller, now) ? 0 : measured_[poller].share;
}

// Returns the running poller that has the most time left, but `except` only if there is no other.
unsigned PollerPolicy::idlest(unsigned except, Nanoseconds now) const noexcept {
    unsigned found = except;
    for (unsigned i = 0; i < running_; ++i)
        if (i != except && (found == except || idler(i, found, now))) found = i;
    return found;
}

// True if `one` has more time left than `other`, or if it has as much, and less work.
bool PollerPolicy::idler(unsigned one, unsigned other, Nanoseconds now) const noexcept {
    const std::int64_t difference = share(one, now) - share(other, now);
    return difference < 0 || (difference == 0 && measured_[one].work < measured_[other].work);
}

}  // namespace naio
