// An operation and its handle's part in it: state, requests, deadline and delivery. nng_aio (aio.h) adds what the
// consumer sets for it.
//
// The provider of an operation starts and finishes it, from any thread. The state (state.h) tells which party owns the
// operation, and orders the hand-over of its fields (operation_fields.h). The owner is
//   the consumer                            while the handle is idle,
//   the provider                            while it is PENDING, also if the callback before is still RUNNING,
//   the thread that will run the callback   while it is DONE, also if the callback before is still RUNNING,
//   the callback                            while it is RUNNING and neither PENDING nor DONE.
//
// Requests to end come from cancel, abort and stop, from the timer, and from a slot. The thread that gets the CANCELING
// hold calls the provider's cancel function. If other threads request further types during the call, it calls the
// function again with these.
//
// Invariants:
//  1. Every change of the state is one compare-exchange to what one of its transitions made of it.
//  2. After a transition that leaves the handle idle, the thread does not use it, because its owner may free it. Only
//     if the Step says so, the thread calls an inline callback or destroys the handle.
//  3. No lock is held while a cancel function or a callback runs, and nothing is allocated.
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "aio/operation_checks.h"
#include "aio/reason.h"
#include "aio/submission.h"
#include "base/fault.h"
#include "base/order.h"
#include "exec/parking_lot.h"

namespace naio {

struct OperationCopy;

class Operation : public CheckedOperation {
  public:
    // ---- start (operation_start.cpp)

    // Forgets the results of the operation before.
    void reset() noexcept {
        result_ = NNG_OK;
        count_ = 0;
        if (!NAIO_FAULT(outputs_survive_a_start)) outputs_set_ = 0;
    }
    // Starts a plain operation, whose cancel function finishes it at once, whichever types are requested. So its
    // guarantee may be other than kTerminal. False if the operation has not begun: a refused start has been reported,
    // and the provider has nothing to do.
    [[nodiscard]] bool start(Types guarantee, nng_aio_cancelfn cancel_function, void* argument,
                             const Limit& limit) noexcept;
    // Starts a typed operation, which may decline a request. False as above.
    [[nodiscard]] bool start(const Cancellation& cancellation, const Limit& limit) noexcept;
    // Starts a typed operation, but does not report a refused start. The caller does so with `report`, after it has put
    // in order what the callback may use.
    [[nodiscard]] Started try_start(const Cancellation& cancellation, const Limit& limit) noexcept;
    // Reports a refused start: the callback is given the reason as the result, and the guarantee as the outcome.
    void report(Started start, Types guarantee = kTotal) noexcept;
    // Reports a start that the library refuses: the callback is given `error`. The caller has taken the deadlines that
    // were set for the operation.
    void refuse(nng_err error) noexcept;
    // For a provider that makes its system call before it starts an operation. Resets the fields of the operation. If
    // the system call succeeds, the provider calls finish, which completes the operation without a start. False if a
    // start would be refused: the provider makes no system call, and starts, so that the refusal is reported.
    [[nodiscard]] bool attempt() noexcept;
    // As attempt, for a provider that performs the whole operation in its call: if this returns false, the refusal has
    // been reported. If the reason of a refusal is taken back during the call, the operation has been started, permits
    // no request, and this returns true.
    [[nodiscard]] bool attempt_or_report() noexcept;
    // Has the next refused start reported, even if the callback that makes it was given NNG_ESTOPPED.
    void report_again() noexcept { gave_stopped_ = false; }
    // True if a start would be refused at this moment, because the handle is stopped, the library goes down, or the
    // handle's scope has been asked to end.
    [[nodiscard]] bool refuses() const noexcept;

    // ---- finish (operation_finish.cpp)

    // Finishes the operation in flight, or completes one that was never started. The caller may hold a lock, because
    // another thread calls the callback and the release function. Exceptions: an inline callback may run in this call,
    // and so may a release function that its Cancellation calls inline.
    void finish(const Completion& completion) noexcept {
        decide(completion);
        finish_decided();
    }
    // The two parts of finish, for a provider that decides under its lock and finishes after it.
    void decide(const Completion& completion) noexcept {
        result_ = completion.error;
        count_ = completion.count;
        if (completion.message != nullptr) message_ = completion.message;
    }
    // No other thread starts or finishes the operation during this, so PENDING does not change.
    void finish_decided() noexcept {
        state_.load(std::memory_order_relaxed).pending() ? finish_pending() : finish_unstarted();
    }
    // As finish, but runs the callback in this call if no hold is left and the handle has no queue. REQUIRES: the
    // caller holds no lock.
    void finish_inline(const Completion& completion) noexcept;
    // Completes an operation without a start. If a start would be refused, the result is the reason of the refusal
    // instead.
    void complete(nng_err error) noexcept;

    // The callbacks run in the queue from now on. nullptr: on the threads that the task queue chooses. REQUIRES: the
    // handle is not busy.
    void set_queue(CompletionQueue* queue) noexcept;
    // REQUIRES: the caller owns the handle. Other threads may only compare the result with nullptr, or call
    // retain_queue.
    [[nodiscard]] CompletionQueue* queue() const noexcept { return queue_.load(std::memory_order_relaxed); }

    // ---- requests (operation_request.cpp)

    // Requests the types, and calls the cancel function if that is this thread's task. True if the operation accepts.
    // The cancel function of nng_aio_start gets `reason` as it is; all other operations get it as a Reason.
    bool cancel(Types types, nng_err reason) noexcept;
    // For slots, the registry and dialers, whose locks keep the handle from being destroyed during the call. claim
    // requests the types. claim_closed and claim_stopped refuse later starts and request all types. If the result has
    // types to call the cancel function with (claim: Request::call), the caller must call end_claimed with them, with
    // no lock held.
    [[nodiscard]] State::Request claim(Types types, Types lasting, Reason reason) noexcept;
    [[nodiscard]] Types claim_closed() noexcept;
    [[nodiscard]] Types claim_stopped() noexcept;
    // Calls the cancel function and returns the types that it declines.
    Types end_claimed(Types types) noexcept;

    // The strongest type that the operation in flight permits.
    [[nodiscard]] Types guarantee() const noexcept;
    // Changes the guarantee, and accepts the sticky types that it permits. Returns the accepted types, which no decline
    // takes back any more.
    Types permit(Types guarantee) noexcept;
    // Sets what the outcome will be. Unlike permit it accepts no sticky type, because the provider is about to finish.
    void set_guarantee(Types guarantee) noexcept;
    // Returns the types that the operation in flight has accepted; none without an operation in flight. A query.
    [[nodiscard]] Types cancelled() const noexcept;
    // Returns the accepted types, which no decline takes back any more, and forgets those of them in `clear`.
    Types acknowledge(Types clear) noexcept;
    [[nodiscard]] Types accepted() const noexcept;
    // Returns the sticky ones of the types: a timeout, a stop or a scope has requested them, and a later permit accepts
    // them.
    [[nodiscard]] Types sticky(Types types) const noexcept;
    // Returns the reason of the accepted request; NNG_OK if there is none.
    [[nodiscard]] nng_err reason() const noexcept;
    // The guarantee that holds for an operation that was ended by a request; 0 if it was not.
    [[nodiscard]] Types outcome() const noexcept;
    // True if the operation has accepted a request that its own timeout did not make.
    [[nodiscard]] bool asked() const noexcept;

    // Requests of these types get through from the slot.
    void bind_slot(Slot* slot, Types types) noexcept;
    [[nodiscard]] Slot* bound_slot() const noexcept { return target().slot.load(std::memory_order_relaxed); }
    // The handle's own slot, for inner operations; nullptr when there is no memory, on first use.
    [[nodiscard]] Slot* slot() noexcept;
    // Requests the types of the inner operations; the types in `lasting` also of those that start later. True if one of
    // them accepts. `own_types`: the types that this operation requests by itself, and not because a request to it was
    // accepted. A decline does not make the slot forget these.
    bool forward(Types types, Types lasting, Reason reason, Types own_types) noexcept;
    // Passes on those of the types that have been accepted and not cleared since.
    bool forward_accepted(Types types, Types lasting) noexcept;

    // ---- the deadline (operation_deadline.cpp)

    // Shortens the next operation. Of its own deadline and those that are given here before it starts, the earliest
    // holds.
    void limit(nng_time time) noexcept;
    // The functions of Timer::Client.
    static Nanoseconds examine(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept;
    static void expire(TimerEntry& entry) noexcept;

    // ---- waits and the end of the handle (operation_wait.cpp)

    [[nodiscard]] bool in_flight() const noexcept { return state_.load(NAIO_ORDER(in_flight, acquire)).in_flight(); }
    // Returns the generation of the latest operation.
    [[nodiscard]] std::uint32_t generation() const noexcept {
        return state_.load(std::memory_order_relaxed).generation();
    }
    void wait() noexcept { static_cast<void>(wait_until(kNever)); }
    // True if the handle is idle. False if it is still busy at the deadline; at once in the handle's own callback.
    [[nodiscard]] bool wait_until(Nanoseconds deadline) noexcept;
    // True if the handle is busy. The announced waiter is woken when the handle becomes idle.
    [[nodiscard]] bool announce_wait() noexcept;
    // Returns the queue of the operation that the announced waiter waits for, with a reference. nullptr if the handle
    // has no queue or the operation is over. REQUIRES: announce_wait has returned true.
    [[nodiscard]] CompletionQueue* retain_queue(ParkingLot::Waiter& waiter) noexcept;
    void close() noexcept;
    void stop() noexcept;
    void free() noexcept;
    void reap() noexcept;
    void open() noexcept;
    // True if the thread that makes the handle idle destroys it.
    [[nodiscard]] bool destroy_when_idle() const noexcept {
        return state_.load(std::memory_order_relaxed).destroy_when_idle();
    }

    [[nodiscard]] OperationCopy copy() const noexcept;  // for a dump. REQUIRES: the handle is not destroyed meanwhile.
    [[nodiscard]] nng_aio& handle() noexcept;           // aio.h defines it
    [[nodiscard]] static Operation& of(SlotTarget& target) noexcept { return static_cast<Operation&>(target); }

  protected:
    // The registry finds the handle's memory by `home`.
    Operation(Services& services, Callback callback, void* argument, Delivery delivery, void* home,
              bool closed) noexcept;
    ~Operation();

    [[nodiscard]] bool start_plain(Types guarantee, nng_aio_cancelfn cancel_function, void* argument,
                                   const Limit& limit) noexcept;
    [[nodiscard]] Started start_typed(const Cancellation& cancellation, const Limit& limit) noexcept;
    bool begun(Started start) noexcept;

  private:
    using Step = State::Step;

    static Task* run(Task& task) noexcept;
    void call_back() noexcept;
    void note_over_budget() noexcept;

    bool install(State& seen, State next) noexcept;
    bool install_and_wake(State& seen, State next) noexcept;
    template <class Transition>
    auto take(Transition transition) noexcept;
    template <class Transition>
    auto take_under_lock(Transition transition) noexcept;
    template <class Reason, class Transition>
    auto ask(Reason reason, Transition transition) noexcept;
    bool accept(State& seen, State next, nng_err reason) noexcept;
    bool accept_under_lock(State& seen, State next, nng_err reason) noexcept;
    template <class Transition>
    void advance(Transition transition) noexcept;
    void follow(const Step& step) noexcept;
    void follow_unlocked(const Step& step) noexcept;
    void enqueue() noexcept;
    void run_here() noexcept;

    [[nodiscard]] bool prepare(void* argument, const Limit& limit) noexcept;
    [[nodiscard]] Started begin(State::Bits terms, Limit limit) noexcept;
    [[nodiscard]] nng_err admit(State::Bits terms, Limit limit, bool& arms) noexcept;
    [[nodiscard]] nng_err admit_linked(State::Bits terms, Limit limit, bool& arms, bool& by_scope) noexcept;
    void finish_pending() noexcept;
    void finish_unstarted() noexcept;
    [[nodiscard]] bool skip() noexcept;
    [[nodiscard]] Step end_pending() noexcept;
    [[nodiscard]] Step end_unstarted() noexcept;
    void end_plain() noexcept;
    bool cancel_typed(Types types, Reason reason) noexcept;
    [[nodiscard]] State::Returned give_back(Types types, bool took) noexcept;
    Types end_typed(Types types) noexcept;
    bool call_cancel(Types types) noexcept;
    [[nodiscard]] nng_err reason_of_sticky(State state) noexcept;
    [[nodiscard]] bool callback_will_return(Nanoseconds deadline) const noexcept;
    [[nodiscard]] nng_err expiry_result() const noexcept;
    void arm(Nanoseconds deadline) noexcept;
    void rearm() noexcept;
};

}  // namespace naio
