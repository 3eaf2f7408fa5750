// The end of an operation: finishing it, and calling its callback.
#include <utility>

#include "aio/operation_transitions.h"
#include "base/assert.h"
#include "base/dump.h"
#include "base/notice.h"
#include "base/probe.h"
#include "exec/task_queue.h"
#include "time/timer.h"

namespace naio {

namespace {

// A callback that takes at most this time is brief: it does not delay other callbacks much.
constexpr Nanoseconds kBrief = kMillisecond / 4;
// After this many brief callbacks in a row, the library forgets that a handle's callback was over budget.
constexpr std::uint8_t kForgiven = 16;

// Logs that the callback was over budget. Logs at most one callback a second.
[[gnu::cold, gnu::noinline]] void note_over_budget(const Operation& operation, Operation::Callback callback) noexcept {
    static OncePerSecond gate;
    if (!Notices::wanted(NNG_LOG_INFO) || !gate.pass()) return;
    DumpLine name;
    name.add_function(reinterpret_cast<const void*>(callback), true);
    Notices::post(
        NNG_LOG_INFO, "NAIO-LONG-CALLBACK",
        "aio %p: the callback %s took more than 1 ms; workers run this callback for now, so that it does not delay "
        "the callbacks of timeouts and descriptors",
        static_cast<const void*>(&operation), name.text());
}

ThreadCounts::Event outcome_of(nng_err result) noexcept {
    switch (result) {
        case NNG_OK:
            return ThreadCounts::kSucceeded;
        case NNG_ETIMEDOUT:
            return ThreadCounts::kTimedOut;
        case NNG_ECANCELED:
            return ThreadCounts::kCancelled;
        case NNG_ESTOPPED:
        case NNG_ECLOSED:
            return ThreadCounts::kStopped;
        default:
            return ThreadCounts::kFailed;
    }
}

}  // namespace

void Operation::finish_pending(State seen) noexcept { follow(end_pending(seen)); }

void Operation::finish_own(State seen) noexcept { follow_unlocked(end_pending(seen)); }

void Operation::finish_unstarted() noexcept {
    if (!skip()) follow(end_unstarted());
}

void Operation::finish_inline(const Completion& completion) noexcept {
    decide(completion);
    const State state = state_.load(std::memory_order_relaxed);
    if (!state.pending() && skip()) return;
    const Step step = state.pending() ? end_pending(state) : end_unstarted();
    if (!step.queue || (queue() != nullptr && !NAIO_FAULT(synchronous_finish_passes_the_queue_by))) return follow(step);
    run_here();
}

void Operation::complete(nng_err error) noexcept {
    if (attempt_or_report()) finish({error});
}

// Returns the detail of the event kFinish (base/probe.h). `later` is 1 if the operation was not started, because its
// transition has yet to increment the generation; otherwise 0.
[[gnu::cold]] std::uint64_t Operation::end_detail(unsigned later) const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    return std::uint64_t{state.generation() + later} << 1 | (state.queues_callback() ? Trace::kHasCallback : 0);
}

// Does what take does. `seen` is a state that the caller has loaded. REQUIRES: it is pending.
inline State::Step Operation::end_pending(State seen) noexcept {
    NAIO_ASSERT(is_up());
    NAIO_EVENT(finish, kFinish, this, end_detail(0));
    for (;;) {
        const Step step = seen.finish();
        if (step.wake ? install_and_wake(seen, step.state) : install(seen, step.state)) return step;
        if (!seen.pending()) [[unlikely]]
            misused("it is finished already");
    }
}

// For an operation that ends without a start: forgets the deadlines that were set for it. True if its callback is
// skipped; in that case this has ended the operation. An inline callback is never skipped, because the library needs
// it: a group counts the callbacks of its members.
inline bool Operation::skip() noexcept {
    NAIO_ASSERT(is_up());
    forget_deadlines();
    if (!std::exchange(skips_, false)) return false;
    *skipped_ = true;
    NAIO_EVENT(finish, kSkip, this, 0);
    const State state = state_.load(std::memory_order_relaxed);
    if (state.has(State::kInlineCallback)) [[unlikely]]
        return false;
    if (state.has_reason()) update(state_, [](State seen) { return seen.skip(); });
    return true;
}

State::Step Operation::end_unstarted() noexcept {
    NAIO_EVENT(finish, kFinish, this, end_detail(1));
    const Step step = take([&](State state) {
        require_none_in_flight(state);
        return state.complete();
    });
    report_busy(step);
    return step;
}

// ---- delivery

// Passes the completion to the handle's queue. If the handle has no queue, passes the completion to a worker if the
// handle's callback was over budget, and to the thread that the task queue chooses if it was not.
[[gnu::noinline]] void Operation::enqueue() noexcept {
    CompletionQueue* const queue = this->queue();
    if (queue != nullptr && !(NAIO_FAULT(timer_passes_the_queue_by) && services_.timer.is_here()))
        queue->push(*this);
    else if (over_budget_ != 0)
        services_.tasks.enqueue(*this);
    else
        services_.tasks.submit(*this);
}

Task* Operation::run(Task& task) noexcept {
    auto& operation = static_cast<Operation&>(task);
    return operation.run_done(update(operation.state_, [](State seen) {
        return NAIO_FAULT(running_hold_dropped) ? State(seen.run().bits() & ~State::kRunning) : seen.run();
    }));
}

// Releases the provider's state, and calls the callback. `state` is the one before the handle became RUNNING.
[[gnu::always_inline]] inline Task* Operation::run_done(State state) noexcept {
    if (state.releases()) release_(cancel_argument_.get());
    if (result_ != NNG_OK || Trace::on()) [[unlikely]] {
        run_unusual(state);
    } else {
        gave_stopped_ = gave_stopped_ && NAIO_FAULT(told_once_forever);
        if (state.queues_callback()) call_back(ThreadCounts::kSucceeded);
    }
    return end_run();
}

// Ends RUNNING. Returns the handle if it is to run again, because the next operation is finished already or because of
// a post.
[[gnu::always_inline]] inline Task* Operation::end_run() noexcept {
    const Step step = take([](State seen) { return seen.ran(); });
    if (step.queue) return this;
    if (step.again) {
        set_run(run_posted);
        return this;
    }
    follow(step);
    return nullptr;
}

// Runs a handle that is queued for a post. Between the post and this run, an operation may have been started, and may
// be finished.
Task* Operation::run_posted(Task& task) noexcept {
    auto& operation = static_cast<Operation&>(task);
    operation.set_run(run);
    const State seen = update(operation.state_, [](State state) { return state.run_posted(); });
    if (seen.postpones()) return nullptr;  // the thread that ends the hold may have destroyed the handle already
    if (seen.done() && !NAIO_FAULT(post_hides_the_end_of_an_operation)) return operation.run_done(seen);
    operation.call_back_for_post();
    return operation.end_run();
}

// Calls the callback for a post alone. Another thread may start or finish an operation at the same time, so this does
// not touch the fields of an operation.
void Operation::call_back_for_post() noexcept {
    if (Trace::on()) Trace::record(Trace::Event::kPostCallback, this, 0);
    CallOut::mark_extra(true);
    call_back(ThreadCounts::kPosted);
    CallOut::mark_extra(false);
    if (Trace::on()) Trace::record(Trace::Event::kCallbackEnd, this, 0);
}

// Installs the state even if the post does not change it. The exchange pairs with the one that begins the callback;
// otherwise that callback could miss what the caller has written before the post. If an operation is pending, the
// exchange also orders this call before the end of that operation.
bool Operation::post() noexcept {
    if (!is_up()) return false;
    State seen = state_.load(std::memory_order_relaxed);
    for (;;) {
        const State::Post post = seen.post();
        if (!post.accepted && !seen.pending()) return false;
        const bool changes = post.step.state != seen || !NAIO_FAULT(coalesced_post_publishes_nothing);
        if (changes && !install(seen, post.step.state)) continue;
        if (!post.accepted) return false;
        if (Trace::on()) Trace::record(Trace::Event::kPost, this, 0);
        if (!post.step.queue) return true;
        set_run(run_posted);
        enqueue();
        return true;
    }
}

// Calls the callback, and remembers whether it was over budget. If it was, only workers run the handle's callback until
// the callback has been brief kForgiven times in a row. One brief callback is not enough: the handle may be used
// alternately for two operations, of which only one has a long callback.
[[gnu::always_inline]] inline void Operation::call_back(ThreadCounts::Event outcome) noexcept {
    NAIO_PROBE(callback, this);
    if (over_budget_ == 0 || NAIO_FAULT(long_callbacks_are_forgotten)) [[likely]] {
        callback_(argument_);
        NAIO_PROBE(callback_end, this);
        if (CallOut::count_callback(outcome)) {
            over_budget_ = kForgiven;
            note_over_budget(*this, callback_);
        }
        return;
    }
    const Nanoseconds begin = now();
    callback_(argument_);
    static_cast<void>(CallOut::count_callback(outcome));
    NAIO_PROBE(callback_end, this);
    over_budget_ = now() - begin > kBrief ? kForgiven : static_cast<std::uint8_t>(over_budget_ - 1);
}

[[gnu::cold, gnu::noinline]] void Operation::call_back_traced(ThreadCounts::Event outcome) noexcept {
    Trace::record(Trace::Event::kCallback, this, state_.load(std::memory_order_relaxed).generation());
    call_back(outcome);
    Trace::record(Trace::Event::kCallbackEnd, this, 0);
}

// The part of run for an operation that has failed or is traced. It is not in run, so that run is short for all others.
[[gnu::noinline]] void Operation::run_unusual(State state) noexcept {
    gave_stopped_ = result_ == NNG_ESTOPPED || (gave_stopped_ && NAIO_FAULT(told_once_forever));
    if (!state.queues_callback()) return;
    const ThreadCounts::Event outcome = outcome_of(result_);
    Trace::on() ? call_back_traced(outcome) : call_back(outcome);
}

// For a handle that is to be queued and has no callback, or an inline one: calls the release function. If this thread
// is inside the timer's loop, and the release function may block, a worker calls the function, because it may wait for
// a timeout. REQUIRES: the caller holds no lock.
[[gnu::noinline]] void Operation::release_here(State state) noexcept {
    if (state.own()) return run_own();
    if (!services_.timer.is_here() || NAIO_FAULT(release_inside_the_timers_loop)) return run_here();
    services_.tasks.submit(*this);
}

// As run_here, for an operation of the library on a handle without a callback of the program. This calls no function of
// the program, so it has no CallOut: otherwise a loop's handler would leave to a worker what the operation's end
// submits, such as the callback of a group.
void Operation::run_own() noexcept {
    Services& services = services_;
    if (Task* again = run(*this)) services.tasks.submit(*again);
}

void Operation::run_here() noexcept {
    Services& services = services_;
    if (Task* again = Task::run()) services.tasks.submit(*again);
}

// While the handle is busy, not even its callback may call this, because a waiter may use the queue that the handle had
// when it became busy.
void Operation::set_queue(CompletionQueue* queue) noexcept {
    if (queue != nullptr) queue->retain();
    CompletionQueue* const before = replace_queue(queue);
    if (before != nullptr) before->release();
}

CompletionQueue* Operation::replace_queue(CompletionQueue* queue) noexcept {
    NAIO_ASSERT(!busy());
    CompletionQueue* const before = this->queue();
    queue_.store(queue, std::memory_order_relaxed);
    return before;
}

}  // namespace naio
