#include "loop/alarm_set.h"

#include "loop/alarm.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/os.h"
#include "base/system_error.h"
#include "loop/timer_descriptor.h"

namespace naio {

nng_err AlarmSet::open(unsigned index) noexcept {
    const int descriptor = open_timer_descriptor(TFD_NONBLOCK);
    if (descriptor < 0) return system_error(errno);
    Lock lock(mutex_);
    entries_[index] = {.descriptor = descriptor};
    postponed_ = false;
    return NNG_OK;
}

void AlarmSet::close(unsigned index) noexcept {
    Lock lock(mutex_);
    os::close(entries_[index].descriptor);
    entries_[index] = {};
}

// The epoll reports once that a descriptor has become readable (EPOLLET), so no thread has to read the descriptor. If
// several epolls have the descriptor, the system wakes one thread (EPOLLEXCLUSIVE): in the order in which the epolls
// got the descriptor, a thread of the first epoll in which a thread sleeps. A system without this flag wakes a thread
// of each epoll, which only costs time.
bool AlarmSet::enter(int epoll) noexcept {
    Lock lock(mutex_);
    const auto add = [epoll](int descriptor, unsigned index, std::uint32_t flags) {
        epoll_event event{.events = EPOLLIN | EPOLLET | flags, .data = {.u32 = index}};
        return os::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
    };
    for (unsigned i = 0; i < count_; ++i) {
        const int descriptor = entries_[i].descriptor;
        if (!add(descriptor, i, EPOLLEXCLUSIVE) && !(errno == EINVAL && add(descriptor, i, 0))) return false;
    }
    return true;
}

void AlarmSet::set(unsigned index, Nanoseconds deadline) noexcept {
    Lock lock(mutex_);
    Entry& entry = entries_[index];
    if (entry.descriptor < 0) return;
    entry.deadline = deadline;
    if (!postponed_) set_descriptor(entry);
}

void AlarmSet::set_descriptor(Entry& entry) noexcept {
    if (entry.set_to == entry.deadline) return;
    entry.set_to = entry.deadline;
    set_timer_descriptor(entry.descriptor, entry.deadline);
}

void AlarmSet::rely() noexcept {
    postponed_ = false;
    for (unsigned i = 0; i < count_; ++i) set_descriptor(entries_[i]);
}

void AlarmSet::rely_on_descriptors() noexcept {
    Lock lock(mutex_);
    rely();
}

Nanoseconds AlarmSet::earliest() const noexcept {
    Nanoseconds earliest = kNever;
    for (unsigned i = 0; i < count_; ++i) earliest = std::min(earliest, entries_[i].deadline);
    return earliest;
}

Nanoseconds AlarmSet::first() noexcept {
    Lock lock(mutex_);
    return earliest();
}

Nanoseconds AlarmSet::first_or_rely(Nanoseconds limit) noexcept {
    Lock lock(mutex_);
    const Nanoseconds first = earliest();
    if (first <= limit) return first;
    rely();
    return kNever;
}

AlarmSet::Bits AlarmSet::take_due(Bits readable, Nanoseconds now) noexcept {
    Lock lock(mutex_);
    postponed_ = true;
    Bits due = 0;
    for (unsigned i = 0; i < count_; ++i) {
        Entry& entry = entries_[i];
        if ((readable >> i & 1u) != 0) entry.set_to = kNever;
        if (entry.deadline > now) continue;
        entry.deadline = kNever;
        due |= 1u << i;
    }
    return due;
}

}  // namespace naio

#endif
