// The state of a handle and of its latest operation is 64 bits. Every transition is a pure function of these bits,
// defined in transitions.h. state_bits.h says what each flag means; state_predicates.h has the predicates.
//
//    63        37 36   35      34 33   31 30        28 27  25 24       22 21    19 18     16 15   0
//    [ generation | flag | reason's | flags | acknowledged | sticky | undelivered | accepted | permitted | flags ]
//                          code
//
// Words in capitals are flags. Several can be set at once: CANCELING and STARTING accompany PENDING or DONE.
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
//  (1) start: idle or RUNNING -> PENDING, generation + 1. A start with a deadline also sets TIMER_ARMED, and sets
//      STARTING until it has armed the timer. It sets neither flag if TIMER_ARMED is set already and the timer will
//      examine the handle early enough.
//
//  (2) finish: PENDING -> DONE. complete, without a start: idle or RUNNING -> DONE, generation + 1.
//
//  (3) request: a PENDING handle also becomes CANCELING if the request is for a type that is permitted and was not
//      accepted before. The thread that installs this transition calls the provider's cancel function. Types that other
//      threads request during the call become undelivered: the thread that is inside the function gets them from
//      `returned`, and calls the function again.
//
//  (4) The thread whose transition makes the handle DONE without a hold queues the callback. STARTING, RUNNING,
//      CANCELING and POSTED are holds. REAPING is not.
//
//  (5) run: DONE -> RUNNING: the callback begins.
//
//  (6) ran: if the callback has started the next operation, the handle stays PENDING, or is queued again if it is DONE
//      already. Otherwise the handle becomes idle, unless it is REAPING.
//
//  (7) A start whose Terms have `canceling` is NNG 1's begin: the provider has the CANCELING hold. So a request is
//      accepted and its types become undelivered, but no thread calls the cancel function. defer ends the hold, and the
//      timer's thread then calls the function with these types (remind). finish_begun ends the hold and the operation.
//      returned_unbegun may withdraw an operation: PENDING ends together with CANCELING, without DONE.
//
//  (8) post, not in the picture: idle or RUNNING also becomes POSTED. If the handle was idle, the thread that posts
//      queues the callback; otherwise ran (6) queues it. While POSTED is set without RUNNING, the handle is queued, and
//      an operation may start and finish. run_posted then begins the callback: for the operation if that is DONE
//      without a further hold, otherwise for the post alone.
//
//  The thread whose transition leaves the handle idle wakes the waiters (WAITED), and destroys the handle if it is
//  DESTROY_WHEN_IDLE.
//
// A cancel that meets a completion: one of the two changes the state first.
//   - finish first: the request finds no PENDING operation, and has no effect.
//   - request first: the state is PENDING and CANCELING. If the provider finishes the operation before the cancel
//     function returns, the state is DONE and CANCELING, and the callback waits for the end of the hold (4). When the
//     cancel function has returned, the thread that called it ends the hold and queues the callback.
//
// Invariants, checked in every state by tests/aio/state_test.cpp, by request_state_test.cpp and by tests/model:
//  1. PENDING and DONE are never set together. STARTING and CANCELING are set only while PENDING or DONE is set.
//     Exception: STARTING may outlive an operation that is withdrawn.
//  2. Exactly one transition per operation says "queue" (Step). If the handle has no callback, one transition may
//     complete the operation in place instead. If the handle is queued for a post already, that callback may be the
//     operation's instead. So the callback of an operation runs once.
//  3. No transition says "queue" while a hold is set, except that post sets POSTED. None says "queue" or "again" while
//     RUNNING is set. So two callbacks of one handle never overlap, and neither do the callback of an operation and the
//     cancel function of that operation.
//  4. A transition says "wake" or "destroy" only if the handle is idle after it.
//  5. An accepted type was permitted when it was accepted. The cancel function is called with this type exactly once,
//     unless the operation ends or the provider clears the type before the call. After the function has declined the
//     type or the provider has cleared it, the type can be accepted again.
#pragma once

#include <compare>

#include "aio/state_predicates.h"
#include "base/fault.h"

namespace naio {

class State : public StatePredicates {
  public:
    // The results of transitions: the new state, and the actions that the thread that installs it must take at once.
    struct Step;
    struct Request;
    struct Returned;
    struct Answer;
    struct Deferral;
    struct Armed;
    struct Post;

    using StatePredicates::StatePredicates;
    constexpr auto operator<=>(const State&) const noexcept = default;

    // ---- start and completion

    // Begins an operation with these bits of its Terms. `arms`: the caller will arm the timer, because the operation
    // has a deadline and the timer will not examine the handle early enough. REQUIRES: no operation is in flight, and
    // starts are not refused.
    [[nodiscard]] constexpr State start(bool arms, Bits terms) const noexcept;

    // Ends the operation in flight. REQUIRES: the operation is pending.
    [[nodiscard]] constexpr Step finish() const noexcept;

    // Ends an operation that was never started. REQUIRES: no operation is in flight.
    [[nodiscard]] constexpr Step complete() const noexcept;

    // Ends an operation that was never started and whose callback is skipped: forgets the requests to the previous
    // operation. REQUIRES: no operation is in flight.
    [[nodiscard]] constexpr State skip() const noexcept;

    // Ends an operation whose start is refused, as if a request had ended it with this guarantee. `expired`: its
    // deadline had already passed. REQUIRES: no operation is in flight.
    [[nodiscard]] constexpr Step refuse(bool expired, Types guarantee = kTotal) const noexcept;

    // Ends a hold. REQUIRES: the hold is set.
    [[nodiscard]] constexpr Step let_go(Flag hold) const noexcept;

    // Begins the callback. REQUIRES: the handle is DONE and has no hold.
    [[nodiscard]] constexpr State run() const noexcept;

    // Ends the callback. If the handle has an inline callback, the thread has called only the release function so far,
    // and the Step tells it to call the callback. REQUIRES: the handle is RUNNING.
    [[nodiscard]] constexpr Step ran() const noexcept;

    // ---- posts

    // Asks for one more run of the callback, which begins after this step. Changes nothing if the callback is queued
    // already, if an operation is pending, if starts are refused, or if the handle has no callback that is queued.
    [[nodiscard]] constexpr Post post() const noexcept;

    // Begins the callback for the post, and also for the operation in flight if that is DONE without a further hold. If
    // it is DONE with a further hold, no callback begins: the thread that ends the hold queues the callback, which then
    // is that of both. REQUIRES: the handle is POSTED, and not RUNNING.
    [[nodiscard]] constexpr State run_posted() const noexcept;

    // ---- requests

    // Asks the operation in flight to end. The types in `lasting` become sticky: a later permit that permits them also
    // accepts them. No effect if no operation is pending.
    [[nodiscard]] constexpr Request request(Types wanted, Types lasting) const noexcept;

    // Requests types of a plain operation, whose cancel function is called once. No type becomes sticky. REQUIRES: the
    // latest operation is not typed.
    [[nodiscard]] constexpr Request request_plain(Types wanted) const noexcept;

    // For a deadline that has passed: requests the types, and makes all of them sticky. Plain operations need no
    // request_plain here. One of nng_aio_start permits one type, which is accepted once, and one of the library ends in
    // the first call of its cancel function.
    [[nodiscard]] constexpr Request expire(Types wanted) const noexcept;

    // For the first accepted request to a typed operation: stores the code of its reason, or 0 if that has no code.
    [[nodiscard]] constexpr State with_reason(nng_err reason) const noexcept {
        Bits code = 1;
        while (kCodedReasons[code] != reason) {
            if (code++ == kReasonCodes) return without(kReasonCodes << kReasonCode);
        }
        return without(kReasonCodes << kReasonCode).with(code << kReasonCode);
    }

    // For a cancel function that has declined the types `asked`: takes back the acceptance of those that the provider
    // has neither acknowledged nor cleared, and keeps the hold. REQUIRES: the handle is CANCELING.
    [[nodiscard]] constexpr Returned decline(Types asked) const noexcept;

    // For a cancel function that was called with the types `asked` and has returned. `took`: the function has returned
    // true, and so has not declined them. REQUIRES: the handle is CANCELING.
    [[nodiscard]] constexpr Returned returned(Types asked, bool took) const noexcept;

    // Changes the guarantee for the provider, accepts the sticky types that are permitted now, and acknowledges all
    // accepted types.
    [[nodiscard]] constexpr Answer permit(Types guarantee) const noexcept;

    // Changes the guarantee of an operation that is about to end. Unlike permit, this accepts no sticky type.
    [[nodiscard]] constexpr State with_guarantee(Types guarantee) const noexcept;

    // For NNG 1's defer, which gives the operation its cancel function: sets the guarantee. `first`: ends the CANCELING
    // hold of the begin, and keeps the types that were accepted meanwhile for remind. Otherwise the provider defers
    // again an operation whose cancel function has been called: forgets all requests, so that the new function is
    // called for the next one. `arms`: the timer has to be armed for the deadline, as in start. If the handle is
    // STARTING, another thread is still inside an earlier defer, and that thread arms the timer instead of the caller.
    // REQUIRES: the operation is pending; if `first`, the provider has the CANCELING hold.
    [[nodiscard]] constexpr Deferral defer(Types guarantee, bool first, bool arms) const noexcept;

    // For a provider that has armed the timer in its defer: ends the STARTING hold. If TIMER_ARMED was cleared, sets it
    // and keeps the hold, and the provider arms the timer again. REQUIRES: the handle is STARTING.
    [[nodiscard]] constexpr Armed armed() const noexcept;

    // Ends the operation of a provider that has begun and not deferred, and its CANCELING hold. REQUIRES: the operation
    // is pending, and the provider has the hold.
    [[nodiscard]] constexpr Step finish_begun() const noexcept;

    // As returned, for an operation that NNG 1's defer has begun and whose cancel function has declined. If the handle
    // is stopped, withdraws the operation, which ends without a callback unless that is inline. Otherwise, if the
    // provider has not deferred again, forgets the requests and the deadline. REQUIRES: the handle is CANCELING.
    [[nodiscard]] constexpr Returned returned_unbegun() const noexcept;

    // Acknowledges the accepted types for the provider, and clears those of them in `clear`.
    [[nodiscard]] constexpr Answer acknowledge(Types clear) const noexcept;

    // For the timer, which examines the handle: clears TIMER_ARMED, so the next start with a deadline arms the timer.
    [[nodiscard]] constexpr State examined() const noexcept { return without(kTimerArmed); }

    // For the timer's thread after a permit: tells it to call the cancel function with the undelivered types. No effect
    // if no operation is pending, or if another thread is inside the cancel function.
    [[nodiscard]] constexpr Request remind() const noexcept;

    // ---- the end of a handle

    // Makes the handle STOPPED and DESTROY_WHEN_IDLE. If an operation is pending, makes the handle STOPPED and REAPING
    // instead, and the caller has to arm the timer for the reaper. `in_callback`: the handle's own callback makes this
    // call, so a post that was accepted while it runs is dropped. REQUIRES: the handle is neither REAPING nor
    // DESTROY_WHEN_IDLE.
    [[nodiscard]] constexpr Step reap(bool in_callback = false) const noexcept;

    // For the reaper, which has asked the operation to end: makes the handle DESTROY_WHEN_IDLE instead of REAPING. This
    // never says "queue", because the transition that ends the operation or its last hold says it. REQUIRES: the handle
    // is REAPING.
    [[nodiscard]] constexpr Step reaped() const noexcept;

    // Makes a handle that is to be destroyed busy again, until the thread that calls its EndReport's function ends the
    // POSTED hold. REQUIRES: the handle is idle and DESTROY_WHEN_IDLE.
    [[nodiscard]] constexpr State hold_for_report() const noexcept { return with(kPosted); }

    // Sets WAITED for a thread that is about to sleep until the handle is idle. No effect if the handle is idle.
    [[nodiscard]] constexpr State wait() const noexcept { return busy() ? with(kWaited) : *this; }

    // Marks the operation in flight as unwatched. REQUIRES: the operation is pending.
    [[nodiscard]] constexpr State leave_unwatched() const noexcept { return with(kUnwatched); }
    // Removes this mark.
    [[nodiscard]] constexpr State end_unwatched() const noexcept { return without(kUnwatched); }

    // Refuses later starts, forever (kStopped) or until open (kClosed). Asks a pending operation to end.
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
    [[nodiscard]] constexpr Step ran_held() const noexcept;
    [[nodiscard]] constexpr Answer acknowledge_accepted() const noexcept;
};

}  // namespace naio

#include "aio/transitions.h"  // defines the transitions and their results
