#include "time/timer.h"

#include <algorithm>
#include <bit>

#include "base/fault.h"

namespace naio {

Timer::Timer(const Client& client, TaskQueue& tasks) noexcept
    : client_(client),
      tasks_(tasks),
      alarm_([](void* self) noexcept { static_cast<Timer*>(self)->ring(); }, this),
      check_([](void* self) noexcept { static_cast<Timer*>(self)->check_workers(); }, this) {
    loop_.attach(alarm_);
    loop_.attach(check_);
}

nng_err Timer::start() noexcept {
    const nng_err error = loop_.start(tasks_, "naio:timer");
    if (error != NNG_OK) return error;
    tasks_.set_monitor(this);
    Lock lock(mutex_);
    // Sets the alarm for entries that were armed before the library was last brought down.
    if (!NAIO_FAULT(next_life_forgets_the_alarm)) set_alarm(wheel_.next());
    return NNG_OK;
}

void Timer::stop() noexcept {
    tasks_.set_monitor(nullptr);
    loop_.stop();
}

void Timer::arm(TimerEntry& entry, Nanoseconds deadline) noexcept {
    Lock lock(mutex_);
    const Tick tick = tick_at_or_after(deadline);
    if (entry.tick() <= tick || (entry.tick() != kNoTick && NAIO_FAULT(armed_entry_never_moves_earlier))) return;
    if (entry.tick() != kNoTick) wheel_.remove(entry);
    wheel_.advance(tick_before(now()));
    const Tick wake = wheel_.insert(entry, tick);
    if (wake < alarm_tick_ && !NAIO_FAULT(earlier_deadline_sets_no_alarm)) set_alarm(wake);
}

void Timer::disarm(TimerEntry& entry) noexcept {
    Lock lock(mutex_);
    if (entry.tick() != kNoTick) wheel_.remove(entry);
}

// Sets the alarm under the lock, so that no thread sets it to a time that another thread has replaced. Setting an alarm
// never blocks.
void Timer::set_alarm(Tick tick) noexcept {
    alarm_tick_ = tick;
    if (tick != kNoTick) alarm_.set(static_cast<Nanoseconds>(tick << kTickBits));
}

// ---- the workers

void Timer::check_in(std::int64_t delay) noexcept {
    const Nanoseconds at = now() + delay;
    if (NAIO_FAULT(check_is_set_before_its_time)) check_.set(at);
    check_at_.store(at, std::memory_order_relaxed);  // the alarm's lock publishes it
    if (!NAIO_FAULT(check_is_set_before_its_time)) check_.set(at);
}

// Calls TaskQueue::check_workers if the time of the check has come; otherwise the alarm went off early, and is set
// again. This thread may run tasks only if there is a follower that can take the loop over.
void Timer::check_workers() noexcept {
    const Nanoseconds at = check_at_.load(std::memory_order_relaxed);
    if (now() < at) return check_.set(at);
    tasks_.check_workers(loop_.has_follower() ? &loop_.submitted() : nullptr);
}

// ---- the deadlines

void Timer::ring() noexcept {
    bool more = true;
    bool called_out = false;
    // The loop may find many kExpireAlone entries, one after the other. Before each of them, the workers get the tasks
    // that earlier entries have submitted.
    while (more && (called_out || loop_.submitted().empty())) {
        Burst due;
        more = collect(due);
        for (unsigned i = 0; i < due.size; ++i) client_.expire(*due.entries[i]);
        called_out = due.alone != nullptr;
        if (called_out || due.size == kBurst) loop_.give_to_workers();
        if (called_out) client_.expire(*due.alone);
    }
    if (!more || NAIO_FAULT(rest_of_a_burst_is_forgotten)) return;
    Lock lock(mutex_);
    set_alarm(wheel_.next());  // the alarm goes off after the callbacks of the entries found so far
}

// Takes due entries out of the wheel and stores them in `due`. True if more entries may be due. Looks at kBurst entries
// at most, so that no thread waits long for the lock. Returns after fewer if some of them were not due, because entries
// that the wheel only moves to a finer slot must not hold up others that become due meanwhile.
bool Timer::collect(Burst& due) noexcept {
    const Nanoseconds time = now();
    Lock lock(mutex_);
    for (unsigned looks = kLooks; collect_some(due, time); looks += kLooks)
        if (due.alone != nullptr || due.size < looks || looks == kBurst) break;
    const Tick next = wheel_.next();
    if (next <= tick_before(time)) return true;
    set_alarm(next);
    return false;
}

// Looks at kLooks entries at most. False if fewer were left that could be due.
bool Timer::collect_some(Burst& due, Nanoseconds time) noexcept {
    unsigned budget = kLooks;
    Tick tick = kNoTick;
    while (TimerEntry* entry = wheel_.pop(tick_before(time), budget, tick)) {
        const auto at = static_cast<Nanoseconds>(tick << kTickBits);
        const Nanoseconds keep = client_.examine(*entry, at, time);
        if (keep < 0) count_lateness(at, time - at);
        if (keep == kExpireAlone) {
            due.alone = entry;
            return true;
        }
        if (keep == kExpire)
            due.entries[due.size++] = entry;
        else if (keep != kNever)
            wheel_.insert(*entry, tick_at_or_after(keep));
    }
    return budget == 0;
}

// Counts the time by which the timer has found a due entry too late. Leaves out entries that were armed only so that
// the timer examines them soon.
void Timer::count_lateness(Nanoseconds at, Nanoseconds late) noexcept {
    if (at <= kSoon) return;
    const auto bits = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(late / 1000)));
    ++lateness_[std::min(bits, lateness_.size() - 1)];
}

void Timer::count_into(Stats& stats) noexcept {
    loop_.count_into(stats);
    Lock lock(mutex_);
    stats.timer_entries += wheel_.size();
    for (std::size_t i = 0; i < lateness_.size(); ++i) stats.lateness[i] += lateness_[i];
}

void Timer::dump(Dump& dump) noexcept {
    loop_.dump(dump, "timer");
    if (!dump.lock(mutex_, "timer entries")) return;
    const std::size_t entries = wheel_.size();
    mutex_.unlock();
    dump.line("timer: %zu %s", entries, entries == 1 ? "entry" : "entries");
}

}  // namespace naio
