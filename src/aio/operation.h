// An operation as the library sees it: its state, requests to it, its deadline and its callback. nng_aio (aio.h) adds
// the values that the consumer sets for an operation.
//
// The provider of an operation starts and finishes it, from any thread. The library's providers are in src/io;
// docs/contributing.md says in five steps how to add one. The state (state.h) tells which party owns the operation's
// fields (operation_fields.h). A transition of the state passes them from one owner to the next. The owner is
//   the consumer                            while the handle is idle,
//   the provider                            while it is PENDING, even if the previous callback is still RUNNING,
//   the thread that will run the callback   while it is DONE, even if the previous callback is still RUNNING,
//   the callback                            while it is RUNNING and neither PENDING nor DONE.
//
// Requests to end an operation come from cancel, abort and stop, from the timer, and from a slot. The thread that gets
// the CANCELING hold calls the provider's cancel function. If other threads request further types during the call, that
// thread calls the function again with these types.
//
// Invariants:
//  1. Every change of the state is one compare-exchange that installs the result of a transition.
//  2. After a transition that leaves the handle idle, the thread that has installed it does not use the handle, because
//     the owner may free the handle. Exception: the Step tells the thread to call an inline callback or to destroy it.
//  3. No function here holds a lock of its own while it calls a cancel function or a callback. No function here
//     allocates memory, except slot.
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

class Operation : public CheckedOperation {
  public:
    // ---- start (operation_start.cpp)

    // Forgets the results of the previous operation.
    void reset() noexcept {
        result_ = NNG_OK;
        count_ = 0;
        if (!NAIO_FAULT(outputs_survive_a_start)) outputs_set_ = 0;
    }
    // Starts a plain operation. Its cancel function gets no types: it finishes the operation at once, whichever types
    // are requested. So any guarantee may be given. False if the start is refused: this has reported the refusal
    // (exception: see Started), and the provider has nothing to do.
    [[nodiscard]] bool start(Types guarantee, nng_aio_cancelfn cancel_function, void* argument,
                             const Limit& limit) noexcept;
    // Starts a typed operation, whose cancel function may decline a request. The result is as above.
    [[nodiscard]] bool start(const Cancellation& cancellation, const Limit& limit) noexcept;
    // Starts a typed operation, but does not report a refused start. If `refused` is set in the result, the caller
    // first undoes its own part of the start, because the callback may depend on that, and then calls `report`.
    [[nodiscard]] Started try_start(const Cancellation& cancellation, const Limit& limit) noexcept;
    // Reports a refused start: the callback finds start.result as the result, and `guarantee` as the outcome.
    void report(Started start, Types guarantee = kTotal) noexcept;
    // Reports a start that the library refuses: the callback finds `error` as the result. REQUIRES: the caller has
    // taken the deadlines that were set for the operation (take_limit).
    void refuse(nng_err error) noexcept;
    // For a provider that makes its system call before it starts an operation. True: this has reset the results, and
    // the provider makes the call. If the call succeeds, the provider calls finish, which completes the operation
    // without a start. False: a start would be refused now, and the provider makes no system call, but starts the
    // operation, so that the refusal is reported.
    [[nodiscard]] bool attempt() noexcept;
    // As attempt, for a provider that performs the whole operation in one function, without a start. If a start would
    // be refused, this function makes one, so that the refusal is reported, and returns false. If that start is not
    // refused after all, the operation is in flight and permits no request, and this returns true.
    [[nodiscard]] bool attempt_or_report() noexcept;
    // True if a start would be refused now: the handle or the library is stopped, or the handle's scope has a request.
    [[nodiscard]] bool refuses() const noexcept;

    // ---- finish (operation_finish.cpp)

    // Finishes the operation in flight, or completes one that was never started. The caller may hold a lock, because
    // another thread calls the callback and the release function. Exceptions: an inline callback may run in this call,
    // and so may the release function of a Cancellation with `own`.
    void finish(const Completion& completion) noexcept {
        decide(completion);
        finish_decided();
    }
    // The two parts of finish, for a provider that sets the result under its lock and finishes after it has unlocked.
    void decide(const Completion& completion) noexcept {
        result_ = completion.error;
        count_ = completion.count;
        if (completion.message != nullptr) message_ = completion.message;
    }
    // REQUIRES: no other thread starts or finishes the operation during this call. So PENDING does not change in it.
    void finish_decided() noexcept {
        const State state = state_.load(std::memory_order_relaxed);
        if (!state.pending()) return finish_unstarted();
        state.own() ? finish_own(state) : finish_pending(state);
    }
    // As finish, but runs the callback in this call if no hold is set and the handle has no queue. REQUIRES: the caller
    // holds no lock.
    void finish_inline(const Completion& completion) noexcept;
    // Adds to the count of the operation that the provider performs, and returns the sum.
    std::size_t add_count(std::size_t count) noexcept { return count_ += count; }
    // The words of the provider's own. The library never uses them. REQUIRES: index < kWords.
    void set_data(unsigned index, void* value) noexcept { data_[index] = value; }
    [[nodiscard]] void* data(unsigned index) const noexcept { return data_[index]; }
    // Completes an operation without a start: with this result, or with the reason why a start would be refused now.
    void complete(nng_err error) noexcept;

    // ---- posts (operation_finish.cpp)

    // Makes the callback run once more, where callbacks run. True: a callback begins after this call, and sees what the
    // caller has written before. That callback may be one that was queued already. False: starts are refused, the
    // handle has no callback that is queued, or an operation is pending. In the last case the callback of that
    // operation begins after this call, and sees what the caller has written before. Any thread, also with a lock held.
    [[nodiscard]] bool post() noexcept;
    // True in the handle's own callback, if that runs for a post alone.
    [[nodiscard]] bool runs_for_post() const noexcept { return runs_extra_here(); }

    // Sets the queue in which the callbacks run from now on; nullptr: they run on the threads that the task queue
    // chooses. REQUIRES: the handle is not busy.
    void set_queue(CompletionQueue* queue) noexcept;
    // As set_queue, but leaves the references to the caller: that to `queue`, which the handle owns from now on, and
    // that to the queue before, which this returns.
    CompletionQueue* replace_queue(CompletionQueue* queue) noexcept;
    // True if the handle has a callback, which runs in the queue if the handle has one.
    [[nodiscard]] bool queues_callback() const noexcept {
        return state_.load(std::memory_order_relaxed).queues_callback();  // never changes
    }
    // Returns the queue. REQUIRES: the caller owns the handle. Other threads may only compare the result with nullptr;
    // waiters use retain_queue.
    [[nodiscard]] CompletionQueue* queue() const noexcept { return queue_.load(std::memory_order_relaxed); }
    // True if nothing but a wait tells the program that the operation is over. REQUIRES: the caller owns the handle.
    [[nodiscard]] bool is_only_waited_for() const noexcept {
        return state_.load(std::memory_order_relaxed).has_no_callback() && queue() == nullptr;  // never changes
    }

    // True if the handle has a callback, which depends on the queue that the calling thread runs, and that thread polls
    // for such operations (CompletionQueue::polls_here). A handle with an inline callback is a part of an operation
    // whose callback does. REQUIRES: the caller owns the handle.
    [[nodiscard]] bool is_for_runner_here() const noexcept {
        const CompletionQueue* const queue = this->queue();
        return queue != nullptr && queue->polls_here() &&
               !state_.load(std::memory_order_relaxed).has_no_callback();  // never changes
    }

    // ---- requests (operation_request.cpp)

    // Requests the types, and calls the cancel function if this thread gets the CANCELING hold. True if one of the
    // types is accepted, by this request or an earlier one, and the cancel function has not declined it in this call. A
    // cancel function that the program has given to nng_aio_start gets `reason` unchanged; for all other operations
    // `reason` becomes a Reason.
    //
    // Store-load pair: a program sets a flag of its own and then calls cancel; a provider starts an operation (admit)
    // and then reads the flag. The load of the state is seq_cst, as is the exchange of the start. Otherwise the cancel
    // could miss the operation, and the provider the flag, and no thread would end the operation.
    bool cancel(Types types, nng_err reason) noexcept {
        types &= kAllTypes;
        const State seen = state_.load(NAIO_ORDER(cancel_load, seq_cst));
        return seen.typed() ? cancel_typed(seen, types, reason) : cancel_plain(seen, types, reason);
    }
    // The parts of cancel and close for slots, the registry and dialers. Their lock, which they hold while they claim,
    // keeps the handle from being destroyed. claim requests the types. claim_closed and claim_stopped request all
    // types, and make the handle refuse later starts. If the result (of claim: Request::call) is not 0, the caller must
    // call end_claimed with it, after it has released the lock.
    [[nodiscard]] State::Request claim(Types types, Types lasting, Reason reason) noexcept;
    [[nodiscard]] Types claim_closed() noexcept;
    [[nodiscard]] Types claim_stopped(nng_err reason = NNG_ESTOPPED) noexcept;
    // Calls the cancel function, ends the CANCELING hold, and returns the types that the function has declined.
    Types end_claimed(Types types) noexcept;

    // Returns the strongest type that the operation in flight permits.
    [[nodiscard]] Types guarantee() const noexcept;
    // Changes the guarantee, and accepts the sticky types that the new guarantee permits. Returns the accepted types,
    // which the cancel function cannot decline any more.
    Types permit(Types guarantee) noexcept;
    // For a provider that is about to finish: sets the guarantee that will be the outcome. Unlike permit, this accepts
    // no sticky type.
    void set_guarantee(Types guarantee) noexcept;
    // Returns the types that the operation in flight has accepted; 0 if none is in flight. Does not acknowledge them.
    [[nodiscard]] Types cancelled() const noexcept;
    // Returns the accepted types and acknowledges them: the cancel function cannot decline them any more. Forgets those
    // of them in `clear`.
    Types acknowledge(Types clear) noexcept;
    // Returns the accepted types. A slot calls this under its lock.
    [[nodiscard]] Types accepted() const noexcept;
    // Returns those of the types that are sticky (StateBits::kSticky).
    [[nodiscard]] Types sticky(Types types) const noexcept;
    // Returns the reason of the first accepted request; NNG_OK if there is none.
    [[nodiscard]] nng_err reason() const noexcept;
    // If a request has ended the operation, returns the guarantee that holds for the operation; otherwise 0.
    [[nodiscard]] Types outcome() const noexcept;
    // True if a request other than that of the operation's own deadline has given the operation its reason.
    [[nodiscard]] bool asked() const noexcept;
    // True if no operation is in flight, or if a request to it calls no function of the program. A slot calls this
    // under its lock.
    [[nodiscard]] bool cancels_inside() const noexcept {
        const State state = state_.load(std::memory_order_relaxed);  // the slot's lock orders this load
        return !state.pending() || state.cancels_inside();
    }

    // Binds the handle to the slot, which passes on requests of these types; nullptr: unbinds the handle.
    void bind_slot(Slot* slot, Types types) noexcept;
    // As bind_slot with all types, but does nothing if the handle is bound in that way already.
    void bind_all(Slot& slot) noexcept {
        if (bound_slot() != &slot || target().filter != kAllTypes) bind_slot(&slot, kAllTypes);
    }
    // Returns the handle's own slot, to which the handles of its inner operations are bound. The first call makes the
    // slot, or returns nullptr if there is no memory.
    [[nodiscard]] Slot* slot() noexcept;
    // Requests the types of the inner operations, and the types in `lasting` also of inner operations that start later.
    // Returns what Slot::emit returns. `own_types`: the types that this operation requests by itself, and not because
    // it has accepted a request. The slot does not forget these types if the cancel function declines a request.
    bool forward(Types types, Types lasting, Reason reason, Types own_types) noexcept;
    // As forward with `types` three times, but only if each inner operation in flight is the library's own
    // (Cancellation), and no function of the program is assigned to the slot. Otherwise false, without an effect. A
    // lock may be held. REQUIRES: the slot exists, and its creation happens before this call.
    [[nodiscard]] bool forward_to_own(Types types, Reason reason) noexcept;
    // Requests, of the inner operations, those of the types that this operation has accepted and has not cleared after
    // that. Returns what Slot::emit returns.
    bool forward_accepted(Types types, Types lasting) noexcept;

    // ---- NNG 1's begin, defer and finish (operation_nng1.cpp)

    // Starts an operation that has no cancel function and no deadline yet. False if the handle refuses starts: the
    // result is NNG_ECANCELED then, and there is no callback. Requests that come before defer are kept for it.
    [[nodiscard]] bool begin_nng1() noexcept;
    // Gives the operation its cancel function and its deadline. With nullptr nothing but finish ends the operation.
    // When the function has been called, the provider may defer again, also in that call.
    // `begins`: the provider has not begun the operation; this function's caller has. Such an operation ends without a
    // callback when the handle is stopped and the function neither finishes it nor defers it again.
    void defer_nng1(Nng1Cancel cancel_function, void* argument, const Limit& limit, bool begins = false) noexcept;
    // As finish, for an operation that may have begun with begin_nng1, or may not have begun.
    void finish_nng1(nng_err error) noexcept;
    // For a function of NNG 1 that starts an operation of the library. True if the handle refuses starts: the result is
    // NNG_ECANCELED then, and there is no callback.
    [[nodiscard]] bool refuses_quietly() noexcept;

    // ---- the deadline (operation_deadline.cpp)

    // Limits the next operation to this deadline, unless its own deadline or that of an earlier call comes before.
    void limit(nng_time time) noexcept;
    // The functions that the timer calls (Timer::Client).
    static Nanoseconds examine(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept;
    static void expire(TimerEntry& entry) noexcept;

    // ---- operations that a waiting thread performs (own_waits.h, operation_wait.cpp)

    // Leaves the operation in flight unwatched, for kUnwatchedTime from `time`, the present time, on. False, without an
    // effect, if its deadline is too near for that. REQUIRES: the operation cannot end during this call.
    [[nodiscard]] bool leave_unwatched(Nanoseconds time) noexcept;
    // Ends that, before the operation ends. REQUIRES: the operation is unwatched.
    void end_unwatched() noexcept;

    // ---- waits and the end of the handle (operation_wait.cpp)

    void wait() noexcept { static_cast<void>(wait_until(kNever)); }
    // Waits until the handle is idle, and returns true. Returns false if the handle is still busy at the deadline. In
    // the handle's own callback, returns false at once.
    [[nodiscard]] bool wait_until(Nanoseconds deadline) noexcept;
    // Sets WAITED, so that the thread that makes the handle idle wakes the waiters. False if the handle is idle.
    [[nodiscard]] bool announce_wait() noexcept;
    // Returns the queue of the operation that the announced waiter waits for, with a reference for the caller; nullptr
    // if the handle has no queue, or `waiter` has been woken already. REQUIRES: announce_wait has returned true.
    [[nodiscard]] CompletionQueue* retain_queue(ParkingLot::Waiter& waiter) noexcept;
    // Asks the operation in flight to end with `reason`, and refuses later starts. stop also waits.
    void close(nng_err reason = NNG_ESTOPPED) noexcept;
    void stop(nng_err reason = NNG_ESTOPPED) noexcept;
    void free() noexcept;
    void reap() noexcept;
    // As reap, and has report.function called when the handle is gone, where the handle's callbacks run.
    void reap_then(const EndReport& report) noexcept;
    void open() noexcept;

    [[nodiscard]] OperationCopy copy() const noexcept;  // for a dump; REQUIRES: the handle exists until this returns
    [[nodiscard]] nng_aio& handle() noexcept;           // aio.h defines it
    [[nodiscard]] static Operation& of(SlotTarget& target) noexcept { return static_cast<Operation&>(target); }
    [[nodiscard]] static Operation& of(TimerEntry& entry) noexcept {
        return static_cast<Operation&>(static_cast<OperationTimer&>(entry));
    }

  protected:
    // `home`: the slab of the registry that the handle is in.
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
    static Task* run_posted(Task& task) noexcept;
    static Task* run_end_report(Task& task) noexcept;
    void end_reaped() noexcept;
    Task* run_done(State state) noexcept;
    Task* end_run() noexcept;
    void call_back_for_post() noexcept;
    void run_unusual(State state) noexcept;
    void call_back(ThreadCounts::Event outcome) noexcept;
    void call_back_traced(ThreadCounts::Event outcome) noexcept;

    bool install(State& seen, State next) noexcept;
    bool install_and_wake(State& seen, State next) noexcept;
    template <class Transition>
    auto take(Transition transition) noexcept;
    template <class Transition>
    auto take_under_lock(Transition transition) noexcept;
    template <class Reason, class Transition>
    auto ask(Reason reason, Transition transition) noexcept;
    template <class Reason, class Transition>
    auto ask_from(State seen, Reason reason, Transition transition) noexcept;
    bool accept(State& seen, State next, nng_err reason) noexcept;
    bool accept_first(State& seen, State next, nng_err reason) noexcept;
    bool accept_and_store(State& seen, State next, nng_err reason) noexcept;
    bool accept_under_lock(State& seen, State next, nng_err reason) noexcept;
    template <class Transition>
    void advance(Transition transition) noexcept;
    void report_busy(const Step& step) const noexcept;
    void follow(const Step& step) noexcept;
    void follow_unlocked(const Step& step) noexcept;
    void release_here(State state) noexcept;
    void enqueue() noexcept;
    void run_here() noexcept;
    void run_own() noexcept;

    [[nodiscard]] bool prepare(void* argument, const Limit& limit) noexcept;
    [[nodiscard]] Started begin(State::Bits terms, Limit limit) noexcept;
    [[nodiscard]] nng_err admit(State::Bits terms, Limit limit, bool& arms) noexcept;
    [[nodiscard]] nng_err admit_linked(State::Bits terms, Limit limit, bool& arms, bool& by_scope) noexcept;
    void finish_pending(State seen) noexcept;
    void finish_own(State seen) noexcept;
    void finish_unstarted() noexcept;
    [[nodiscard]] bool skip() noexcept;
    [[nodiscard]] std::uint64_t end_detail(unsigned later) const noexcept;
    [[nodiscard]] Step end_pending(State seen) noexcept;
    [[nodiscard]] Step end_unstarted() noexcept;
    void end_plain() noexcept;
    bool cancel_plain(State seen, Types types, nng_err reason) noexcept;
    bool cancel_typed(State seen, Types types, Reason reason) noexcept;
    [[nodiscard]] State announce() noexcept;
    void watch_unwatched() noexcept;
    [[nodiscard]] State::Returned give_back_declined(Types types) noexcept;
    Types end_typed(Types types, State state) noexcept;
    Types give_back(Types types, bool took) noexcept;
    [[nodiscard]] bool end_request() noexcept;
    [[nodiscard]] bool call_cancel(Types types, State state) noexcept;
    [[nodiscard]] nng_err reason_of(State state) const noexcept;
    [[nodiscard]] nng_err stored_reason(State state) const noexcept;
    [[nodiscard]] nng_err reason_of_sticky(State state) noexcept;
    [[nodiscard]] bool callback_will_return(Nanoseconds deadline) const noexcept;
    [[nodiscard]] nng_err expiry_result() const noexcept;
    [[nodiscard]] bool refuses_starts() const noexcept;
    [[nodiscard]] bool undeferred(State state) const noexcept;
    [[nodiscard]] bool unbegun() const noexcept;
    void finish_unbegun(nng_err error) noexcept;
    [[nodiscard]] State::Returned give_back_unbegun() noexcept;
    [[nodiscard]] State::Deferral give_deferred(Types guarantee, bool first, Nanoseconds deadline) noexcept;
    void end_defer() noexcept;
    static bool call_deferred(nng_aio* aio, void* argument, Types types, nng_err reason) noexcept;
    static bool call_unbegun(nng_aio* aio, void* argument, Types types, nng_err reason) noexcept;
    void arm(Nanoseconds deadline) noexcept;
    void rearm() noexcept;
};

}  // namespace naio
