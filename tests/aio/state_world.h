// An abstract machine around a real State: it has all actors that use one handle.
//
// Beside the state, a World holds what the actors know: where each thread is, and which steps each actor has yet to
// take. The machine keeps these records without reading the state. An actor takes a step that its contract permits
// (possible), and then does what the state's transition says (perform). A rule is Broken if the contract and the
// transition disagree, or if the state and the records disagree.
//
//  consumer   starts nothing itself, but aborts, stops, waits, frees, or reaps once; after the reap only the callback
//             uses the handle
//  provider   starts when nothing is in flight, arms the deadline, finishes what it has started, or finishes without a
//             start; its cancel function takes up every request
//  timer      reads the state, with or without a reason, and then acts only if the state has not changed; one thread
//             is the timer and the reaper
//  reaper     comes after a handle was reaped in flight: requests that the operation ends, and lets go of REAPING
//  worker     runs the callback once for each step that says `queue` or `again`
//  poster     posts at any time; `accepts` says which posts the callback has to follow
//  registry   closes, opens and waits under its lock, even while the handle is being destroyed
//
// request_state_world.h is about the types of requests. Here every request is for all types, and every operation
// permits TERMINAL alone.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "aio/state.h"
#include "rule.h"

namespace naio::life {

enum class Event : std::uint8_t {
    kStart,            // a start without a deadline
    kStartTimed,       // a start that arms its deadline
    kStartWhileArmed,  // a start with a deadline that need not be armed, because the timer is armed already
    kArmed,            // the start lets go of STARTING
    kRefused,          // a start that the stopped handle refuses: the operation completes with NNG_ESTOPPED
    kComplete,         // a finish without a start, or a start that times out at once
    kFinish,           // the provider finishes the operation in flight
    kAbort,            // a thread requests the end
    kCanceled,         // the thread of an abort, a stop or a close returns from the cancel function
    kTimerReads,       // the timer reads the state
    kTimerClaims,      // the timer requests the end, if the state is still the one that the timer has read
    kTimerPasses,      // the timer finds nothing due
    kTimerCanceled,    // the timer returns from the cancel function
    kRun,              // the callback begins
    kReturn,           // the callback ends
    kPost,             // a thread posts
    kRunPosted,        // a worker takes a handle that is queued for a post
    kReap,             // the consumer or the callback reaps the handle
    kReapInCallback,   // the callback reaps the handle, and drops the post that it was followed by
    kReaperAsks,       // the reaper requests the end
    kReaperCanceled,   // the reaper returns from the cancel function
    kReaperLeaves,     // the reaper lets go of REAPING
    kStop,
    kClose,
    kOpen,
    kAnnounce,  // a waiter is about to park
    kPark,      // the waiter parks if the aio is busy
    kFree,
};
inline constexpr std::size_t kEvents = static_cast<std::size_t>(Event::kFree) + 1;

inline const char* name(Event event) {
    static constexpr const char* kNames[kEvents] = {
        "start",
        "start with a deadline",
        "start with a deadline that the timer will come for",
        "start lets go",
        "start is refused",
        "bare finish",
        "finish",
        "abort",
        "abort lets go",
        "timer reads",
        "timer claims",
        "timer finds nothing due",
        "timer lets go",
        "callback begins",
        "callback ends",
        "post",
        "worker takes a posted handle",
        "reap",
        "reap in the callback",
        "reaper asks",
        "reaper returns from the cancel function",
        "reaper lets go",
        "stop",
        "close",
        "open",
        "waiter lines up",
        "waiter parks",
        "free",
    };
    return kNames[static_cast<std::size_t>(event)];
}

inline constexpr State::Bits kTerminalOperation = State::Terms{.guarantee = kTerminal}.bits();

inline State::Request ask(State state) { return state.request(kAllTypes, 0); }
inline State::Request ask_forever(State state) { return state.request(kAllTypes, kAllTypes); }

struct World {
    enum class Caller : std::uint8_t { kNone, kRequester, kTimer, kReaper };
    enum class Reaper : std::uint8_t { kAway, kCalled, kAsked };
    enum class Waiter : std::uint8_t { kNone, kAnnounced, kWoken };

    // The generation of each world after an event (forget_numbers). It is the largest generation, so that the
    // generation wraps around at every start.
    static constexpr State::Bits kThisOperation = ~State::Bits{0} << State::kGeneration;
    static constexpr State kEarlierOperation{kThisOperation - State::kOneGeneration};

    State state;
    State seen{};  // the state that the timer has read and examines; 0: the timer examines none

    bool no_callback;           // the handle has no callback
    bool pending = false;       // the provider owes a finish
    bool owed = false;          // an operation is finished, and its callback has not begun
    bool queued = false;        // the task queue, or the worker itself, is going to run the callback
    bool posted = false;        // a post was accepted, and no callback has begun after it
    bool arming = false;        // a thread is inside start
    bool running = false;       // a worker is inside the callback
    bool timer_armed = false;   // the timer has been armed since it last examined the handle
    bool asked = false;         // the cancel function of the latest operation has been called
    bool gave_stopped = false;  // the latest operation ended with NNG_ESTOPPED
    bool begun = false;         // an operation has begun since the timer read the state
    bool sleeping = false;      // at least one waiter is parked
    bool waited = false;        // a waiter has parked since the aio was idle
    bool stopped = false;
    bool closed = false;
    bool reaped = false;
    bool destroyed = false;
    Caller caller = Caller::kNone;  // the actor inside the cancel function
    Reaper reaper = Reaper::kAway;
    Waiter waiter = Waiter::kNone;  // the waiter that is about to park

    explicit World(bool has_callback)
        : state(kThisOperation | (has_callback ? State::Bits{0} : State::kNoCallback)), no_callback(!has_callback) {}
    auto operator<=>(const World&) const = default;

    // True if a completion is kept back. queued_for_post: the worker that takes the handle delivers it.
    [[nodiscard]] bool held() const { return arming || running || caller != Caller::kNone; }
    [[nodiscard]] bool queued_for_post() const { return posted && !running; }
    [[nodiscard]] bool idle() const { return !pending && !owed && !held() && !posted && reaper == Reaper::kAway; }
    [[nodiscard]] bool accepts_post() const {
        return !stopped && !closed && !no_callback && (posted || owed || !pending);
    }
    [[nodiscard]] bool in_flight() const { return pending || owed; }

    // True if the timer has read the state and has not acted on it yet.
    [[nodiscard]] bool examines() const { return seen != State(); }

    // True if the contract of the event's actor permits the event now.
    [[nodiscard]] bool possible(Event event) const {
        // After the reap, only the callback may call functions of the aio.
        const bool callable = !destroyed && (!reaped || running);
        const bool timer_free = !examines() && caller != Caller::kTimer && reaper != Reaper::kAsked;
        switch (event) {
            case Event::kStart:
            case Event::kStartTimed:
                return callable && !in_flight() && !stopped && !closed;
            // A callback that was given NNG_ESTOPPED tries no other start.
            case Event::kRefused:
                return callable && !in_flight() && (stopped || closed) && !(running && gave_stopped);
            case Event::kComplete:
                return callable && !in_flight();
            case Event::kStartWhileArmed:
                return possible(Event::kStartTimed) && timer_armed;
            case Event::kArmed:
                return arming;
            case Event::kFinish:
                return pending;
            case Event::kAbort:
            case Event::kStop:
                return callable;
            case Event::kCanceled:
                return caller == Caller::kRequester;
            case Event::kTimerReads:
                return timer_free && !destroyed;
            case Event::kTimerClaims:
                return seen.can_expire();
            case Event::kTimerPasses:
                return examines();
            case Event::kTimerCanceled:
                return caller == Caller::kTimer;
            case Event::kRun:
                return queued && !posted;
            case Event::kReturn:
                return running;
            case Event::kPost:
                return callable;
            case Event::kRunPosted:
                return queued && posted;
            case Event::kReap:
                return callable && !reaped;
            case Event::kReapInCallback:
                return running && !reaped;
            case Event::kReaperAsks:
                return reaper == Reaper::kCalled && timer_free;
            case Event::kReaperCanceled:
                return caller == Caller::kReaper;
            case Event::kReaperLeaves:
                return reaper == Reaper::kAsked && caller != Caller::kReaper;
            case Event::kClose:
            case Event::kOpen:
                return true;
            case Event::kAnnounce:
                return waiter == Waiter::kNone;
            case Event::kPark:
                return waiter != Waiter::kNone;
            // The consumer frees a handle that it has stopped and seen idle. A handle that the timer examines is not
            // destroyed.
            case Event::kFree:
                return callable && !reaped && stopped && !state.busy() && !examines();
        }
        return false;
    }

    void perform(Event event) {
        const bool by_registry =
            event == Event::kClose || event == Event::kOpen || event == Event::kAnnounce || event == Event::kPark;
        // The timer's compare-exchange on a destroyed aio has to fail (timer_sees_the_same).
        const bool by_timer = event == Event::kTimerClaims || event == Event::kTimerPasses;
        require(!destroyed || by_registry || by_timer, "a destroyed aio is touched");
        act(event);
        require_agreement();
        forget_numbers();
    }

    // Returns a distance from rest: each step that leads to rest (see Walk) makes it smaller, unless something new
    // begins.
    [[nodiscard]] int distance() const {
        return 64 * pending + 32 * !gave_stopped + 8 * owed + 4 * posted + 2 * running + arming + 4 * examines() +
               2 * (caller != Caller::kNone) +
               (reaper == Reaper::kCalled  ? 6
                : reaper == Reaper::kAsked ? 1
                                           : 0);
    }

  private:
    static constexpr State::Bits kFlags = State::kOneGeneration - 1;
    static constexpr State::Bits kEverySticky = State::set(kAllTypes, State::kSticky);
    static constexpr State::Bits kSettled = State::kWaited;  // the flag that the end of a transition may clear

    void act(Event event) {
        switch (event) {
            case Event::kStart:
            case Event::kStartWhileArmed:
                return begin(false);
            case Event::kStartTimed:
                return begin(true);
            case Event::kArmed:
                arming = false;
                return obey(state.let_go(State::kStarting), State::kStarting);
            case Event::kRefused:
                gave_stopped = true;
                return complete_at_once();
            case Event::kComplete:
                gave_stopped = false;
                return complete_at_once();
            case Event::kFinish:
                pending = false;
                owed = true;
                gave_stopped = false;  // the worst case: the provider may ignore the reason of a request
                return obey(state.finish(), State::kPending | State::kDone);
            case Event::kAbort:
                return claimed(ask(state), 0, Caller::kRequester);
            case Event::kTimerReads:
                if (timer_armed || state.can_expire()) seen = state;
                begun = false;
                return;
            case Event::kTimerClaims:
                if (!timer_sees_the_same()) return;
                return claimed(state.examined().expire(kAllTypes), State::kTimerArmed | State::kExpired | kEverySticky,
                               Caller::kTimer);
            case Event::kTimerPasses:
                if (!timer_sees_the_same()) return;
                return install(state.examined(), State::kTimerArmed);
            case Event::kCanceled:
            case Event::kTimerCanceled:
            case Event::kReaperCanceled:
                caller = Caller::kNone;
                return obey(back_from_cancel_function(), State::kCanceling);
            case Event::kRun:
                require(owed, "a callback begins that is not owed");
                require(!running, "two callbacks overlap");
                require(!held(), "a callback begins while a hold is left");
                queued = owed = false;
                running = true;
                return install(state.run(), State::kDone | State::kRunning);
            case Event::kReturn:
                running = false;
                return ran();
            case Event::kPost:
                return post();
            case Event::kRunPosted:
                return run_posted();
            case Event::kReap:
                return reap_now(state.reap());
            case Event::kReapInCallback:
                posted = false;
                return reap_now(state.reap(true));
            case Event::kReaperAsks:
                reaper = Reaper::kAsked;
                return claimed(ask_forever(state), kEverySticky, Caller::kReaper);
            case Event::kReaperLeaves:
                reaper = Reaper::kAway;
                return obey(state.reaped(), State::kReaping | State::kDestroyWhenIdle);
            case Event::kStop:
                stopped = true;
                return claimed(state.stop(State::kStopped), State::kStopped | kEverySticky, Caller::kRequester);
            case Event::kClose:
                closed = true;
                return claimed(state.stop(State::kClosed), State::kClosed | kEverySticky, Caller::kRequester);
            case Event::kOpen:
                closed = false;
                return install(state.open(), State::kClosed);
            case Event::kAnnounce:
                waiter = Waiter::kAnnounced;
                return;
            case Event::kPark:
                return park();
            case Event::kFree:
                require(idle() && !queued, "an aio is freed that is still in use");
                require(!sleeping, "a waiter sleeps forever");
                destroyed = true;
                return;
        }
    }

    void begin(bool arms) {
        require(caller == Caller::kNone, "a cancel function meets the next operation");
        pending = true;
        arming = arms;
        timer_armed = timer_armed || arms;
        asked = gave_stopped = false;
        begun = true;
        install(state.start(arms, kTerminalOperation),
                State::kPending | State::kStarting | State::kTimerArmed | State::kOfOperation, 1);
    }

    // Returns false if the state is not the one that the timer has read: the timer's compare-exchange fails.
    bool timer_sees_the_same() {
        if (std::exchange(seen, State()) != state) return false;
        require(!begun, "the timer judges an operation that it has not read");
        require(!destroyed, "the timer touches a destroyed aio");
        timer_armed = false;
        return true;
    }

    void complete_at_once() {
        require(caller == Caller::kNone, "a cancel function meets the next operation");
        owed = begun = true;
        obey(gave_stopped ? state.refuse(false) : state.complete(), State::kDone | State::kOfOperation, 1);
    }

    void claimed(const State::Request& answer, State::Bits also, Caller by) {
        const bool successful = answer.call != 0;
        require(successful == (pending && !asked),
                "the first request while an operation is in flight calls the cancel function, and no other one does");
        require((answer.accepted != 0) == pending, "the requester learns whether there was an operation to end");
        if (successful) {
            require(answer.call == kTerminal, "the cancel function is called with the permitted type");
            require(caller == Caller::kNone, "two threads are inside the cancel function");
            require(!destroyed, "a destroyed aio is claimed");
            caller = by;
            asked = true;
        }
        install(answer.state, also | (successful ? State::kCanceling | State::set(kTerminal, State::kAccepted) : 0));
    }

    State::Step back_from_cancel_function() const {
        const State::Returned back = state.returned(kTerminal, true);
        require(back.declined == 0 && back.again == 0, "the request was taken up, and no other type was requested");
        return back.step;
    }

    void post() {
        const bool was_queued = queued;
        const State::Post result = state.post();
        require(result.accepted == accepts_post(), "a post is accepted if a callback begins after it");
        const bool is_new = result.accepted && !owed && !posted;
        posted = posted || is_new;
        require(result.step.queue == (is_new && !running), "a post queues the handle if nothing else will");
        require(!result.step.again && !result.step.wake && !result.step.destroy, "a post does nothing else");
        require(!was_queued || !result.step.queue, "a callback is queued twice");
        queued = was_queued || result.step.queue;
        install(result.step.state, State::kPosted);
    }

    // A callback for the post, also for an operation that is finished and has no other hold. If it has one, the thread
    // that ends the hold queues the only callback.
    void run_posted() {
        require(!running, "two callbacks overlap");
        const bool postponed = owed && held();
        require(state.postpones() == postponed, "the callback waits for the end of a hold");
        queued = posted = false;
        if (postponed) return install(state.run_posted(), State::kPosted);
        const State::Bits done = owed ? State::Bits{State::kDone} : 0;
        owed = false;
        running = true;
        install(state.run_posted(), State::kPosted | State::kRunning | done);
    }

    // If the operation that the callback has started is finished already, its callback is also that of a post.
    void ran() {
        const bool coalesces = owed && posted;
        if (coalesces) posted = false;
        obey(state.ran(), State::kRunning | (coalesces ? State::Bits{State::kPosted} : 0));
    }

    void reap_now(const State::Step& step) {
        reaped = stopped = true;
        if (pending) {
            // The thread that reaps calls the reaper if PENDING is set, whatever else the state says.
            reaper = Reaper::kCalled;
            require(!step.wake && !step.destroy, "a reap in flight leaves the rest to the reaper");
        }
        require(!step.queue && !step.again, "a reap delivers");
        obey(step, State::kStopped | State::kReaping | State::kDestroyWhenIdle |
                       (state.posted() && !posted ? State::Bits{State::kPosted} : 0));
    }

    void park() {
        require(state.busy() == !idle(), "a waiter is misled about the aio being busy");
        if (state.busy()) {
            waited = true;
            // A waiter that was woken since kAnnounce does not sleep, because the aio has been idle in between.
            if (waiter == Waiter::kAnnounced) sleeping = true;
        }
        waiter = Waiter::kNone;
        install(state.wait(), State::kWaited);
    }

    void install(State next, State::Bits may_change, std::uint32_t operations = 0) {
        require(((state.bits() ^ next.bits()) & kFlags & ~may_change) == 0,
                "a flag changes that this transition must leave unchanged");
        require(next.generation() == State(state.bits() + operations * State::kOneGeneration).generation(),
                "the generation counts operations, nothing else");
        state = next;
    }

    // Does what the step says.
    void obey(const State::Step& step, State::Bits may_change, std::uint32_t operations = 0) {
        const bool completes_in_place = no_callback && owed && !held();
        install(step.state, may_change | kSettled | (completes_in_place ? State::Bits{State::kDone} : 0), operations);
        if (completes_in_place) owed = false;
        require(!(step.queue || step.again) || (!step.wake && !step.destroy),
                "a step that delivers leaves nothing else to do");
        require(!(step.queue && step.again), "a callback is queued twice at once");
        if (step.queue || step.again) {
            require(!no_callback, "a callback is queued on a handle that has none");
            require(step.queue ? owed && !posted : posted, "a callback is queued that is not owed");
            require(step.queue ? !held() : !running, "a callback is queued while a hold is left");
            require(!queued, "a callback is queued twice");
            queued = true;
        }
        if (step.wake) {
            require(idle(), "a waiter is woken while the aio is busy");
            require(waited, "waiters are woken, but no thread waits");
            sleeping = waited = false;
            if (waiter == Waiter::kAnnounced) waiter = Waiter::kWoken;
        }
        if (step.destroy) {
            require(idle(), "a busy aio is destroyed");
            require(reaped, "an aio is destroyed that was not reaped");
            require(!destroyed, "an aio is destroyed twice");
            destroyed = true;
        }
    }

    void require_flag(State::Flag flag, bool expected, const char* rule) const {
        require(state.has(flag) == expected, rule);
    }

    // Checks that the state agrees with the records.
    void require_agreement() const {
        require_flag(State::kPending, pending, "PENDING: the provider owes a finish");
        require_flag(State::kDone, owed, "DONE: finished, and the callback has not begun");
        require_flag(State::kStarting, arming, "STARTING: start is still arming the deadline");
        require_flag(State::kRunning, running, "RUNNING: the callback is on a worker's stack");
        require_flag(State::kCanceling, caller != Caller::kNone, "CANCELING: a thread is inside the cancel function");
        require_flag(State::kPosted, posted, "POSTED: a post is accepted, and no callback has begun after it");
        require_flag(State::kReaping, reaper != Reaper::kAway, "REAPING: the reaper will come for the handle");
        require_flag(State::kStopped, stopped, "STOPPED: every later start is refused");
        require_flag(State::kClosed, closed, "CLOSED: every later start is refused until open");
        require_flag(State::kDestroyWhenIdle, reaped && reaper == Reaper::kAway,
                     "DESTROY_WHEN_IDLE: the thread that makes the handle idle destroys the handle");
        require_flag(State::kWaited, waited, "WAITED: a thread waits for the handle");
        require_flag(State::kNoCallback, no_callback, "NO_CALLBACK: the handle has no callback");
        require_flag(State::kTimerArmed, timer_armed,
                     "TIMER_ARMED: the timer has been armed since it examined the handle");
        if (pending) {
            require(state.accepted() == (asked ? kTerminal : 0), "accepted: the cancel function has been called");
            require(state.undelivered() == 0, "undelivered: every accepted type was handed to the cancel function");
        }
        require(!(pending && owed), "PENDING and DONE exclude each other");
        require(!(arming || caller != Caller::kNone) || in_flight(), "STARTING and CANCELING belong to an operation");
        require(queued == (queued_for_post() || (owed && !held())),
                "the callback is queued as soon as no hold is left");
        require(state.busy() == !idle(), "busy: an actor still has a step to take");
        require(state.in_flight() == in_flight(), "in flight: PENDING or DONE");
        require(state.refuses_starts() == (stopped || closed), "refuses starts: STOPPED or CLOSED");
        require(waited || !sleeping, "a waiter sleeps, and no thread will wake it");
        require(!(idle() && waited), "an idle aio has sleepers");
        require(!(idle() && reaped) || destroyed, "an idle aio was reaped and is not destroyed");
    }

    // Gives every world the same generation, because only differences between generations matter. With a generation
    // that grows, the walk would never end. If `seen` has another generation, the other bits of `seen` do not matter.
    static State this_operation(State any) { return State((any.bits() & kFlags) | kThisOperation); }

    void forget_numbers() {
        if (examines()) seen = seen.generation() == state.generation() ? this_operation(seen) : kEarlierOperation;
        state = this_operation(state);
    }
};

}  // namespace naio::life
