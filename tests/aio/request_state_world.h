// An abstract machine around a real State: it has all actors that request the end of an operation, by type.
//
// The machine of state_world.h has the whole life of a handle, with one type of request. This machine arms no deadline,
// and has no reaper and no waiter. Instead, types are requested, permitted, acknowledged, taken up and declined.
//
// Beside the state, a RequestWorld has records of what the actors know: the types that were accepted and handed to the
// cancel function, the types that the provider has acknowledged, and the types of lasting requests. The machine keeps
// the records by the rules of naio.h, without reading the state. The records always have to agree with the state, and
// every answer that an actor gets from the state has to follow from the records.
//
//  consumer    starts no operation; requests any types, once or for as long as the operation lasts; stops the handle
//  provider    at any time starts and finishes operations, changes the guarantee, acknowledges and clears requests
//  requester   if it gets the CANCELING hold, is inside the cancel function, which takes the request up or declines it
//  timer       expires an operation once; calls the cancel function with the types that permits have accepted (remind),
//              after a permit that said `call` and also at any other time
//  poster      posts at any time
//  worker      for each step that says `queue`, releases the provider's state and runs the callback once
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "aio/state.h"
#include "rule.h"

namespace naio::requests {

enum class Act : std::uint8_t {
    kStart,         // a start with a typed cancel function; `types` is the guarantee
    kStartRelease,  // a start with a typed cancel function and a release function; `types` is the guarantee
    kStartPlain,    // a start by nng_aio_start; `types` is TERMINAL, or 0 without a cancel function
    kComplete,      // a finish without a start
    kRefused,       // a start that is refused
    kRefusedLate,   // a start that is refused because its deadline has passed already
    kFinish,
    kRequest,       // a request of `types`
    kInsist,        // a request of `types` that lasts as long as the operation
    kInsistOnSome,  // a request of all types, of which `types` last as long as the operation
    kExpire,        // the timer requests `types`
    kStop,          // the consumer requests all types, and the handle refuses later starts
    kPermit,        // the provider changes the guarantee to `types`
    kAcknowledge,   // the provider acknowledges all accepted types, and clears `types`
    kTakesUp,       // the cancel function returns true
    kDeclines,      // the cancel function returns false
    kRemind,        // the timer calls the cancel function with the types that a permit has accepted
    kRun,           // the worker releases the provider's state, and the callback begins
    kReturn,        // the callback ends
    kPost,          // a thread posts
    kRunPosted,     // the worker runs a handle that is queued for a post
};
inline constexpr std::size_t kActs = static_cast<std::size_t>(Act::kRunPosted) + 1;

struct Event {
    Act act;
    Types types = 0;
};

inline std::string name(const Event& event) {
    static constexpr const char* kNames[kActs] = {
        "start",
        "start with release",
        "plain start",
        "bare finish",
        "start is refused",
        "start comes too late",
        "finish",
        "request",
        "lasting request",
        "request of everything, lasting",
        "expiry",
        "stop",
        "permit",
        "acknowledge and clear",
        "cancel function takes up",
        "cancel function declines",
        "timer reminds",
        "callback begins",
        "callback ends",
        "post",
        "handle runs for a post",
    };
    std::string text = kNames[static_cast<std::size_t>(event.act)];
    if ((event.types & kTerminal) != 0) text += " terminal";
    if ((event.types & kPartial) != 0) text += " partial";
    if ((event.types & kTotal) != 0) text += " total";
    return text;
}

// Returns the types that naio.h permits for a guarantee: the guarantee and all weaker types.
constexpr Types permitted_with(Types guarantee) {
    switch (guarantee) {
        case kTerminal:
            return kTerminal;
        case kPartial:
            return kTerminal | kPartial;
        case kTotal:
            return kTerminal | kPartial | kTotal;
        default:
            return 0;
    }
}

struct RequestWorld {
    enum class Handle : std::uint8_t { kCallback, kNoCallback, kInline };

    // Two worlds are equal if their keys are equal.
    struct Key {
        State state;
        std::uint64_t books;
        bool operator==(const Key&) const = default;
    };

    // Each world has this generation after an event, because only differences between generations matter. It is the
    // largest generation, so that the generation wraps around at every start.
    static constexpr State::Bits kThisOperation = ~State::Bits{0} << State::kGeneration;

    State state;
    Handle handle;
    bool stopped = false;

    bool pending = false;   // the provider owes a finish
    bool owed = false;      // an operation is finished, and its callback has not begun
    bool queued = false;    // the task queue, or the worker itself, is going to run the callback
    bool running = false;   // a worker is inside the callback, or releases the provider's state
    bool posted = false;    // a post is accepted, and no callback has begun after it
    bool uncalled = false;  // the inline callback has not been called for the latest operation

    // The latest operation:
    bool typed = false;
    bool has_release = false;
    bool released = false;
    bool expired = false;
    bool reason_stays = false;  // the provider has acknowledged a request
    nng_err reason = NNG_OK;    // that of the first accepted request; not in the key, because the state tells it
    Types permitted = 0;
    Types accepted = 0;
    Types handed = 0;        // accepted types with which the cancel function was called
    Types acknowledged = 0;  // accepted types that permit or acknowledge has returned
    Types sticky = 0;        // types of lasting requests

    // The thread inside the cancel function, if there is one:
    Types inside = 0;  // the types with which the cancel function was called
    Types known = 0;   // the types of `inside` that the provider has acknowledged, and perhaps cleared later

    bool reminder = false;  // a permit said that the timer has to call the cancel function, and no thread has done so

    explicit RequestWorld(Handle kind) : state(kThisOperation | flags_of(kind)), handle(kind) {}

    [[nodiscard]] Key key() const {
        std::uint64_t books = 0;
        for (const bool each : {stopped, pending, owed, queued, running, posted, uncalled, typed, has_release, released,
                                expired, reason_stays, reminder})
            books = books << 1 | (each ? 1 : 0);
        for (const Types each : {permitted, accepted, handed, acknowledged, sticky, inside, known})
            books = books << 3 | each;
        return {state, books};
    }

    [[nodiscard]] bool held() const { return running || posted || inside != 0; }
    [[nodiscard]] bool in_flight() const { return pending || owed; }
    [[nodiscard]] bool idle() const { return !in_flight() && !held() && !queued && !uncalled; }
    [[nodiscard]] bool has_reason() const { return accepted != 0 || reason_stays; }
    // Returns the accepted types with which the cancel function was not called yet.
    [[nodiscard]] Types waiting() const { return accepted & ~handed; }

    // True if the contract of the event's actor permits the event now.
    [[nodiscard]] bool possible(const Event& event) const {
        switch (event.act) {
            // The consumer of a handle without a callback learns of the end only when it sees the handle idle, so no
            // start comes while a worker releases the provider's state.
            case Act::kStart:
            case Act::kStartRelease:
            case Act::kStartPlain:
                return !stopped && !in_flight() && !(running && handle != Handle::kCallback);
            case Act::kComplete:
            case Act::kRefused:
            case Act::kRefusedLate:
                return !in_flight() && !(running && handle != Handle::kCallback);
            case Act::kFinish:
                return pending;
            case Act::kExpire:
                return pending && !expired;
            case Act::kStop:
                return !stopped;
            case Act::kTakesUp:
                return inside != 0;
            // A plain cancel function cannot decline.
            case Act::kDeclines:
                return inside != 0 && typed;
            case Act::kRun:
                return queued && !posted;
            case Act::kRunPosted:
                return queued && posted;
            case Act::kReturn:
                return running;
            case Act::kPost:
            case Act::kRequest:
            case Act::kInsist:
            case Act::kInsistOnSome:
            case Act::kPermit:
            case Act::kAcknowledge:
            case Act::kRemind:
                return true;
        }
        return false;
    }

    void perform(const Event& event) {
        act(event);
        // The timer need not call if no type waits, or if a thread inside the cancel function handles the types that
        // wait.
        if (!pending || waiting() == 0 || inside != 0) reminder = false;
        require_agreement();
        state = State((state.bits() & kFlags) | kThisOperation);
        // The code is not valid now, so that any may be there.
        if (typed && !has_reason()) state = state.with_reason(NNG_ESTOPPED);
    }

    // Returns a distance from rest: each step that an actor has to take makes it smaller, unless something new begins.
    [[nodiscard]] int distance() const {
        const int left = pending ? 3 * number_of(waiting()) : 0;
        return 100 * pending + 8 * owed + 4 * posted + 2 * running + left + 2 * (inside != 0);
    }

    // True if the event's actor has to perform the event sooner or later.
    [[nodiscard]] bool leads_to_rest(const Event& event) const {
        switch (event.act) {
            case Act::kFinish:
            case Act::kTakesUp:
            case Act::kDeclines:
            case Act::kRun:
            case Act::kRunPosted:
            case Act::kReturn:
                return true;
            case Act::kRemind:
                return reminder;
            default:
                return false;
        }
    }

  private:
    static constexpr State::Bits kFlags = State::kOneGeneration - 1;
    static constexpr State::Bits kReasonCode = State::kReasonCodes << State::kReasonCode;

    static constexpr State::Bits flags_of(Handle kind) {
        switch (kind) {
            case Handle::kNoCallback:
                return State::kNoCallback;
            case Handle::kInline:
                return State::kNoCallback | State::kInlineCallback;
            default:
                return 0;
        }
    }

    static int number_of(Types types) {
        return static_cast<int>((types & 1) + ((types >> 1) & 1) + ((types >> 2) & 1));
    }

    void act(const Event& event) {
        switch (event.act) {
            case Act::kStart:
                return begin({.guarantee = event.types, .typed = true});
            case Act::kStartRelease:
                return begin({.guarantee = event.types, .typed = true, .release = true});
            case Act::kStartPlain:
                return begin({.guarantee = event.types});
            case Act::kComplete:
                new_operation();
                owed = true;
                return obey(state.complete(), 1);
            case Act::kRefused:
                return refuse_start(false);
            case Act::kRefusedLate:
                return refuse_start(true);
            case Act::kFinish:
                pending = false;
                owed = true;
                return obey(state.finish());
            case Act::kRequest:
                return ask(state.request(event.types, 0), event.types, 0, NNG_ECLOSED);
            case Act::kInsist:
                return ask(state.request(event.types, event.types), event.types, event.types, NNG_ECLOSED);
            case Act::kInsistOnSome:
                return ask(state.request(kAllTypes, event.types), kAllTypes, event.types, NNG_ECLOSED);
            case Act::kExpire:
                expired = true;
                return ask(state.expire(event.types), event.types, event.types, NNG_ETIMEDOUT);
            case Act::kStop:
                stopped = true;
                return ask(state.stop(State::kStopped), kAllTypes, kAllTypes, NNG_ECLOSED);
            case Act::kPermit:
                return change_guarantee(event.types);
            case Act::kAcknowledge:
                return acknowledge_and_clear(event.types);
            case Act::kTakesUp:
                return come_back(true);
            case Act::kDeclines:
                return come_back(false);
            case Act::kRemind:
                return call_with_what_is_left();
            case Act::kRun:
                return run_callback();
            case Act::kReturn:
                return end_callback();
            case Act::kPost:
                return post();
            case Act::kRunPosted:
                return run_posted();
        }
    }

    // ---- operations

    void new_operation() {
        require(inside == 0, "a cancel function meets the next operation");
        require(!has_release || released, "the provider's state is never released");
        require(!uncalled, "the inline callback is never called");
        typed = has_release = released = expired = reason_stays = false;
        permitted = accepted = handed = acknowledged = sticky = 0;
        uncalled = handle == Handle::kInline;
    }

    void begin(const State::Terms& terms) {
        new_operation();
        pending = true;
        typed = terms.typed;
        has_release = terms.release;
        permitted = permitted_with(terms.guarantee);
        install(state.start(false, terms.bits()), 1);
    }

    // The outcome of a refused start is TOTAL, as if the operation had been asked to end before it did anything.
    void refuse_start(bool late) {
        new_operation();
        owed = true;
        expired = late;
        permitted = accepted = handed = kAllTypes;
        obey(state.refuse(late), 1);
    }

    void run_callback() {
        begin_callback();
        install(state.run());
    }

    // Begins the callback of the operation.
    void begin_callback() {
        require(owed, "a callback begins that is not owed");
        require(!running, "two callbacks overlap");
        require(inside == 0, "the callback begins, or the state is released, while the cancel function runs");
        queued = owed = false;
        running = true;
        if (!state.releases()) return;
        require(has_release, "there is nothing to release");
        require(!released, "the provider's state is released twice");
        released = true;
    }

    // If the operation that the callback has started is over already, its callback is also that of a post.
    void end_callback() {
        running = false;
        if (owed) posted = false;
        obey(state.ran());
    }

    // ---- posts

    void post() {
        const State::Post result = state.post();
        const bool accepts = handle == Handle::kCallback && !stopped && (owed || posted || !pending);
        require(result.accepted == accepts, "a post is accepted if a callback begins after it");
        const bool is_new = accepts && !owed && !posted;
        posted = posted || is_new;
        require(result.step.queue == (is_new && !running), "a post queues the handle if nothing else will");
        queued = queued || result.step.queue;
        install(result.step.state);
    }

    // The callback is also that of an operation that is over. If a thread is still inside the cancel function of that
    // operation, no callback begins: that thread queues the only one.
    void run_posted() {
        require(!running, "two callbacks overlap");
        const bool postponed = owed && inside != 0;
        require(state.postpones() == postponed, "the callback waits for the end of the cancel function");
        queued = posted = false;
        if (owed && !postponed) begin_callback();
        running = !postponed;
        install(state.run_posted());
    }

    // ---- requests

    void ask(const State::Request& answer, Types wanted, Types lasting, nng_err why) {
        const bool had_reason = has_reason();
        const Types can_be = pending ? wanted & (permitted | accepted) : 0;
        require(answer.accepted == can_be,
                "the accepted types are those that a pending operation permits or has accepted earlier");
        const Types is_new = can_be & ~accepted;
        if (pending) sticky |= lasting;
        accepted |= is_new;
        const Types call = is_new != 0 && inside == 0 ? waiting() : 0;
        require(answer.call == call,
                "the requester of a new type calls the cancel function, and only if no thread is inside");
        hand_over(call);
        install_answer(answer.state, had_reason, why);
    }

    // If the operation has got its first accepted type, puts the reason into the state, as Operation::ask does. To keep
    // the number of worlds small, there are only two reasons: one with a code, and NNG_ECLOSED, which has none.
    void install_answer(State next, bool had_reason, nng_err why) {
        const bool gives_reason = !had_reason && has_reason();
        if (gives_reason) reason = why;
        install(gives_reason && typed ? next.with_reason(why) : next);
    }

    void hand_over(Types call) {
        if (call == 0) return;
        require(pending, "the cancel function is called after the operation is over");
        require(inside == 0, "two threads are inside the cancel function");
        require((call & handed) == 0, "the cancel function is called twice with the same type");
        require((call & ~accepted) == 0, "the cancel function is called with a type that was not accepted");
        inside = call;
        known = call & acknowledged;
        handed |= call;
    }

    void come_back(bool took) {
        const Types call = inside;
        const Types declined = took ? 0 : call & ~known;
        accepted &= ~declined;
        handed &= accepted;
        inside = known = 0;
        const Types again = pending ? waiting() : 0;

        const State::Returned back = state.returned(call, took);
        require(back.declined == declined,
                "a type that was not taken up is declined, unless the provider has acknowledged it");
        require(back.again == again,
                "the thread inside the cancel function is handed all types that were requested meanwhile");
        hand_over(again);
        if (again == 0) return obey(back.step);
        require(!back.step.queue && !back.step.call, "a completion does not wait for the cancel function");
        install(back.step.state);
    }

    void acknowledge_accepted(Types answer) {
        require(answer == accepted, "the provider acknowledges everything that was accepted, and nothing else");
        acknowledged = accepted;
        known |= inside & accepted;
        reason_stays = reason_stays || accepted != 0;
    }

    void change_guarantee(Types guarantee) {
        const State::Answer answer = state.permit(guarantee);
        const bool had_reason = has_reason();
        if (pending) {
            permitted = permitted_with(guarantee);
            const Types newly = sticky & permitted & ~accepted;
            accepted |= newly;
            require(answer.call == (newly != 0),
                    "the cancel function is called with the types that a permit has accepted");
            acknowledge_accepted(answer.accepted);
            reminder = reminder || answer.call;
        } else {
            require(answer.accepted == 0 && !answer.call, "a permit has no effect on an operation that is over");
        }
        install_answer(answer.state, had_reason, expired ? NNG_ETIMEDOUT : NNG_ECLOSED);
    }

    void acknowledge_and_clear(Types clear) {
        const State::Answer answer = state.acknowledge(clear);
        require(!answer.call, "an acknowledgement does not need a call of the cancel function");
        if (pending) {
            acknowledge_accepted(answer.accepted);
            const Types cleared = clear & accepted;
            accepted &= ~cleared;
            handed &= ~cleared;
            acknowledged &= ~cleared;
            sticky &= ~cleared;
        } else {
            require(answer.accepted == 0, "an acknowledgement has no effect on an operation that is over");
        }
        install(answer.state);
    }

    void call_with_what_is_left() {
        const State::Request answer = state.remind();
        const Types call = pending && inside == 0 ? waiting() : 0;
        require(answer.call == call && answer.accepted == call,
                "the timer calls the cancel function with the undelivered types, and only if no thread is inside");
        hand_over(call);
        install(answer.state);
    }

    // ---- the state

    void install(State next, std::uint32_t operations = 0) {
        require(next.generation() == State(state.bits() + operations * State::kOneGeneration).generation(),
                "the generation counts operations, nothing else");
        state = next;
    }

    // Does what the step says.
    void obey(const State::Step& step, std::uint32_t operations = 0) {
        const bool completes = owed && !held() && !queued;
        const bool in_place = completes && handle != Handle::kCallback && !has_release;
        require(step.queue == (completes && !in_place),
                "a completion is queued when no hold is left, unless there is neither callback nor release");
        require(step.again == (posted && !running && !queued && !owed && state.running()),
                "a handle is queued for a post when the callback during which the post came has ended");
        if (step.queue || step.again) queued = true;
        if (in_place) owed = false;
        if (step.call) {
            require(handle == Handle::kInline, "a callback is called in place that is not inline");
            require(uncalled, "an inline callback is called twice");
            require(!in_flight() && !held(), "an inline callback is called before the end");
            uncalled = false;
        }
        require(!step.wake && !step.destroy, "waiters are woken, or the handle destroyed, without a reason");
        install(step.state, operations);
    }

    // Returns the state that follows from the records.
    [[nodiscard]] State::Bits expected() const {
        const auto flag = [](bool is_set, State::Flag each) { return is_set ? State::Bits{each} : State::Bits{0}; };
        return flags_of(handle) | flag(stopped, State::kStopped) | flag(pending, State::kPending) |
               flag(owed, State::kDone) | flag(running, State::kRunning) | flag(posted, State::kPosted) |
               flag(inside != 0, State::kCanceling) | flag(typed, State::kTyped) | flag(has_release, State::kRelease) |
               flag(expired, State::kExpired) | flag(reason_stays, State::kReasonStays) |
               State::set(permitted, State::kPermitted) | State::set(accepted, State::kAccepted) |
               State::set(acknowledged, State::kAcknowledged) | State::set(sticky, State::kSticky) |
               State::set(waiting(), State::kUndelivered) |
               State().with_reason(typed && has_reason() ? reason : NNG_OK).bits();
    }

    void require_agreement() const {
        // When the operation is over, types with which the cancel function was not called do not matter.
        const State::Bits ignored =
            (pending ? 0 : State::set(kAllTypes, State::kUndelivered)) | (typed && !has_reason() ? kReasonCode : 0);
        const State::Bits wrong = ((state.bits() ^ expected()) & kFlags) & ~ignored;
        if (wrong != 0) explain(wrong);
        require(state.has_reason() == has_reason(),
                "there is a reason if a type is accepted or was acknowledged, and only then");
        require(!has_reason() || state.coded_reason() == (typed && reason != NNG_ECLOSED ? reason : NNG_OK),
                "the reason in the state is that of the first accepted request, if that has a code");
        require(queued == ((owed && !held()) || (posted && !running)),
                "a completion or a post is queued as soon as no hold is left");
        require(uncalled == (handle == Handle::kInline && (in_flight() || running)),
                "an inline callback is called as soon as the handle is idle");
        require(in_flight() || running || !has_release || released, "the provider's state is never released");
        require(inside == 0 || in_flight(), "the cancel function belongs to an operation");
        require(inside == 0 || state.has_reason(), "the cancel function is given no reason");
        require(!pending || waiting() == 0 || inside != 0 || reminder, "an accepted request is lost");
        require(state.in_flight() == in_flight(), "in flight: PENDING or DONE");
        require(state.busy() == (in_flight() || held()), "busy: an operation is in flight, or a hold is left");
    }

    static void explain(State::Bits wrong) {
        const auto same = [wrong](State::Bits bits, const char* rule) { require((wrong & bits) == 0, rule); };
        same(State::kPending, "PENDING: the provider owes a finish");
        same(State::kDone, "DONE: finished, and the callback has not begun");
        same(State::kRunning, "RUNNING: the callback is on a worker's stack");
        same(State::kPosted, "POSTED: a post is accepted, and no callback has begun after it");
        same(State::kCanceling, "CANCELING: a thread is inside the cancel function");
        same(State::kTyped, "TYPED: the latest operation has a typed cancel function");
        same(State::kRelease, "RELEASE: the latest operation has something to release");
        same(State::kReasonStays, "REASON_STAYS: the provider of the latest operation has acknowledged a request");
        same(kReasonCode, "reason code: that of the first accepted request to a typed operation");
        same(State::kExpired, "EXPIRED: the deadline of the latest operation has passed");
        same(State::set(kAllTypes, State::kPermitted), "permitted: the guarantee, and all weaker types");
        same(State::set(kAllTypes, State::kAccepted),
             "accepted: requested while it was permitted, not declined and not cleared");
        same(State::set(kAllTypes, State::kUndelivered),
             "undelivered: accepted, and not yet handed to the cancel function");
        same(State::set(kAllTypes, State::kSticky), "sticky: requested to last, and not cleared");
        same(State::set(kAllTypes, State::kAcknowledged), "acknowledged: accepted, and the provider knows of it");
        same(~State::Bits{0}, "a flag changes that no transition may change");
    }
};

}  // namespace naio::requests
