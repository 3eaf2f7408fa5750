// The events that a thread counts while it runs callbacks. Each thread of the process has a ThreadCounts, and only that
// thread adds to it. The owner of a thread of the library shows the thread's counts to naio_stats, and adds them to a
// total before the thread ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/relaxed.h"
#include "base/stats.h"

namespace naio {

class ThreadCounts {
  public:
    enum Event : unsigned char {
        // A callback has returned; the event says how its operation had ended:
        kSucceeded,
        kTimedOut,
        kCancelled,
        kStopped,
        kFailed,
        kPosted,  // there was no operation, only a post
        // Other events:
        kCallAvoided,
        kAcceptRetried,
    };

    // Counts an event. REQUIRES: the calling thread is the owner.
    void add(Event event) noexcept {
        Relaxed<std::uint64_t>& count = counts_[event];
        count.set(count.get() + 1);
    }

    // Adds what another thread has counted. REQUIRES: the caller holds the lock of this total.
    void add(const ThreadCounts& other) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].set(counts_[i].get() + other.counts_[i].get());
    }

    // Adds the counts to the statistics. Any thread, while the owner exists.
    void count_into(Stats& stats) const noexcept {
        stats.succeeded += counts_[kSucceeded].get();
        stats.timed_out += counts_[kTimedOut].get();
        stats.cancelled += counts_[kCancelled].get();
        stats.stopped += counts_[kStopped].get();
        stats.failed += counts_[kFailed].get();
        stats.posted += counts_[kPosted].get();
        stats.calls_avoided += counts_[kCallAvoided].get();
        stats.accepts_retried += counts_[kAcceptRetried].get();
    }

  private:
    std::array<Relaxed<std::uint64_t>, kAcceptRetried + 1> counts_{};
};

}  // namespace naio
