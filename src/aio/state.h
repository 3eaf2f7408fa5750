// The state of a handle and of its latest operation: 64 bits, and every transition as a pure function on them.
//
//    63        32   31    30        28 27  25 24       22 21    19 18     16 15   0
//    [ generation | flag | acknowledged | sticky | undelivered | accepted | permitted | flags ]
//
//                         start (1)                         finish (2)
//        +------> idle ---------------> PENDING ------------------------------> DONE
//        |          ^                   | |   ^                                  |
//        |          |       request (3) | |   | let_go                           | run (5), only without a hold
//        |          |                   v |   |                                  v
//        |          |              CANCELING  STARTING                        RUNNING
//        |          |              (hold)     (hold)                           (hold)
//        |          +----------------- without a callback: completes in place    |
//        +-----------------------------------------------------------------------+ ran (6): idle, or deliver again
//
//  (1) start: idle or RUNNING -> PENDING, generation + 1. With a deadline also STARTING, until the timer is armed, and
//      TIMER_ARMED. A start that finds TIMER_ARMED need not arm the timer, if the timer will come early enough.
//
//  (2) finish: PENDING -> DONE. complete: without a start, it is an operation of its own: idle or RUNNING -> DONE,
//      generation + 1.
//
//  (3) request: PENDING becomes CANCELING, too, if a type is permitted that was not accepted before. The thread that
//      installs this calls the provider's cancel function. Types that other threads request during the call are
//      undelivered: that thread gets them from `returned`, and calls the function again.
//
//  (4) DONE without a hold: the thread that installs this queues the callback. STARTING, RUNNING and CANCELING are
//      holds. REAPING is not.
//
//  (5) run: DONE -> RUNNING: the callback begins.
//
//  (6) ran: if the callback has started the next operation, the handle stays PENDING, or is queued again if it is DONE
//      already. Otherwise the handle is idle, unless it is REAPING.
//
//  The thread whose transition makes the handle idle wakes the waiters (WAITED), and destroys the handle if it is
//  DESTROY_WHEN_IDLE.
//
// Invariants, checked in every state by tests/aio/state_test.cpp and request_state_test.cpp and by the model in
// tests/model:
//  1. PENDING and DONE exclude each other; STARTING and CANCELING are set only while one of them is.
//  2. Exactly one transition per operation says "queue" (or, without a callback, completes it): callbacks ==
//     operations.
//  3. No transition says "queue" while a hold is set: callbacks of one handle never overlap, and never meet a cancel
//     function.
//  4. "wake" and "destroy" are said only by the transition that makes the handle idle.
//  5. An accepted type was permitted when it was accepted. It is delivered to the cancel function once, unless that
//     declines it or the provider clears it.
#pragma once

#include <compare>
#include <cstdint>

#include "aio/state_bits.h"
#include "base/fault.h"

namespace naio {

class State : public StateBits {
  public:
    // The result of a transition: the new state, and what the thread that installs it must do at once.
    struct Step;
    struct Request;
    struct Returned;
    struct Answer;

    constexpr State() noexcept = default;
    constexpr explicit State(Bits bits) noexcept : bits_(bits) {}
    constexpr auto operator<=>(const State&) const noexcept = default;
    [[nodiscard]] constexpr Bits bits() const noexcept { return bits_; }

    // ---- predicates

    [[nodiscard]] constexpr bool has(Bits flags) const noexcept { return (bits_ & flags) != 0; }
    [[nodiscard]] constexpr Types types(Field field) const noexcept {
        return static_cast<Types>(bits_ >> field) & kAllTypes;
    }

    [[nodiscard]] constexpr bool pending() const noexcept { return has(kPending); }
    [[nodiscard]] constexpr bool done() const noexcept { return has(kDone); }
    [[nodiscard]] constexpr bool in_flight() const noexcept { return has(kPending | kDone); }
    [[nodiscard]] constexpr bool held() const noexcept { return has(kHolds); }
    [[nodiscard]] constexpr bool busy() const noexcept { return has(kBusy); }
    [[nodiscard]] constexpr bool running() const noexcept { return has(kRunning); }
    [[nodiscard]] constexpr bool closed() const noexcept { return has(kClosed); }
    [[nodiscard]] constexpr bool refuses_starts() const noexcept { return has(kStopped | kClosed); }
    [[nodiscard]] constexpr bool destroy_when_idle() const noexcept { return has(kDestroyWhenIdle); }
    [[nodiscard]] constexpr bool given_up() const noexcept { return has(kDestroyWhenIdle | kReaping); }
    // False also for an inline callback, which runs where the operation completes.
    [[nodiscard]] constexpr bool queues_callback() const noexcept { return !has(kNoCallback); }
    [[nodiscard]] constexpr bool timer_armed() const noexcept { return has(kTimerArmed); }
    [[nodiscard]] constexpr std::uint32_t generation() const noexcept {
        return static_cast<std::uint32_t>(bits_ >> 32);
    }

    // These are about the latest operation:
    [[nodiscard]] constexpr bool typed() const noexcept { return has(kTyped); }
    [[nodiscard]] constexpr bool releases() const noexcept { return has(kRelease); }
    [[nodiscard]] constexpr bool expired() const noexcept { return has(kExpired); }
    [[nodiscard]] constexpr Types permitted() const noexcept { return types(kPermitted); }
    [[nodiscard]] constexpr Types accepted() const noexcept { return types(kAccepted); }
    [[nodiscard]] constexpr Types undelivered() const noexcept { return types(kUndelivered); }
    [[nodiscard]] constexpr Types sticky() const noexcept { return types(kSticky); }
    [[nodiscard]] constexpr Types acknowledged() const noexcept { return types(kAcknowledged); }

    // True if an operation is pending whose deadline, if it has one, has not passed.
    [[nodiscard]] constexpr bool can_expire() const noexcept { return (bits_ & (kPending | kExpired)) == kPending; }
    // True if a request has been accepted: then its reason is the operation's and stays.
    [[nodiscard]] constexpr bool has_reason() const noexcept { return accepted() != 0 || has(kReasonStays); }
    // True if nng_aio_start has started the operation, with a cancel function. The library's own plain operations give
    // a stronger guarantee.
    [[nodiscard]] constexpr bool plain_of_program() const noexcept { return !typed() && permitted() == kTerminal; }

    // ---- start and completion

    // An operation begins; `terms` are the bits of its Terms. It `arms` the timer if it has a deadline, unless the
    // timer is armed and will come in time. REQUIRES: no operation is in flight, and starts are not refused.
    [[nodiscard]] constexpr State start(bool arms, Bits terms) const noexcept;

    // The operation in flight ends. REQUIRES: it is pending.
    [[nodiscard]] constexpr Step finish() const noexcept;

    // An operation that was never started ends. REQUIRES: no operation is in flight.
    [[nodiscard]] constexpr Step complete() const noexcept;

    // An operation that was never started has ended, and its callback is skipped. Forgets the requests of the operation
    // before.
    // REQUIRES: no operation is in flight.
    [[nodiscard]] constexpr State skip() const noexcept;

    // Ends an operation whose start is refused, as if a request had ended it with this guarantee. `expired`: the start
    // is refused because the deadline had passed already. REQUIRES: no operation is in flight.
    [[nodiscard]] constexpr Step refuse(bool expired, Types guarantee = kTotal) const noexcept;

    // The end of a hold. REQUIRES: the hold is set.
    [[nodiscard]] constexpr Step let_go(Flag hold) const noexcept;

    // The callback begins. REQUIRES: done, without a hold.
    [[nodiscard]] constexpr State run() const noexcept;

    // The callback has returned. If the handle has an inline callback, the thread has called only the release function
    // so far; the Step tells it to call the callback. REQUIRES: running.
    [[nodiscard]] constexpr Step ran() const noexcept;

    // ---- requests

    // The operation in flight is asked to end. The types in `lasting` become sticky: a later permit accepts them. No
    // effect unless the operation is pending.
    [[nodiscard]] constexpr Request request(Types wanted, Types lasting) const noexcept;

    // Requests types of a plain operation, whose cancel function is called once. No type is sticky. REQUIRES: the
    // latest operation is not typed.
    [[nodiscard]] constexpr Request request_plain(Types wanted) const noexcept;

    // The deadline has passed. It requests the types; all of them are sticky.
    [[nodiscard]] constexpr Request expire(Types wanted) const noexcept;

    // The cancel function has declined the types `asked`: they are not accepted any more. The hold stays. REQUIRES:
    // canceling.
    [[nodiscard]] constexpr Returned decline(Types asked) const noexcept;

    // The cancel function, which was called with the types `asked`, has returned. `took`: it has taken them up, and has
    // not declined them. REQUIRES: canceling.
    [[nodiscard]] constexpr Returned returned(Types asked, bool took) const noexcept;

    // The provider changes its guarantee. Sticky types that it permits now are accepted.
    [[nodiscard]] constexpr Answer permit(Types guarantee) const noexcept;

    // Changes the guarantee of an operation that is about to end. Unlike permit, accepts no sticky type.
    [[nodiscard]] constexpr State with_guarantee(Types guarantee) const noexcept;

    // The provider acknowledges the accepted types, and clears those of them in `clear`.
    [[nodiscard]] constexpr Answer acknowledge(Types clear) const noexcept;

    // The timer examines the handle. The next start with a deadline has to arm the timer again.
    [[nodiscard]] constexpr State examined() const noexcept { return without(kTimerArmed); }

    // The timer's thread calls the cancel function with the undelivered types of a permit, unless another thread is
    // inside the cancel function.
    [[nodiscard]] constexpr Request remind() const noexcept;

    // ---- the end of a handle

    // The thread that makes the handle idle destroys it. If an operation is pending, the handle becomes REAPING
    // instead, and the caller has to call the reaper. REQUIRES: not reaped before.
    [[nodiscard]] constexpr Step reap() const noexcept;

    // The reaper has asked the operation to end, and lets go. This transition never says "queue", because the end of
    // the operation or of its last hold does. REQUIRES: reaping.
    [[nodiscard]] constexpr Step reaped() const noexcept;

    // A thread is about to sleep until the handle is idle. No effect if it is idle.
    [[nodiscard]] constexpr State wait() const noexcept { return busy() ? with(kWaited) : *this; }

    // Every later start is refused, forever (kStopped) or until open (kClosed). A pending operation is asked to end.
    [[nodiscard]] constexpr Request stop(Flag how) const noexcept;
    [[nodiscard]] constexpr State open() const noexcept {
        return NAIO_FAULT(handle_stays_closed) ? *this : without(kClosed);
    }

  private:
    [[nodiscard]] constexpr State with(Bits flags) const noexcept { return State(bits_ | flags); }
    [[nodiscard]] constexpr State without(Bits flags) const noexcept { return State(bits_ & ~flags); }
    [[nodiscard]] constexpr State new_operation(Bits flags) const noexcept {
        return State(((bits_ & ~kOfOperation) | flags) + kOneGeneration);
    }
    [[nodiscard]] constexpr Step settle(bool may_deliver) const noexcept;
    [[nodiscard]] constexpr Answer acknowledge_accepted() const noexcept;

    Bits bits_ = 0;
};

struct [[nodiscard]] State::Step {
    State state;
    bool queue = false;    // queue the callback
    bool call = false;     // call the inline callback: the operation has completed in place
    bool wake = false;     // wake the waiters, in one step with the transition
    bool destroy = false;  // destroy the handle
};

struct [[nodiscard]] State::Request {
    State state;
    Types accepted = 0;  // the requested types that are accepted, by this request or an earlier one
    Types call = 0;      // if not 0: call the cancel function with these types. The state has the CANCELING hold.
};

// The task of the thread that was inside the cancel function.
struct [[nodiscard]] State::Returned {
    Step step;
    Types declined = 0;  // the types that are not accepted any more, because the function has declined them
    Types again = 0;     // if not 0: call the function with these types, which were requested since. The hold stays.
};

// The types that the provider learns of.
struct [[nodiscard]] State::Answer {
    State state;
    Types accepted = 0;
    bool call = false;  // another thread has to call the cancel function (remind)
};

}  // namespace naio

#include "aio/transitions.h"  // defines them
