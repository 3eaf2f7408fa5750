// The AlarmSet has the times and the descriptors of all Alarms of a Loop on Linux, under one lock. Each alarm has a
// timerfd, which any thread may set without waking the loop's thread.
//
// While the loop's thread handles events, set only stores the time, because this thread sets the descriptors once
// before it sleeps. Before the thread runs a task, which may block, it must make sure that another thread notices when
// an alarm is due (rely_on_descriptors), or that another thread replaces it.
//
// Invariants:
//  1. Unless postponed_ is true or an alarm's deadline is kNever, its descriptor is set to the deadline, or has become
//     readable and the event is still in the loop's epoll.
//  2. While the loop's thread sleeps, postponed_ is false.
#pragma once

#include <nng/nng.h>

#include <array>

#include "base/clock.h"
#include "base/mutex.h"

namespace naio {

class AlarmSet {
  public:
    static constexpr unsigned kMax = 3;

    // A set of alarms: bit i stands for the alarm with index i.
    using Bits = unsigned;

    // Adds an alarm and returns its index. REQUIRES: the loop is not open.
    unsigned add() noexcept { return count_++; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

    // Open the descriptor of an alarm, and close it.
    [[nodiscard]] nng_err open(unsigned index) noexcept;
    void close(unsigned index) noexcept;

    // Adds the descriptors to an epoll: see Loop::share_alarms. The data of an event is the index of the alarm. False
    // if that fails; errno has the reason.
    [[nodiscard]] bool enter(int epoll) noexcept;

    // Sets an alarm: see Alarm::set. Any thread.
    void set(unsigned index, Nanoseconds deadline) noexcept;

    // The loop's thread calls the following functions.
    // Sets the descriptors to the times that were set last, and makes later calls of set do so at once.
    void rely_on_descriptors() noexcept;
    // Returns the earliest time of the alarms that have not gone off, or kNever if there is none.
    [[nodiscard]] Nanoseconds first() noexcept;
    // Returns what first returns if that is not after `limit`. Otherwise relies on the descriptors and returns kNever.
    [[nodiscard]] Nanoseconds first_or_rely(Nanoseconds limit) noexcept;
    // Makes later calls of set only store the time. The descriptors of the alarms in `readable` have become readable,
    // so they have to be set again. Returns the alarms that go off because their time is not after `now`.
    [[nodiscard]] Bits take_due(Bits readable, Nanoseconds now) noexcept;

  private:
    struct Entry {
        int descriptor = -1;
        Nanoseconds deadline = kNever;  // the time that was set, until the alarm goes off
        Nanoseconds set_to = kNever;    // the time to which the descriptor is set
    };

    static void set_descriptor(Entry& entry) noexcept;
    void rely() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Nanoseconds earliest() const noexcept NAIO_REQUIRES(mutex_);

    unsigned count_ = 0;
    Mutex mutex_;
    bool postponed_ NAIO_GUARDED_BY(mutex_) = false;  // set only stores the time
    std::array<Entry, kMax> entries_ NAIO_GUARDED_BY(mutex_);
};

}  // namespace naio
