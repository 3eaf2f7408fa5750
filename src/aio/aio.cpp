#include "aio/aio.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "aio/registry.h"
#include "aio/state_text.h"
#include "base/assert.h"
#include "base/atomic.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/order.h"
#include "base/panic.h"
#include "exec/library_wait.h"
#include "exec/spin.h"
#include "exec/task_queue.h"
#include "time/timer.h"

using naio::Nanoseconds;
using naio::Reason;
using naio::Services;
using naio::State;
using naio::Timer;
using naio::Types;
using Step = State::Step;

namespace {

// In messages, instead of a public function's name.
constexpr const char* kHandle = "nng_aio";

// About what it takes to wake a thread on another processor.
constexpr std::chrono::microseconds kWakeUp{50};

// A callback that takes at most this time is brief: other callbacks may wait for it.
constexpr Nanoseconds kBrief = naio::kMillisecond / 4;
// After this many brief callbacks in a row the handle's callback no longer counts as over budget.
constexpr std::uint8_t kForgiven = 16;

// Installs what `transition` makes of the state, and returns the state before. `transition` reads nothing but its
// argument, and is called again if another thread has changed the state. So the load may return an old state. acq_rel
// releases what the caller has written to the aio to the thread that acts on the new state, and acquires what the
// thread that installed the state before has written.
template <class Transition>
State update(naio::Atomic<State>& state, Transition transition) noexcept {
    State seen = state.load(std::memory_order_relaxed);
    while (
        !state.compare_exchange_weak(seen, transition(seen), NAIO_ORDER(update, acq_rel), std::memory_order_relaxed)) {
    }
    return seen;
}

const Step& step_of(const Step& step) noexcept { return step; }
const Step& step_of(const State::Returned& returned) noexcept { return returned.step; }

constexpr State new_state(nng_aio::Callback callback, nng_aio::Delivery delivery, bool closed) noexcept {
    const bool runs_inline = delivery == nng_aio::Delivery::kInline;
    State::Bits flags = closed ? State::kClosed : State::Bits{0};
    if (callback == nullptr || runs_inline) flags |= State::kNoCallback;
    if (runs_inline) flags |= State::kInlineCallback;
    return State(flags);
}

}  // namespace

nng_aio::nng_aio(Services& services, Callback callback, void* argument, Delivery delivery, void* home,
                 bool closed) noexcept
    : Task(run),
      state_(new_state(callback, delivery, closed)),
      services_(services),
      callback_(callback),
      argument_(argument),
      home_(home) {}

nng_aio::~nng_aio() {
    if (armed_.load(std::memory_order_relaxed)) services_.timer.disarm(timer_);
    if (linked_.load(std::memory_order_relaxed)) {
        naio::Slot::unbind(target_);
        if (naio::Slot* own = own_slot_.load(std::memory_order_relaxed)) own->release();
    }
    if (naio::CompletionQueue* const queue = this->queue()) queue->release();
}

// Installs a transition that returns a Step. Wakes the waiters in the same step; the caller does the rest. Afterwards
// the aio may be gone, unless the step leaves something to do. The load may return an old state, as in update.
template <class Transition>
[[gnu::always_inline]] inline auto nng_aio::take(Transition transition) noexcept {
    State seen = state_.load(std::memory_order_relaxed);
    for (;;) {
        const auto outcome = transition(seen);
        const Step& step = step_of(outcome);
        if (step.wake ? install_and_wake(seen, step.state) : install(seen, step.state)) return outcome;
    }
}

// As take, and ordered with accept_locked.
template <class Transition>
auto nng_aio::take_locked(Transition transition) noexcept {
    decltype(transition(State())) outcome;
    services_.parking.wake_all_if(this, [&] {
        State seen = state_.load(std::memory_order_relaxed);
        do {
            outcome = transition(seen);
        } while (!install(seen, step_of(outcome).state));
        return step_of(outcome).wake;
    });
    return outcome;
}

bool nng_aio::install(State& seen, State next) noexcept {
    return state_.compare_exchange_weak(seen, next, NAIO_ORDER(install, seq_cst), NAIO_ORDER(install_failed, acquire));
}

[[gnu::noinline]] bool nng_aio::install_and_wake(State& seen, State next) noexcept {
    if (NAIO_FAULT(wake_up_is_a_second_step)) {
        naio::ParkingLot& parking = services_.parking;
        return install(seen, next) && parking.wake_all_if(this, [] { return true; });
    }
    return services_.parking.wake_all_if(this, [&] { return install(seen, next); });
}

// The first accepted request sets the reason. Acceptance and reason are published together; otherwise a reader could
// see `accepted` without a reason, or with the reason of another request that was not accepted.
template <class Reason, class Transition>
auto nng_aio::ask(Reason reason, Transition transition) noexcept {
    State seen = state_.load(NAIO_ORDER(ask_load, seq_cst));
    for (;;) {
        const auto answer = transition(seen);
        const bool gives_reason = answer.accepted != 0 && !seen.has_reason();
        if (!gives_reason) {
            if (answer.state == seen || install(seen, answer.state)) return answer;
            continue;
        }
        // If the transition is installed, the aio outlives this call: this thread has the CANCELING hold or is the
        // provider's. It has neither if the thread with the hold has just declined all accepted types; then that thread
        // lets go in a later step under the lock (take_locked).
        const nng_err why = reason(seen);
        // A plain operation accepts once, and only the cancel function that this thread calls reads the reason.
        const bool plain = !seen.typed() || NAIO_FAULT(reason_published_after_acceptance);
        if (plain ? accept(seen, answer.state, why) : accept_locked(seen, answer.state, why)) return answer;
    }
}

inline bool nng_aio::accept(State& seen, State next, nng_err reason) noexcept {
    if (NAIO_FAULT(canceling_hold_dropped)) next = State(next.bits() & ~State::kCanceling);
    if (!install(seen, next)) return false;
    reason_.store(reason, std::memory_order_relaxed);
    return true;
}

[[gnu::noinline]] bool nng_aio::accept_locked(State& seen, State next, nng_err reason) noexcept {
    return services_.parking.locked(this, [&] { return accept(seen, next, reason); });
}

template <class Transition>
void nng_aio::advance(Transition transition) noexcept {
    follow(take(transition));
}

inline void nng_aio::follow(const Step& step) noexcept {
    if (step.queue) enqueue();
    if (step.call) callback_(argument_);
    if (step.destroy) services_.registry.destroy(*this);
}

// Does what the step says, for a caller that holds no lock. If the handle has no callback, or an inline one, this
// thread calls the release function, because all workers may be waiting for the handle. Exception: a function that may
// block does not run inside the timer's loop, because it may wait for a timeout.
void nng_aio::follow_unlocked(const Step& step) noexcept {
    if (!step.queue || step.state.queues_callback()) return follow(step);
    if (release_inline_ || !services_.timer.is_here() || NAIO_FAULT(release_inside_the_timers_loop)) return run_here();
    services_.tasks.submit(*this);
}

[[gnu::noinline]] void nng_aio::enqueue() noexcept {
    naio::CompletionQueue* const queue = this->queue();
    if (queue != nullptr && !(NAIO_FAULT(timer_passes_the_queue_by) && services_.timer.is_here()))
        queue->push(*this);
    else if (over_budget_ != 0)
        services_.tasks.enqueue(*this);
    else
        services_.tasks.submit(*this);
}

// For misuse by two threads at once, which the check in the public function cannot see.
void nng_aio::require_none_in_flight(State state) const noexcept {
    if (state.in_flight()) [[unlikely]]
        misused(kHandle, "an operation is in flight already");
}

void nng_aio::misused(const char* call, const char* what) const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    naio::panic("%s(%p): %s; state %s, last result %d (%s)", call, static_cast<const void*>(this), what,
                naio::describe(state).data(), static_cast<int>(result_), naio::error_text(result_));
}

void nng_aio::misused_start(const char* call) const noexcept {
    if (state_.load(std::memory_order_relaxed).in_flight()) misused(call, "an operation is in flight already");
    misused_library(call);
}

void nng_aio::misused_finish(const char* call) const noexcept {
    if (!is_up()) misused_library(call);
    misused(call, "it is finished already");
}

void nng_aio::misused_library(const char* call) const noexcept {
    misused(call,
            is_forked_child() ? "the library cannot be used in a forked child" : "the library is not initialised");
}

void nng_aio::require_typed(const char* call) const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    if (state.pending() && !state.typed()) [[unlikely]]
        misused(call, "the operation was not started with naio_aio_start");
}

void nng_aio::require_not_given_up(const char* call) const noexcept {
    if (!is_forked_child() && state_.load(std::memory_order_relaxed).given_up()) [[unlikely]]
        misused(call, "it was freed or reaped already");
}

void nng_aio::require_none_in_flight(const char* call) const noexcept {
    if (state_.load(std::memory_order_relaxed).in_flight()) [[unlikely]]
        misused(call, "an operation is in flight already");
}

void nng_aio::require_not_busy(const char* call) const noexcept {
    if (busy()) misused(call, "it is busy");
}

// ---- the provider's side

void nng_aio::reset() noexcept {
    result_ = NNG_OK;
    count_ = 0;
    if (!NAIO_FAULT(outputs_survive_a_start)) outputs_set_ = 0;
}

bool nng_aio::start(nng_aio_cancelfn cancel_function, void* argument) noexcept {
    return start_plain(cancel_function != nullptr ? naio::kTerminal : 0, cancel_function, argument, own_limit());
}

bool nng_aio::start(Types guarantee, nng_aio_cancelfn cancel_function, void* argument, Limit limit) noexcept {
    return start_plain(guarantee, cancel_function, argument, limit);
}

[[gnu::always_inline]] inline bool nng_aio::start_plain(Types guarantee, nng_aio_cancelfn cancel_function,
                                                        void* argument, Limit limit) noexcept {
    if (!prepare(argument, limit)) return false;
    cancel_.plain = cancel_function;
    // A request to a plain operation is accepted a moment before its reason is stored. A thread that reads the reason
    // in between finds NNG_OK.
    reason_.store(NNG_OK, std::memory_order_relaxed);
    return begun(begin(State::Terms{.guarantee = guarantee}.bits(), limit));
}

bool nng_aio::start(const Cancellation& cancellation) noexcept { return start(cancellation, own_limit()); }

bool nng_aio::start(const Cancellation& cancellation, Limit limit) noexcept {
    return begun(try_start(cancellation, limit));
}

inline bool nng_aio::begun(Start start) noexcept {
    if (start.refused) [[unlikely]]
        report(start);
    return start.in_flight;
}

nng_aio::Start nng_aio::try_start(const Cancellation& cancellation) noexcept {
    return try_start(cancellation, own_limit());
}

nng_aio::Start nng_aio::try_start(const Cancellation& cancellation, Limit limit) noexcept {
    if (!prepare(cancellation.argument, limit)) return {};
    cancel_.typed = cancellation.cancel;
    release_ = cancellation.release;
    release_inline_ = cancellation.release_inline;
    const State::Terms terms{.guarantee = cancellation.guarantee, .typed = true, .release = release_ != nullptr};
    return begin(terms.bits(), limit);
}

nng_aio::Start nng_aio::try_start_rest(const Cancellation& cancellation, std::size_t moved) noexcept {
    Limit limit = own_limit();
    if (limit.passed && (limit.expiry & naio::permitted_by(cancellation.guarantee)) == 0) limit = {};
    tell_again();  // otherwise the program would not learn the count
    const Start start = try_start(cancellation, limit);
    count_ = moved;
    return start;
}

inline bool nng_aio::prepare(void* argument, Limit limit) noexcept {
    const State seen = state_.load(std::memory_order_relaxed);
    NAIO_ASSERT(!seen.in_flight() && is_up());
    skips_ = false;
    // A callback that was given NNG_ESTOPPED and starts again is not called again, because that would never end. A
    // refused start on another thread is reported.
    if (seen.refuses_starts() && seen.running() && (on_own_callback() || NAIO_FAULT(told_once_for_every_thread)) &&
        told_stopped_)
        return false;

    reset();
    cancel_argument_ = argument;
    expiry_.store(limit.expiry, std::memory_order_relaxed);
    return true;
}

inline nng_aio::Start nng_aio::begin(State::Bits terms, Limit limit) noexcept {
    if (terms == 0) limit.deadline = naio::kNever;
    deadline_.store(limit.deadline, std::memory_order_relaxed);

    bool arms = false, by_scope = false;
    const bool linked = linked_.load(std::memory_order_relaxed);
    const nng_err refused = linked ? admit_linked(terms, limit, arms, by_scope) : admit(terms, limit, arms);
    if (refused != NNG_OK || by_scope) [[unlikely]]
        return {.refused = true, .expired = !by_scope && refused == NNG_ETIMEDOUT, .result = refused};

    if (arms) {
        // STARTING keeps the aio alive: the operation may be finished, and its handle freed, by any thread from now on.
        if (!timer_.leads_to(limit.deadline)) arm(limit.deadline);
        advance([](State state) { return state.let_go(State::kStarting); });
    }
    return {.in_flight = true};
}

// Starts the operation under the lock of the slot that the handle is bound to. Returns NNG_OK if it has begun,
// otherwise why it has not. Sets `by_scope` if the reason is a request that the scope remembers.
nng_err nng_aio::admit_linked(State::Bits terms, Limit limit, bool& arms, bool& by_scope) noexcept {
    if (naio::Slot* own = own_slot_.load(std::memory_order_relaxed)) own->forget_all();
    // If the handle is stopped, the start is refused with NNG_ESTOPPED, whatever its scope remembers.
    const bool stopped = state_.load(std::memory_order_relaxed).refuses_starts();
    naio::Slot* slot = stopped ? nullptr : target_.slot;
    const auto start = [&] { return admit(terms, limit, arms); };
    if (NAIO_FAULT(start_beside_the_scope) && slot != nullptr && !slot->remembers(target_.filter)) return start();
    return slot != nullptr ? slot->admit(target_, by_scope, start) : start();
}

// Returns NNG_OK if the operation has begun, otherwise why it has not. Sets `arms` if the caller has to arm the timer.
inline nng_err nng_aio::admit(State::Bits terms, Limit limit, bool& arms) noexcept {
    State seen = state_.load(std::memory_order_relaxed), next;
    do {
        require_none_in_flight(seen);
        if (seen.refuses_starts()) return NNG_ESTOPPED;
        if (limit.passed) return NNG_ETIMEDOUT;
        // If the timer examines the handle between the two loads, it clears TIMER_ARMED, and the exchange fails. So the
        // order of the loads does not matter.
        arms = limit.deadline != naio::kNever && (!seen.timer_armed() || !timer_.leads_to(limit.deadline));
        next = seen.start(arms, terms);
        if (NAIO_FAULT(starting_hold_dropped)) next = State(next.bits() & ~State::kStarting);
    } while (!state_.compare_exchange_weak(seen, next, NAIO_ORDER(admit, seq_cst), std::memory_order_relaxed));
    return NNG_OK;
}

void nng_aio::refuse(nng_err error) noexcept {
    NAIO_ASSERT(is_up());
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    skips_ = false;
    if (!NAIO_FAULT(refusal_keeps_the_expiry)) forget_deadlines();
    reset();
    report({.refused = true, .result = error});
}

bool nng_aio::attempt() noexcept {
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    if (refuses()) return false;
    reset();
    return true;
}

void nng_aio::complete(const Completion& completion) noexcept {
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    reset();
    finish(completion);
}

void nng_aio::complete_if_open(nng_err error) noexcept {
    if (!refuses()) return complete({error});
    forget_deadlines();
    if (start(Cancellation{.guarantee = 0}, Limit{})) finish({error});  // opened since refuses()
}

// Reports a refused start: the callback is given the reason as the result.
void nng_aio::report(const Start& start) noexcept { report_rest(start, naio::kTotal); }

void nng_aio::report_rest(const Start& start, Types guarantee) noexcept {
    result_ = start.result;
    reason_.store(start.result, std::memory_order_relaxed);
    advance([&](State state) {
        require_none_in_flight(state);
        return state.refuse(start.expired, guarantee);
    });
}

void nng_aio::finish_pending() noexcept {
    if (release_inline_) return follow_unlocked(end_pending());
    follow(end_pending());
}

void nng_aio::finish_unstarted() noexcept {
    if (!skip()) follow(end_unstarted());
}

void nng_aio::finish_inline(const Completion& completion) noexcept {
    decide(completion);
    const bool pending = state_.load(std::memory_order_relaxed).pending();
    if (!pending && skip()) return;
    const Step step = pending ? end_pending() : end_unstarted();
    if (!step.queue || (queue() != nullptr && !NAIO_FAULT(synchronous_finish_passes_the_queue_by))) return follow(step);
    run_here();
}

inline Step nng_aio::end_pending() noexcept {
    NAIO_ASSERT(is_up());
    return take([&](State state) {
        if (!state.pending()) [[unlikely]]
            misused(kHandle, "it is finished already");
        return state.finish();
    });
}

// Forgets the deadlines that were set for the operation that was not started. True if it skips the callback, and so has
// ended.
inline bool nng_aio::skip() noexcept {
    NAIO_ASSERT(is_up());
    forget_deadlines();
    if (!std::exchange(skips_, false)) return false;
    *skipped_ = true;
    if (state_.load(std::memory_order_relaxed).has_reason()) update(state_, [](State state) { return state.skip(); });
    return true;
}

Step nng_aio::end_unstarted() noexcept {
    return take([&](State state) {
        require_none_in_flight(state);
        return state.complete();
    });
}

void nng_aio::run_here() noexcept {
    Services& services = services_;
    if (Task* again = Task::run()) services.tasks.submit(*again);
}

Types nng_aio::permit(Types guarantee) noexcept {
    const State::Answer answer = ask([this](State state) { return reason_of_sticky(state); },
                                     [&](State state) { return state.permit(guarantee); });
    // The provider may hold the lock that its cancel function takes, so the timer's thread calls that function.
    if (answer.call && !NAIO_FAULT(permit_reminds_no_timer)) arm(Timer::kSoon);
    return answer.accepted;
}

void nng_aio::set_guarantee(Types guarantee) noexcept {
    update(state_, [guarantee](State state) { return state.with_guarantee(guarantee); });
}

Types nng_aio::cancelled() const noexcept {
    const State state = state_.load(NAIO_ORDER(cancelled, acquire));
    return state.pending() ? state.accepted() : 0;
}

Types nng_aio::acknowledge(Types clear) noexcept {
    // Accepted types have a reason already.
    const State::Answer answer =
        ask([](State) { return NNG_OK; }, [&](State state) { return state.acknowledge(clear); });
    naio::Slot* own = own_slot_.load(NAIO_ORDER(slot_acknowledged, seq_cst));
    if (own != nullptr && (clear & answer.accepted) != 0) own->forget_cleared(clear & answer.accepted, *this);
    return answer.accepted;
}

Types nng_aio::guarantee() const noexcept {
    return naio::strongest(state_.load(std::memory_order_relaxed).permitted());  // the caller's own
}

Types nng_aio::accepted() const noexcept {
    return state_.load(std::memory_order_relaxed).accepted();  // the caller has the slot's lock
}

Types nng_aio::sticky(Types types) const noexcept { return types & state_.load(std::memory_order_relaxed).sticky(); }

// Returns the reason of the sticky types.
nng_err nng_aio::reason_of_sticky(State state) noexcept {
    if (state.expired()) return expiry_result();
    if (state.refuses_starts()) return NNG_ESTOPPED;
    return target_.slot != nullptr ? target_.slot->reason() : NNG_ECANCELED;
}

// ---- the callback

// A handle whose callback was over budget is left to the workers until its callback has been brief a few times, because
// a handle may be used alternately for two things, one of which takes long.
inline void nng_aio::call_back() noexcept {
    if (over_budget_ == 0 || NAIO_FAULT(long_callbacks_are_forgotten)) [[likely]] {
        callback_(argument_);
        if (naio::CallOut::is_over_budget()) over_budget_ = kForgiven;
        return;
    }
    const Nanoseconds begin = naio::now();
    callback_(argument_);
    over_budget_ = naio::now() - begin > kBrief ? kForgiven : static_cast<std::uint8_t>(over_budget_ - 1);
}

naio::Task* nng_aio::run(Task& task) noexcept {
    auto& aio = static_cast<nng_aio&>(task);
    const State state = update(aio.state_, [](State seen) {
        return NAIO_FAULT(running_hold_dropped) ? State(seen.run().bits() & ~State::kRunning) : seen.run();
    });
    if (state.releases()) aio.release_(aio.cancel_argument_);
    aio.told_stopped_ = aio.result_ == NNG_ESTOPPED;
    if (state.queues_callback()) aio.call_back();
    const Step step = aio.take([](State seen) { return seen.ran(); });
    if (step.queue) return &aio;
    aio.follow(step);
    return nullptr;
}

// ---- the consumer's side

bool nng_aio::cancel(Types types, nng_err reason) noexcept {
    types &= naio::kAllTypes;
    State seen = state_.load(NAIO_ORDER(cancel_load, seq_cst));
    while (!seen.typed()) {
        const State::Request request = seen.request_plain(types);
        if (request.call == 0) return request.accepted != 0;
        const nng_err why = seen.plain_of_program() ? reason : static_cast<nng_err>(Reason(reason));
        if (!accept(seen, request.state, why)) continue;
        end_plain();
        return true;
    }
    return cancel_typed(types, reason);
}

[[gnu::noinline]] bool nng_aio::cancel_typed(Types types, Reason reason) noexcept {
    const State::Request request = claim(types, 0, reason);
    const Types declined = request.call != 0 ? end_claimed(request.call) : 0;
    return (request.accepted & ~declined) != 0;
}

State::Request nng_aio::claim(Types types, Types lasting, Reason reason) noexcept {
    return ask([&](State) { return reason; }, [&](State state) { return state.request(types, lasting); });
}

// A handle that is closed already has been asked to end. The types that its operation has not accepted are sticky: a
// later permit accepts them.
Types nng_aio::claim_closed() noexcept {
    const bool closed = state_.load(std::memory_order_relaxed).closed();
    if (closed && !NAIO_FAULT(fini_asks_again_at_once)) return 0;
    return ask([](State) { return NNG_ESTOPPED; }, [](State state) { return state.stop(State::kClosed); }).call;
}

Types nng_aio::end_claimed(Types types) noexcept {
    if (state_.load(std::memory_order_relaxed).typed()) return end_typed(types);
    end_plain();
    return 0;
}

// Calls the cancel function of a plain operation, which is called once and cannot decline.
inline void nng_aio::end_plain() noexcept {
    {
        const naio::CallOut from_here;
        cancel_.plain(this, cancel_argument_, reason_.load(std::memory_order_relaxed));
    }
    follow(take([](State state) { return state.let_go(State::kCanceling); }));
}

// The own slot forgets declined types in the same step. If there is none, another thread may be inside slot(): it makes
// the slot, and has it remember the accepted types. So this thread first takes the declined types back, while the
// CANCELING hold keeps the aio, and then loads the slot again. Both are seq_cst: either this thread sees the slot, or
// slot() sees that the types are not accepted any more.
State::Returned nng_aio::give_back(Types types, bool took) noexcept {
    const auto step = [&] { return take([&](State state) { return state.returned(types, took); }); };
    if (took) return step();
    naio::Slot* own = own_slot_.load(NAIO_ORDER(slot_declining, acquire));
    if (own != nullptr) return own->forget_declined(step);
    const Types declined = take([&](State state) { return state.decline(types); }).declined;
    // A request that is accepted in between may set the reason, and has no hold. The lock orders it before the callback.
    const auto let_go = [&] {
        const auto step = [](State state) { return state.returned(0, true); };
        State::Returned rest = NAIO_FAULT(let_go_overtakes_a_reason) ? take(step) : take_locked(step);
        rest.declined = declined;
        return rest;
    };
    own = own_slot_.load(NAIO_ORDER(slot_declined, seq_cst));
    return own != nullptr ? own->forget_declined(let_go) : let_go();
}

// Calls the cancel function, and again with the types that other threads request during a call. Returns the types that
// the first call declined.
Types nng_aio::end_typed(Types types) noexcept {
    Types declined = 0;
    for (bool first = true;; first = false) {
        const bool took = call_cancel(types);
        const State::Returned returned = give_back(types, took);
        if (first) declined = returned.declined;
        if (returned.again == 0 || NAIO_FAULT(requests_during_cancel_dropped)) {
            follow_unlocked(returned.step);
            return declined;
        }
        types = returned.again;
    }
}

bool nng_aio::call_cancel(Types types) noexcept {
    const naio::CallOut from_here;
    if (cancel_.typed != nullptr) return cancel_.typed(this, cancel_argument_, types, reason());
    forward_accepted(types, types);
    return true;
}

// The load pairs with the exchange in slot(): either this sees the slot, or slot() sees that the request is accepted.
bool nng_aio::forward(Types types, Types lasting, Reason reason, Types own_types) noexcept {
    naio::Slot* own = own_slot_.load(NAIO_ORDER(slot_forward, seq_cst));
    return own != nullptr && own->emit(types, lasting, reason, own_types);
}

bool nng_aio::forward_accepted(Types types, Types lasting) noexcept {
    naio::Slot* own = own_slot_.load(NAIO_ORDER(slot_forward_accepted, seq_cst));
    return own != nullptr && own->emit(types, lasting, reason(), 0, this);
}

naio::Slot* nng_aio::slot() noexcept {
    naio::Slot* own = own_slot_.load(NAIO_ORDER(slot_found, acquire));
    if (own != nullptr) return own;
    naio::Slot* made = naio::Slot::create(services_.registry.allocator(), naio::Slot::Kind::kScope);
    if (made == nullptr) return nullptr;
    linked_.store(true, std::memory_order_relaxed);
    if (!own_slot_.compare_exchange_strong(own, made, NAIO_ORDER(slot_made, seq_cst),
                                           NAIO_ORDER(slot_made_by_another, acquire))) {
        made->release();
        return own;
    }
    // From now on forward_accepted tells the slot what is accepted, and acknowledge what is cleared.
    if (state_.load(NAIO_ORDER(slot_made_load, seq_cst)).pending() && !NAIO_FAULT(late_slot_misses_the_request))
        made->remember_accepted(*this);
    return made;
}

Types nng_aio::claim_stopped() noexcept {
    return ask([](State) { return NNG_ESTOPPED; }, [](State state) { return state.stop(State::kStopped); }).call;
}

// In a forked child no operation ends, and none can be started.
void nng_aio::close() noexcept {
    if (is_forked_child()) return;
    const Types types = claim_stopped();
    if (types != 0) end_claimed(types);
}

void nng_aio::stop() noexcept {
    if (is_forked_child()) return;
    close();
    wait();
}

bool nng_aio::busy() const noexcept { return state_.load(NAIO_ORDER(busy, acquire)).busy(); }

bool nng_aio::in_flight() const noexcept { return state_.load(NAIO_ORDER(in_flight, acquire)).in_flight(); }

std::uint32_t nng_aio::generation() const noexcept { return state_.load(std::memory_order_relaxed).generation(); }

bool nng_aio::refuses() const noexcept {
    if (state_.load(NAIO_ORDER(refuses, acquire)).refuses_starts()) return true;
    return target_.slot != nullptr && target_.slot->remembers(target_.filter);
}

void nng_aio::wait() noexcept { static_cast<void>(wait_until(naio::kNever)); }

bool nng_aio::wait_until(Nanoseconds deadline) noexcept {
    if (!busy()) return true;
    if (on_own_callback()) return false;
    const naio::LibraryWait waiting;
    if (callback_will_return(deadline)) return true;
    naio::ParkingLot::Waiter waiter(services_.parking, this);
    if (!announce_wait() && !NAIO_FAULT(idle_handle_is_waited_for)) return true;
    naio::CompletionQueue* const queue = retain_queue(waiter);
    const bool idle = waiter.wait_until(deadline, queue);
    if (queue != nullptr) queue->release();
    return idle;
}

// A waiter is woken under the lock that unless_woken takes. If it is not woken yet, the handle has been busy since the
// waiter was announced, so its owner cannot have changed the queue.
naio::CompletionQueue* nng_aio::retain_queue(naio::ParkingLot::Waiter& waiter) noexcept {
    naio::CompletionQueue* queue = nullptr;
    const auto read = [&] {
        queue = this->queue();
        if (queue != nullptr) queue->retain();
    };
    NAIO_FAULT(wait_reads_the_queue_unlocked) ? read() : waiter.unless_woken(read);
    return queue;
}

// Spins if the wait is only for a callback that a worker runs, because that usually ends before this thread could be
// asleep. Gives up after the time that a wake-up takes, or at the deadline. True if the handle is idle then.
bool nng_aio::callback_will_return(Nanoseconds deadline) const noexcept {
    if (queue() != nullptr) return false;
    State seen = state_.load(std::memory_order_relaxed);
    const auto over = [&] {
        seen = state_.load(NAIO_ORDER(spin, acquire));
        return !seen.busy() || seen.pending();
    };
    if (seen.pending()) return false;
    std::chrono::nanoseconds most = kWakeUp;
    if (deadline != naio::kNever) most = std::min(most, std::chrono::nanoseconds(deadline - naio::now()));
    return naio::spin_until(over, most) && !seen.busy();
}

bool nng_aio::announce_wait() noexcept {
    return update(state_, [](State state) { return state.wait(); }).busy();
}

// In a forked child no operation ends, and the registry's lock may have been held at the fork. So the memory stays.
void nng_aio::free() noexcept {
    if (is_forked_child()) return;
    const State seen = state_.load(NAIO_ORDER(free, acquire));
    if (seen.busy() && on_own_callback()) return reap();
    if (seen.busy()) stop();
    services_.registry.destroy(*this);
}

void nng_aio::reap() noexcept {
    if (is_forked_child()) return;
    bool pending = false;
    const Step step = take([&](State state) {
        if (state.given_up()) [[unlikely]]
            misused(kHandle, "it was freed or reaped already");
        pending = state.pending();
        return state.reap();
    });
    if (pending && NAIO_FAULT(reap_lets_go_at_once))
        update(state_, [](State state) { return State(state.bits() & ~State::kReaping); });
    if (pending) return arm(Timer::kImmediately);  // REAPING keeps the aio alive until the timer comes for it
    follow(step);
}

bool nng_aio::destroy_when_idle() const noexcept { return state_.load(std::memory_order_relaxed).destroy_when_idle(); }

void nng_aio::open() noexcept {
    update(state_, [](State state) { return state.open(); });
}

void nng_aio::bind_slot(naio::Slot* slot, Types filter) noexcept {
    require_none_in_flight(state_.load(std::memory_order_relaxed));
    naio::Slot* const before = target_.slot;
    if (before != nullptr) before->retain();  // it may be the same
    naio::Slot::unbind(target_);
    if (slot != nullptr) slot->bind(target_, filter);
    if (slot != nullptr) linked_.store(true, std::memory_order_relaxed);
    if (before != nullptr) before->release();
}

// Not even in its callback: a waiter may hold the queue that the handle had when it became busy.
void nng_aio::set_queue(naio::CompletionQueue* queue) noexcept {
    NAIO_ASSERT(!busy());
    if (queue != nullptr) queue->retain();
    naio::CompletionQueue* const before = queue_.exchange(queue, std::memory_order_relaxed);
    if (before != nullptr) before->release();
}

// ---- the reason and the outcome

nng_err nng_aio::reason() const noexcept {
    const State state = state_.load(NAIO_ORDER(reason, acquire));
    if (!state.has_reason()) return NNG_OK;
    const auto read = [this] { return reason_.load(std::memory_order_relaxed); };
    return !state.typed() ? read() : services_.parking.locked(this, read);
}

// The caller may read the result, so what has ended the operation happens before this call.
Types nng_aio::outcome() const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    const bool ended_by_request = result_ != NNG_OK && state.has_reason() && result_ == reason();
    return ended_by_request ? naio::strongest(state.permitted()) : 0;
}

bool nng_aio::asked() const noexcept {
    const State state = state_.load(std::memory_order_relaxed);  // as in outcome
    if (!state.has_reason()) return false;
    return !state.expired() || reason() != expiry_result();
}

// ---- the timer and the reaper

nng_err nng_aio::expiry_result() const noexcept {
    return (expiry_.load(std::memory_order_relaxed) & kExpirySucceeds) != 0 ? NNG_OK : NNG_ETIMEDOUT;
}

void nng_aio::arm(Nanoseconds deadline) noexcept {
    armed_.store(true, std::memory_order_relaxed);
    services_.timer.arm(timer_, deadline);
}

Nanoseconds nng_aio::examine(naio::TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept {
    nng_aio& aio = static_cast<Deadline&>(entry).aio;
    State::Request request;
    // Only reap arms the entry at kImmediately. REAPING alone is no reason to reap at kSoon, because the thread in reap
    // may be about to arm the entry. The handle is STOPPED, so no start reads TIMER_ARMED, which may stay set.
    if (at == Timer::kImmediately) {
        aio.timer_.reaping = true;
        return Timer::kExpireAlone;
    }
    if (at == Timer::kSoon)
        request = aio.ask([](State) { return NNG_OK; }, [](State state) { return state.examined().remind(); });
    Nanoseconds later = naio::kNever;
    if (request.call == 0) {
        // If deadline_ is that of a later operation already, the state has changed, and the exchange fails.
        request = aio.ask([&](State) { return aio.expiry_result(); },
                          [&](State seen) {
                              const State state = seen.examined();
                              later = naio::kNever;
                              if (NAIO_FAULT(idle_look_leaves_it_ticking) && !state.can_expire())
                                  return State::Request{State(state.bits() | State::kTimerArmed)};
                              if (!state.can_expire()) return State::Request{state};
                              const Nanoseconds deadline = aio.deadline_.load(std::memory_order_relaxed);
                              if (deadline > now && !NAIO_FAULT(timer_ends_the_next_operation)) {
                                  later = deadline;
                                  return State::Request{state};
                              }
                              const Types types = aio.expiry_.load(std::memory_order_relaxed) & naio::kAllTypes;
                              return state.expire(types);
                          });
    }
    aio.timer_.claimed = static_cast<std::uint8_t>(request.call);
    if (request.call == 0) return later;
    // Only the library's sleeps succeed when their time has passed. Their cancel function waits for nothing.
    return aio.expiry_result() == NNG_OK ? Timer::kExpire : Timer::kExpireAlone;
}

void nng_aio::expire(naio::TimerEntry& entry) noexcept {
    nng_aio& aio = static_cast<Deadline&>(entry).aio;
    if (!std::exchange(aio.timer_.reaping, false)) {
        if (!NAIO_FAULT(reminder_replaces_the_deadline)) aio.rearm();
        aio.end_claimed(aio.timer_.claimed);
        return;
    }
    Types types = aio.claim_stopped();
    // The entry may have been armed at kSoon by a permit before reap armed it at kImmediately.
    if (types == 0 && !NAIO_FAULT(reaper_replaces_the_reminder))
        types = aio.ask([](State) { return NNG_OK; }, [](State state) { return state.remind(); }).call;
    if (types != 0) aio.end_claimed(types);
    aio.follow(aio.take([](State state) { return state.reaped(); }));
}

// Arms the timer for the deadline again, because a permit may have armed it at kSoon in the deadline's place.
void nng_aio::rearm() noexcept {
    const Nanoseconds deadline = deadline_.load(std::memory_order_relaxed);
    if (deadline != naio::kNever && !state_.load(std::memory_order_relaxed).expired()) arm(deadline);
}
