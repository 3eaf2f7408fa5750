// The life of an operation: one 64-bit word per aio, and every transition a pure function on it.
//
//    63          32   31   30  28 27 25 24 22 21    19 18     16 15     0
//    [ operation no | flag | told | due | fresh | accepted | permitted | flags ]
//
//                         start (1)                         finish (2)
//        +------> idle ---------------> PENDING ------------------------------> DONE
//        |          ^                   | |   ^                                  |
//        |          |       request (3) | |   | let go                           | run (5), only when no hold
//        |          |                   v |   |                                  v is left: the last to let go
//        |          |              CANCELING  STARTING                        RUNNING   delivers (4)
//        |          |              (hold)     (hold)                           (hold)
//        |          +----------------- NULL callback: completes in place         |
//        +-----------------------------------------------------------------------+ let go (6): idle, or deliver again
//
//  (1) start: idle or RUNNING -> PENDING, number + 1; with a deadline also STARTING, until the timer is armed, and
//      TICKING. A start that finds TICKING need not arm the timer, if it will come early enough (examined).
//
//  (2) finish: PENDING -> DONE. Without a start it is an operation of its own: idle or RUNNING -> DONE, number + 1.
//
//  (3) request: PENDING -> CANCELING, if a type is permitted that was not accepted before. The thread that installs it
//      calls the provider's cancel function; types requested meanwhile are fresh, and handed to that thread (returned).
//
//  (4) DONE with no hold left: this thread queues the callback. STARTING, RUNNING and CANCELING are holds, REAPING is
//      not.
//
//  (5) run: DONE -> RUNNING: the callback begins.
//
//  (6) let go of RUNNING: if DONE was set again meanwhile, the callback is delivered again, otherwise the aio is idle.
//      The thread that clears the last busy bit wakes the waiters (WAITED) and destroys the aio if it is DOOMED.
//
// Invariants, checked in every state by tests/aio/operation_word_test.cpp, by request_word_test.cpp there, and by the
// model in tests/model:
//  1. PENDING and DONE exclude each other; STARTING and CANCELING are set only while one of them is.
//  2. Exactly one transition per operation says "queue" (or, with a NULL callback, completes it): callbacks ==
//     operations.
//  3. No transition says "queue" while a hold is set: callbacks of one aio never overlap, and never meet a cancel
//     function.
//  4. "wake" and "destroy" are said only by the transition that makes the aio idle.
//  5. An accepted type was permitted when it was accepted, and is handed to the cancel function once, unless that
//     declines it or the provider clears it.
#pragma once

#include <cstdint>

#include "base/fault.h"

namespace naio {

// A set of cancellation types (naio.h), of which there are three.
using Types = std::uint32_t;

inline constexpr Types kTerminal = 1;
inline constexpr Types kPartial = 2;
inline constexpr Types kTotal = 4;
inline constexpr Types kAllTypes = kTerminal | kPartial | kTotal;

// Returns the strongest of the types, alone.
constexpr Types strongest(Types types) noexcept {
    if ((types & kTotal) != 0) return kTotal;
    return (types & kPartial) != 0 ? kPartial : types & kTerminal;
}

// Returns the types that may be requested of a provider with this guarantee: the guarantee and all weaker types.
constexpr Types permitted_by(Types guarantee) noexcept {
    const Types most = strongest(guarantee);
    return most == 0 ? 0 : 2 * most - 1;
}

}  // namespace naio

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
    kDoomed = 1u << 8,     // the thread that makes it idle destroys it
    kWaited = 1u << 9,     // a thread is parked on it
    kSilent = 1u << 10,    // it has no callback to queue (never changes)
    kDirect = 1u << 11,    // ... but one that runs where it is completed (never changes)
    // Flags of the latest operation:
    kTyped = 1u << 12,    // it was started with a typed cancel function
    kRelease = 1u << 13,  // ... and a function that releases the provider's state
    kKept = 1u << 14,     // the provider was told of a request, whose reason stays
    kExpired = 1u << 15,  // its deadline has passed
    // A flag of the handle:
    kTicking = 1u << 31,  // the timer has been armed since it looked
};

// Sets of types, of the latest operation.
enum Field : unsigned {
    kPermitted = 16,  // may be requested now
    kAccepted = 19,   // were requested and permitted
    kFresh = 22,      // accepted types that the cancel function has yet to be called with
    kDue = 25,        // were requested by a timeout, a stop or a scope, which do not ask again
    kTold = 28,       // accepted types that the provider has been told: no decline takes them back
};

inline constexpr Word kHolds = kStarting | kRunning | kCanceling;
inline constexpr Word kBusy = kPending | kDone | kHolds | kReaping;
inline constexpr Word kOneOperation = Word{1} << 32;

constexpr Types types(Word w, Field field) noexcept { return static_cast<Types>(w >> field) & kAllTypes; }
constexpr Word set(Types types, Field field) noexcept { return Word{types} << field; }

inline constexpr Word kOfOperation = kTyped | kRelease | kKept | kExpired | set(kAllTypes, kPermitted) |
                                     set(kAllTypes, kAccepted) | set(kAllTypes, kFresh) | set(kAllTypes, kDue) |
                                     set(kAllTypes, kTold);

constexpr bool busy(Word w) noexcept { return (w & kBusy) != 0; }
constexpr bool in_flight(Word w) noexcept { return (w & (kPending | kDone)) != 0; }
// True if an operation is in flight whose deadline, if it has one, has not passed.
constexpr bool can_expire(Word w) noexcept { return (w & (kPending | kExpired)) == kPending; }
constexpr bool refuses(Word w) noexcept { return (w & (kStopped | kClosed)) != 0; }
constexpr std::uint32_t operation(Word w) noexcept { return static_cast<std::uint32_t>(w >> 32); }

// True if a request has been accepted: then its reason is the operation's and stays.
constexpr bool has_reason(Word w) noexcept { return types(w, kAccepted) != 0 || (w & kKept) != 0; }

// True if nng_aio_start has started it. The library's own plain operations give a stronger guarantee.
constexpr bool is_plain_of_provider(Word w) noexcept { return (w & kTyped) == 0 && types(w, kPermitted) == kTerminal; }

// ---- completion

// A new word, and what the thread that installs it must do at once.
struct [[nodiscard]] Step {
    Word word;
    bool queue = false;    // deliver the callback
    bool direct = false;   // call the callback: it has completed in place
    bool wake = false;     // wake the waiters, in the same step
    bool destroy = false;  // destroy the aio: it is doomed, and no other thread will
};

// The end of every transition that may leave the aio with nothing to do.
constexpr Step settle(Word w, bool may_deliver) noexcept {
    Step step{w};
    if ((w & kDone) != 0 && (w & kHolds) == 0 && may_deliver) {
        // A worker calls the release function, because this thread may hold a lock.
        if ((w & kSilent) == 0 || (w & kRelease) != 0) {
            step.queue = true;
        } else {
            step.word &= ~Word{kDone};
            step.direct = (w & kDirect) != 0;
        }
    }
    if (!busy(step.word)) {
        step.wake = (w & kWaited) != 0;
        step.destroy = (w & kDoomed) != 0;
        step.word &= ~Word{kWaited};
    }
    return step;
}

// An operation begins; `of_operation` is what its provider permits, and kTyped and kRelease if they apply. It `arms`
// the timer if it has a deadline, unless the word is TICKING and the timer will come in time. Only if it is not
// in_flight and does not refuse.
constexpr Word start(Word w, bool arms, Word of_operation) noexcept {
    return ((w & ~kOfOperation) | kPending | (arms ? kStarting | kTicking : Word{0}) | of_operation) + kOneOperation;
}

// The operation in flight ends. Only if it is PENDING.
constexpr Step finish(Word w) noexcept { return settle((w & ~Word{kPending}) | kDone, true); }

// An operation that was never started ends. Only if it is not in_flight.
constexpr Step complete(Word w) noexcept { return settle(((w & ~kOfOperation) | kDone) + kOneOperation, true); }

// An operation that was never started has ended without a callback: what requests have left of the one before is not its.
// Only if the word is not in_flight.
constexpr Word skip(Word w) noexcept { return w & ~kOfOperation; }

// Ends an operation whose start is refused, as if a request had ended it with this guarantee. `expired`: its time was
// over already.
constexpr Step refuse(Word w, bool expired, Types guarantee = kTotal) noexcept {
    const Types permitted = permitted_by(guarantee);
    const Word ended = set(permitted, kPermitted) | set(permitted, kAccepted) | (expired ? Word{kExpired} : 0);
    return settle(((w & ~kOfOperation) | kDone | ended) + kOneOperation, true);
}

// The end of a hold.
constexpr Step let_go(Word w, Flag hold) noexcept { return settle(w & ~Word{hold}, true); }

// The callback begins. Only if DONE with no hold.
constexpr Word run(Word w) noexcept { return (w & ~Word{kDone}) | kRunning; }

// The callback has returned. One that had only to release the provider's state completes in place, too.
constexpr Step ran(Word w) noexcept {
    Step step = let_go(w, kRunning);
    step.direct = step.direct || (w & (kDirect | kDone)) == kDirect;
    return step;
}

// ---- requests

// A new word, what of the request is accepted, and with what the thread that installs it must call the cancel function.
struct [[nodiscard]] Request {
    Word word;
    Types accepted = 0;  // now or earlier
    Types call = 0;      // if not 0, it now has the CANCELING hold
};

// The operation in flight is asked to end. `lasting` of the types stay due if they are not permitted now.
constexpr Request request(Word w, Types wanted, Types lasting) noexcept {
    if ((w & kPending) == 0 && !NAIO_FAULT(request_reaches_an_idle_handle)) return {w};
    w |= set(lasting, kDue);
    const Types possible = wanted & (types(w, kPermitted) | types(w, kAccepted));
    if (possible == 0) return {w};
    const Types unknown = possible & ~types(w, kAccepted);
    w |= set(unknown, kAccepted) | set(unknown, kFresh);
    if (unknown == 0 || (w & kCanceling) != 0) return {w, possible};
    return {(w & ~set(kAllTypes, kFresh)) | kCanceling, possible, types(w, kFresh)};
}

// Requests types of a plain operation, which is asked once. No type stays due.
constexpr Request request_plain(Word w, Types wanted) noexcept {
    const Types possible = wanted & types(w, kPermitted);
    if ((w & kPending) == 0 || possible == 0) return {w};
    if (types(w, kAccepted) != 0 && !NAIO_FAULT(plain_operation_is_asked_twice)) return {w, possible};
    return {w | set(possible, kAccepted) | kCanceling, possible, possible};
}

// The result of a return from the cancel function, which was called with types and took them up or declined.
struct [[nodiscard]] Returned {
    Step step;
    Types declined = 0;  // of what it was called with; the rest stands
    Types again = 0;     // call it again with what was requested meanwhile; the hold stays
};

// The types that the cancel function declines are not accepted any more. The CANCELING hold stays.
constexpr Returned decline(Word w, Types asked) noexcept {
    const Types fresh = types(w, kFresh);
    // The provider has cleared these meanwhile, so it knew of them. The fresh ones among them were requested again
    // since, and are not declined yet.
    const Types cleared = asked & (fresh | ~types(w, kAccepted));
    const Types told = NAIO_FAULT(decline_takes_back_what_was_told) ? 0 : types(w, kTold);
    const Types declined = asked & ~(told | cleared);
    return {{w & ~set(declined, kAccepted)}, declined};
}

constexpr Returned returned(Word w, Types asked, bool took) noexcept {
    const Types fresh = types(w, kFresh);
    const Types declined = took ? 0 : decline(w, asked).declined;
    w &= ~(set(declined, kAccepted) | set(fresh, kFresh));
    if (fresh != 0 && (w & kPending) != 0) return {{w}, declined, fresh};
    return {let_go(w, kCanceling), declined};
}

// The types that the provider learns of.
struct [[nodiscard]] Answer {
    Word word;
    Types accepted = 0;
    bool call = false;  // the cancel function has to be called, by another thread (remind)
};

constexpr Answer tell(Word w) noexcept {
    const Types accepted = types(w, kAccepted);
    return {accepted == 0 ? w : w | kKept | set(accepted, kTold), accepted};
}

// The provider changes its guarantee. Types that were due and are possible now are accepted.
constexpr Answer permit(Word w, Types guarantee) noexcept {
    if ((w & kPending) == 0) return {w};
    w = (w & ~set(kAllTypes, kPermitted)) | set(permitted_by(guarantee), kPermitted);
    const Types newly = types(w, kDue) & types(w, kPermitted) & ~types(w, kAccepted);
    Answer answer = tell(w | set(newly, kAccepted) | set(newly, kFresh));
    answer.call = newly != 0;
    return answer;
}

// The guarantee becomes another one, as the operation is about to end: nothing that was due is accepted any more.
constexpr Word guarantee(Word w, Types guarantee) noexcept {
    return (w & ~set(kAllTypes, kPermitted)) | set(permitted_by(guarantee), kPermitted);
}

// The provider acknowledges the accepted types, and clears those of them in `clear`.
constexpr Answer acknowledge(Word w, Types clear) noexcept {
    if ((w & kPending) == 0) return {w};
    Answer answer = tell(w);
    clear &= answer.accepted;
    answer.word &= ~(set(clear, kAccepted) | set(clear, kFresh) | set(clear, kDue) | set(clear, kTold));
    return answer;
}

// The timer looks at the word. The next start with a deadline has to arm the timer again.
constexpr Word examined(Word w) noexcept { return w & ~Word{kTicking}; }

// The timer's thread calls the cancel function with the types that permit has left fresh, unless another thread has.
constexpr Request remind(Word w) noexcept {
    const Types fresh = types(w, kFresh);
    if ((w & kPending) == 0 || (w & kCanceling) != 0 || fresh == 0) return {w};
    return {(w & ~set(kAllTypes, kFresh)) | kCanceling, fresh, fresh};
}

// ---- the end of a handle

// The thread that makes the aio idle destroys it. If an operation is in flight, the aio becomes REAPING instead, and
// the reaper has to come for it. Only once.
constexpr Step reap(Word w) noexcept {
    if ((w & kPending) != 0) return {w | kStopped | kReaping};
    return settle(w | kStopped | kDoomed, false);
}

// The reaper has asked the operation to end, and lets go. This never delivers: finish and the holds do.
constexpr Step reaped(Word w) noexcept { return settle((w & ~Word{kReaping}) | kDoomed, false); }

// A thread is about to park, if the aio is busy.
constexpr Word wait(Word w) noexcept { return busy(w) ? w | kWaited : w; }

// Every later start is refused, for good (kStopped) or until open (kClosed), and the operation in flight asked to end.
constexpr Request stop(Word w, Flag how) noexcept { return request(w | how, kAllTypes, kAllTypes); }
constexpr Word open(Word w) noexcept { return NAIO_FAULT(handle_stays_closed) ? w : w & ~Word{kClosed}; }

}  // namespace naio::word
