// The life of an operation: one 64-bit word per aio, and every transition a pure function on it.
//
//    63          32 31                 0
//    [ operation no ][      flags      ]
//
//                         start (1)                         finish (2)
//        +------> idle ---------------> PENDING ------------------------------> DONE
//        |          ^                   | |   ^                                  |
//        |          |         claim (3) | |   | let go                           | run (5), only when no hold
//        |          |                   v |   |                                  v is left: the last to let go
//        |          |              CANCELING  STARTING                        RUNNING   delivers (4)
//        |          |              (hold)     (hold)                           (hold)
//        |          +----------------- NULL callback: completes in place         |
//        +-----------------------------------------------------------------------+ let go (6): idle, or deliver again
//
//  (1) start: idle or RUNNING -> PENDING, number + 1; with a deadline also STARTING, until the timer is armed.
//  (2) finish: PENDING -> DONE. Without a start it is an operation of its own: idle or RUNNING -> DONE, number + 1.
//  (3) claim: PENDING, once per operation -> CANCELING: whoever gets it calls the provider's cancel function.
//  (4) DONE with no hold left: this thread queues the callback. STARTING, RUNNING and CANCELING are holds, REAPING is
//  not. (5) run: DONE -> RUNNING: the callback begins. (6) let go of RUNNING: if DONE was set again meanwhile, the
//  callback is delivered again, otherwise the aio is idle. Whoever clears the last busy bit wakes those who wait
//  (WAITED) and destroys the aio if it is DOOMED.
//
// Invariants, checked in every state by tests/aio/operation_word_test.cpp and by the model in tests/model:
//  1. PENDING and DONE exclude each other; STARTING and CANCELING are set only while one of them is.
//  2. Exactly one transition per operation says "queue" (or, with a NULL callback, completes it): callbacks ==
//  operations.
//  3. No transition says "queue" while a hold is set: callbacks of one aio never overlap, and never meet a cancel
//  function.
//  4. "wake" and "destroy" are said only by the transition that makes the aio idle.
#pragma once

#include <cstdint>

namespace naio::word {

using Word = std::uint64_t;

enum Flag : Word {
    kPending = 1u << 0,    // the provider owes a finish
    kDone = 1u << 1,       // finished, the callback has not begun
    kStarting = 1u << 2,   // start() is still arming the deadline
    kRunning = 1u << 3,    // the callback is on a worker's stack
    kCanceling = 1u << 4,  // a thread is inside the provider's cancel function
    kReaping = 1u << 5,    // the reaper will come for it
    kStopped = 1u << 6,    // every later start is refused, for good
    kClosed = 1u << 7,     // every later start is refused until the library is initialised again
    kDoomed = 1u << 8,     // whoever makes it idle destroys it
    kWaited = 1u << 9,     // somebody is parked on it
    kAsked = 1u << 10,     // this operation's cancel function has been called
    kSilent = 1u << 11,    // it has no callback (never changes)
};

inline constexpr Word kHolds = kStarting | kRunning | kCanceling;
inline constexpr Word kBusy = kPending | kDone | kHolds | kReaping;
inline constexpr Word kOneOperation = Word{1} << 32;

constexpr bool busy(Word w) noexcept { return (w & kBusy) != 0; }
constexpr bool in_flight(Word w) noexcept { return (w & (kPending | kDone)) != 0; }
constexpr bool refuses(Word w) noexcept { return (w & (kStopped | kClosed)) != 0; }
constexpr std::uint32_t operation(Word w) noexcept { return static_cast<std::uint32_t>(w >> 32); }

// A new word, and what the thread that installs it must do at once.
struct [[nodiscard]] Step {
    Word word;
    bool queue = false;    // deliver the callback
    bool wake = false;     // wake those who wait, in the same moment
    bool destroy = false;  // it was doomed, and nobody else will
};

// The end of every transition that may leave the aio with nothing to do.
constexpr Step settle(Word w, bool may_deliver) noexcept {
    Step step{w};
    if ((w & kDone) != 0 && (w & kHolds) == 0 && may_deliver) {
        if ((w & kSilent) == 0)
            step.queue = true;
        else
            step.word &= ~Word{kDone};
    }
    if (!busy(step.word)) {
        step.wake = (w & kWaited) != 0;
        step.destroy = (w & kDoomed) != 0;
        step.word &= ~Word{kWaited};
    }
    return step;
}

// An operation begins. Only if it is not in_flight and does not refuse.
constexpr Word start(Word w, bool timed) noexcept {
    w &= ~Word{kAsked};
    return (w | kPending | (timed ? Word{kStarting} : 0)) + kOneOperation;
}

// The operation in flight ends. Only if it is PENDING.
constexpr Step finish(Word w) noexcept { return settle((w & ~Word{kPending}) | kDone, true); }

// An operation that was never started ends. Only if it is not in_flight.
constexpr Step complete(Word w) noexcept { return settle((w | kDone) + kOneOperation, true); }

// Is there an operation in flight whose cancel function has not been called?
constexpr bool claimable(Word w) noexcept { return (w & kPending) != 0 && (w & kAsked) == 0; }

// Whoever finds it claimable and installs this calls the cancel function. Otherwise nothing changes.
constexpr Word claim(Word w) noexcept { return claimable(w) ? w | kCanceling | kAsked : w; }

// The end of a hold.
constexpr Step let_go(Word w, Flag hold) noexcept { return settle(w & ~Word{hold}, true); }

// The callback begins. Only if DONE with no hold.
constexpr Word run(Word w) noexcept { return (w & ~Word{kDone}) | kRunning; }

// The aio is to be destroyed by whoever makes it idle. If an operation is in flight, it becomes REAPING instead, and
// the reaper has to come for it. Only once.
constexpr Step reap(Word w) noexcept {
    if ((w & kPending) != 0) return {w | kStopped | kReaping};
    return settle(w | kStopped | kDoomed, false);
}

// The reaper has asked the operation to end, and lets go. This never delivers: finish and the holds do.
constexpr Step reaped(Word w) noexcept { return settle((w & ~Word{kReaping}) | kDoomed, false); }

// Somebody is about to park, if it is busy.
constexpr Word wait(Word w) noexcept { return busy(w) ? w | kWaited : w; }

// Every later start is refused: for good, or until open.
constexpr Word stop(Word w) noexcept { return w | kStopped; }
constexpr Word close(Word w) noexcept { return claim(w) | kClosed; }
constexpr Word open(Word w) noexcept { return w & ~Word{kClosed}; }

}  // namespace naio::word
