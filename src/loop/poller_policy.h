// PollerPolicy decides how many pollers run, and how many watches one poller gives to another. Each decision follows
// from the numbers that the pollers have measured, and the policy reads no clock. So tests can give it the numbers of
// machines with any number of processors.
//
// A poller is crowded if it has no time left and its turns are long. A poller that does not sleep has no time left,
// even if other processes take half of the processor's time. A turn is one iteration of the poller's loop. Its busy
// time tells whether a further poller helps: an event waits for about half of this time, and two pollers halve it. With
// few connections turns are short, even if the poller never sleeps. Then a further poller costs more than it gives,
// because the pollers sleep and wake each other.
//
//     | what the pollers have measured                     | decision                                             |
//     |----------------------------------------------------|------------------------------------------------------|
//     | a poller was crowded twice in a row, and another   | it gives watches to the other one, so that both have |
//     | one has more time left, or no time left either but | the same load                                        |
//     | less than half of the watches and of the work      |                                                      |
//     | a poller was crowded twice in a row, and no other  | one more poller runs, and gets half of the watches   |
//     | one is like this                                   |                                                      |
//     | for a while (patience_), fewer pollers suffice:    | the last poller gives away all its watches, and      |
//     | their work fits on one poller fewer, one of them   | rests                                                |
//     | is idle, or all of them sleep between short turns  |                                                      |
//     | a poller has rested for a second                   | it ends                                              |
//
// A poller that has hardly begun to serve many watches does not know yet which of them are active. A new poller gets
// half of all its watches. A poller that runs already gets watches only after a pass, because a guess could be
// wrong again and again.
//
// If one more poller runs soon after the last one was sent to rest, patience_ doubles. So a load between two numbers of
// pollers does not make their number go up and down.
//
// Not thread-safe: the owner guards it.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace naio {

// The numbers that a poller has measured in a period.
struct PollerLoad {
    static constexpr std::uint64_t kManySleeps = std::uint64_t{1} << 32;

    Nanoseconds time = 0;      // the length of the period
    Nanoseconds busy = 0;      // the processor time that the leader has used in it
    std::uint64_t sleeps = 0;  // the times that the leader's thread has slept; kManySleeps: the system does not tell
    std::uint64_t turns = 0;   // the iterations of the loop
    bool is_giving = false;    // the poller has not yet passed on all watches that it was to give away

    // In a pass each active watch is ready once or more. A pass takes longer than a period if there are many watches.
    bool is_pass_over = true;  // a pass ended with the period
    unsigned active = 0;       // the number of active watches; if the pass is not over, of all watches
    Nanoseconds work = 0;      // if the pass is over: the processor time in which each active watch is served once
};

class PollerPolicy {
  public:
    static constexpr unsigned kMax = 64;

    // A poller measures for this time at least.
    [[nodiscard]] static Nanoseconds period() noexcept;
    // A poller that is to be sent to rest measures at least this often, even if it sleeps.
    static constexpr Nanoseconds kReview = 25 * kMillisecond;
    // A poller that has rested for this time ends.
    static constexpr Nanoseconds kRest = 1000 * kMillisecond;

    struct Decision {
        unsigned to = 0;     // the poller that gets watches; if it is not running, it is to be started
        unsigned count = 0;  // the number of active watches that it gets; kAll: all watches
    };
    static constexpr unsigned kAll = ~0u;

    // Begins with one poller. At most `max` run at the same time.
    void reset(unsigned max) noexcept;

    // Returns the number of pollers that have watches. These are the first ones.
    [[nodiscard]] unsigned running() const noexcept { return running_; }

    // Returns the time after which the poller measures again even if it sleeps, so that it can be sent to rest or end.
    // kNever: a poller that sleeps need not measure.
    [[nodiscard]] Nanoseconds review(unsigned poller) const noexcept;

    // Stores what a poller has measured until `now`. Returns which watches it gives away now.
    [[nodiscard]] Decision measured(unsigned poller, const PollerLoad& load, Nanoseconds now) noexcept;

    // True if the poller has rested for so long that it ends.
    [[nodiscard]] bool has_rested(unsigned poller, Nanoseconds now) const noexcept;

    // The system has refused to start the poller to which the last decision gives watches. Another attempt follows only
    // after some time.
    void refused(Nanoseconds now) noexcept {
        withdraw();
        refused_ = now;
    }
    // The poller to which the last decision gives watches cannot be started now.
    void withdraw() noexcept { --running_; }

  private:
    struct Measured {
        Nanoseconds at = -kAsleep;  // the end of the period
        std::int64_t share = 0;     // the busy part of the time, in thousandths
        Nanoseconds turn = 0;       // the busy time of a turn
        bool is_known = true;       // active is the number of active watches; otherwise it is that of all watches
        Nanoseconds work = kNever;  // as in the load; kNever: it is not known
        unsigned active = 0;
        unsigned crowded = 0;     // the number of periods in a row in which the poller was crowded
        bool gives = false;       // it may still have watches that it was to give away
        unsigned heir = 0;        // the poller that gets them
        Nanoseconds settled = 0;  // before this time, the numbers include a time in which watches moved
    };

    static constexpr Nanoseconds kPeriod = 4 * kMillisecond;
    static constexpr std::int64_t kWhole = 1000;
    static constexpr std::uint64_t kTurnsPerSleep = 8;     // a poller that sleeps less often has no time left
    static constexpr std::int64_t kNoTimeLeft = 850;       // the share of a poller that has no time left
    static constexpr std::int64_t kIdle = 50;              // the share of a poller that has nothing to do
    static constexpr std::int64_t kFits = 600;             // the share that a poller may have after others have left
    static constexpr std::int64_t kDifference = 250;       // the difference of shares for which watches are moved
    static constexpr unsigned kUneven = 2;                 // the ratio of works for which watches are moved
    static constexpr Nanoseconds kLongTurn = 12'000;       // longer turns make further pollers worth while
    static constexpr Nanoseconds kShortTurn = 8'000;       // pollers with shorter turns are better merged
    static constexpr unsigned kCrowdedPeriods = 2;         // after this many in a row a poller gives watches away
    static constexpr Nanoseconds kAsleep = 3 * kPeriod;    // a poller that has not measured for this time sleeps
    static constexpr Nanoseconds kSettling = 2 * kPeriod;  // the time that the moves of watches take
    static constexpr Nanoseconds kPatience = 20 * kMillisecond;  // the minimum of patience_
    static constexpr Nanoseconds kMaxPatience = 10'000 * kMillisecond;
    static constexpr Nanoseconds kRegret = 500 * kMillisecond;  // a start after a shorter time is a regret

    [[nodiscard]] Decision relieve(unsigned poller, Nanoseconds now) noexcept;
    [[nodiscard]] Decision give(unsigned from, unsigned to, unsigned count, Nanoseconds now) noexcept;
    [[nodiscard]] Decision retire(Nanoseconds now) noexcept;
    [[nodiscard]] bool fit_on_fewer(Nanoseconds now) const noexcept;
    [[nodiscard]] bool sleeps(unsigned poller, Nanoseconds now) const noexcept;
    [[nodiscard]] std::int64_t share(unsigned poller, Nanoseconds now) const noexcept;
    [[nodiscard]] unsigned idlest(unsigned except, Nanoseconds now) const noexcept;
    [[nodiscard]] bool idler(unsigned one, unsigned other, Nanoseconds now) const noexcept;
    [[nodiscard]] unsigned surplus(unsigned poller, unsigned other, Nanoseconds now) const noexcept;

    unsigned max_ = 1;
    unsigned running_ = 1;
    std::array<Measured, kMax> measured_{};
    Nanoseconds fits_since_ = kNever;      // the time since when fewer pollers suffice
    Nanoseconds refused_ = -kMaxPatience;  // the time when the system refused to start a poller
    Nanoseconds retired_ = -kRegret;       // the time when a poller was sent to rest last
    Nanoseconds patience_ = kPatience;     // fewer pollers must suffice for this time before one is sent to rest
};

}  // namespace naio
