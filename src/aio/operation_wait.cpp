// Waiting for a handle, and the end of a handle.
#include <algorithm>
#include <chrono>

#include "aio/operation_transitions.h"
#include "exec/library_wait.h"
#include "exec/spin.h"
#include "exec/task_queue.h"
#include "time/timer.h"

namespace naio {

namespace {

// About the time that it takes to wake a thread on another processor.
constexpr std::chrono::microseconds kWakeUp{50};

}  // namespace

// An unwatched operation is claimed in one step with the announcement, under the lock under which kUnwatched is
// cleared, so its provider exists. The waiter's own wait follows in any case. It ends when the handle is idle,
// whichever thread has ended the operation. If the handle has a queue, the thread that runs the queue performs the
// operation.
bool Operation::wait_until(Nanoseconds deadline) noexcept {
    if (!busy()) return true;
    if (on_this_stack()) return false;
    const LibraryWait waiting;
    if (callback_will_return(deadline)) return true;
    StallWatch watch(this);
    Services& services = services_;  // the handle may be gone as soon as it is idle
    State seen;
    OwnWaits::Claim claim;
    ParkingLot::Waiter waiter(services.parking, this, [&] {
        seen = announce();
        if (seen.unwatched() && queue() == nullptr) claim = services.own_waits.claim(cancel_argument_.get());
    });
    if (!seen.busy() && !NAIO_FAULT(idle_handle_is_waited_for)) return true;
    CompletionQueue* queue = nullptr;
    if (claim.provider != nullptr)
        services.own_waits.wait(claim, *services.own_waits.waits, watch, deadline);
    else
        queue = retain_queue(waiter);
    const bool idle = waiter.wait_until(deadline, queue, watch);
    if (queue != nullptr) queue->release();
    return idle;
}

// If the handle has no queue and no operation is pending on it, its callback usually returns before this thread could
// have fallen asleep. In that case this spins for as long as a wake-up takes, but not past the deadline. True if the
// handle has become idle in that time. The acquire pairs with the exchange that makes the handle idle; otherwise the
// waiter could return without the callback's writes.
bool Operation::callback_will_return(Nanoseconds deadline) const noexcept {
    if (queue() != nullptr) return false;
    State seen = state_.load(std::memory_order_relaxed);
    const auto over = [&] {
        seen = state_.load(NAIO_ORDER(spin, acquire));
        return !seen.busy() || seen.pending();
    };
    if (seen.pending()) return false;
    std::chrono::nanoseconds most = kWakeUp;
    if (deadline != kNever) most = std::min(most, std::chrono::nanoseconds(deadline - now()));
    return spin_until(over, most) && !seen.busy();
}

bool Operation::announce_wait() noexcept { return announce().busy(); }

// Does what announce_wait does, and returns the state before.
State Operation::announce() noexcept {
    return update(state_, [](State state) { return state.wait(); });
}

// ---- unwatched operations

// Store-load pair, as with a start: this thread sets kUnwatched and then reads the link of the timer's entry; the timer
// unlinks the entry and then loads the state (timer.h, invariant 1). Otherwise no thread would ask the poller.
bool Operation::leave_unwatched(Nanoseconds time) noexcept {
    const Nanoseconds until = time + kUnwatchedTime;
    if (deadline_.load(std::memory_order_relaxed) < until + kUnwatchedTime) return false;
    static_cast<void>(take([](State state) { return State::Step{state.leave_unwatched()}; }));
    if (!timer().leads_to(until) && !NAIO_FAULT(unwatched_operation_is_forgotten)) arm(until);
    return true;
}

void Operation::end_unwatched() noexcept {
    services_.parking.locked(this, [this] { update(state_, [](State state) { return state.end_unwatched(); }); });
}

// For the timer's thread, when no thread has waited for kUnwatchedTime.
void Operation::watch_unwatched() noexcept {
    services_.parking.locked(this, [this] {
        if (state_.load(std::memory_order_relaxed).unwatched()) services_.own_waits.watch(cancel_argument_.get());
    });
}

// A waiter is woken under the lock that unless_woken takes. If the waiter has not been woken, the handle has been busy
// since the waiter was announced, so the handle's owner cannot have changed the queue.
CompletionQueue* Operation::retain_queue(ParkingLot::Waiter& waiter) noexcept {
    CompletionQueue* queue = nullptr;
    const auto read = [&] {
        queue = this->queue();
        if (queue != nullptr) queue->retain();
    };
    NAIO_FAULT(wait_reads_the_queue_unlocked) ? read() : waiter.unless_woken(read);
    return queue;
}

// ---- the end of the handle

// In a forked child these functions do nothing, because no operation ends there, and none can be started.
void Operation::close(nng_err reason) noexcept {
    if (is_forked_child()) return;
    const Types types = claim_stopped(reason);
    if (types != 0) end_claimed(types);
}

void Operation::stop(nng_err reason) noexcept {
    if (is_forked_child()) return;
    close(reason);
    wait();
}

void Operation::open() noexcept {
    update(state_, [](State state) { return state.open(); });
}

// In a forked child no operation ends, and the registry's lock may have been held at the fork. So the memory stays.
//
// The acquire pairs with the exchange that makes the handle idle; otherwise the caller could miss what the callback has
// written.
void Operation::free() noexcept {
    if (is_forked_child()) return;
    const State seen = state_.load(NAIO_ORDER(free, acquire));
    if (seen.busy()) {
        services_.registry.require_own_memory(*this);  // for an idle handle, destroy finds this mistake
        if (on_this_stack()) return reap();
        stop();
    }
    services_.registry.destroy(*this);
}

// The words of the report are there before the transition of reap. The thread that destroys the handle acquires that
// transition. If the handle was reaped already, this call ends the process.
void Operation::reap_then(const EndReport& report) noexcept {
    if (is_forked_child()) return;
    if (Registry::is_foreign(*this)) services_.registry.expect_end(*this);
    set_end_report(report);
    reap();
}

// Destroys the handle, which was reaped and is idle. If there is a function to be called, the handle waits once more
// where its callbacks run, because this thread may hold a lock, and run_end_report destroys it there. Until then POSTED
// keeps it busy. Before POSTED is set, a last fini may find the handle idle, and waits until the registry says that it
// is destroyed; begin_report makes that fini look again. When the last fini has ended all operations, this thread calls
// the function.
[[gnu::noinline]] void Operation::end_reaped() noexcept {
    if (end_report().function == nullptr) return services_.registry.destroy(*this);
    update(state_, [](State state) { return state.hold_for_report(); });
    const bool over = services_.registry.begin_report();
    const bool here = NAIO_FAULT(report_outlives_fini) ? !is_up() : over;
    set_run(run_end_report);
    CompletionQueue* const queue = this->queue();
    if (here)
        static_cast<void>(Task::run());
    else if (queue != nullptr)
        queue->push(*this);
    else
        services_.tasks.enqueue(*this);  // no thread of a loop, because the function may block
}

Task* Operation::run_end_report(Task& task) noexcept {
    auto& operation = static_cast<Operation&>(task);
    const EndReport report = operation.end_report();
    Registry& registry = operation.services_.registry;
    static_cast<void>(operation.take([](State state) { return state.let_go(State::kPosted); }));
    registry.destroy(operation);
    CallOut::forget_task();  // a handle that the function makes may have the same address
    report.function(report.argument);
    registry.end_report();
    return nullptr;
}

void Operation::reap() noexcept {
    if (is_forked_child()) return;
    services_.registry.require_own_memory(*this);
    const bool in_callback = on_this_stack() && !NAIO_FAULT(post_outlives_a_reap_in_the_callback);
    bool pending = false;
    const Step step = take([&](State state) {
        if (state.given_up()) [[unlikely]]
            misused("it was freed or reaped already");
        pending = state.pending();
        return state.reap(in_callback);
    });
    if (pending && NAIO_FAULT(reap_lets_go_at_once))
        update(state_, [](State state) { return State(state.bits() & ~State::kReaping); });
    if (pending) return arm(Timer::kImmediately);  // REAPING keeps the handle alive until the timer's thread reaps it
    follow(step);
}

}  // namespace naio
