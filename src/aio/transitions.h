// The transitions of State and their results, except those of NNG 1's defer (deferral_transitions.h). state.h declares
// and describes the transitions.
#pragma once

#include "aio/state.h"
#include "base/assert.h"
#include "base/fault.h"

namespace naio {

struct [[nodiscard]] State::Step {
    State state;
    bool queue = false;    // queue the callback
    bool again = false;    // queue the callback for a post; only ran sets this
    bool call = false;     // call the inline callback: the operation has completed in place
    bool wake = false;     // wake the waiters, in one step with the transition
    bool destroy = false;  // destroy the handle
};

struct [[nodiscard]] State::Request {
    State state;
    Types accepted = 0;  // the requested types that are accepted now, because of this request or an earlier one
    Types call = 0;      // if not 0: call the cancel function with these types. The state has the CANCELING hold.
};

// The result for the thread that was inside the cancel function.
struct [[nodiscard]] State::Returned {
    Step step;
    Types declined = 0;  // the types that are not accepted any more, because the function has declined them
    Types again = 0;     // if not 0: call the function again with these types, which others requested. The hold stays.
};

// The result for a provider that permits or acknowledges.
struct [[nodiscard]] State::Answer {
    State state;
    Types accepted = 0;  // the accepted types, which are all acknowledged now
    bool call = false;   // the timer's thread has to call the cancel function (remind)
};

// The result for a provider that defers. If it tells the provider to arm the timer, the state has the STARTING hold,
// and the provider has to take the transition `armed` afterwards.
struct [[nodiscard]] State::Deferral {
    State state;
    bool call = false;  // arm the timer for remind, which calls the cancel function
    bool arms = false;  // arm the timer for the deadline
};

// The result for a provider that has armed the timer in its defer.
struct [[nodiscard]] State::Armed {
    Step step;
    bool again = false;  // arm the timer for the deadline, if there is one, and take this transition again
};

// The result for a thread that posts.
struct [[nodiscard]] State::Post {
    Step step;
    bool accepted = false;  // a callback will begin after this step, because of this post or of an earlier event
};

// Returns the Step to this state, which says what the thread that installs it must do. Every transition that may
// complete the operation or make the handle idle ends with a call of settle. `may_deliver`: the Step may say "queue" or
// "call".
constexpr State::Step State::settle(bool may_deliver) const noexcept {
    Step step{*this};
    if (done() && !held() && may_deliver) {
        // A handle without a callback is queued, too, if it has a release function to call: this thread may hold a lock
        // that the release function takes.
        if (queues_callback() || releases()) {
            step.queue = true;
        } else {
            step.state = step.state.without(kDone);
            step.call = has(kInlineCallback);
        }
    }
    if (!step.state.busy()) {
        step.wake = has(kWaited);
        step.destroy = destroy_when_idle();
        step.state = step.state.without(kWaited);
    }
    return step;
}

constexpr State State::start(bool arms, Bits terms) const noexcept {
    NAIO_ASSERT(!in_flight() && !refuses_starts());
    return new_operation(kPending | (arms ? kStarting | kTimerArmed : Bits{0}) | terms);
}

constexpr State::Step State::finish() const noexcept {
    NAIO_ASSERT(pending());
    return without(kPending).with(kDone).settle(true);
}

constexpr State::Step State::complete() const noexcept {
    NAIO_ASSERT(!in_flight());
    return new_operation(kDone).settle(true);
}

constexpr State State::skip() const noexcept {
    NAIO_ASSERT(!in_flight());
    return without(kOfOperation);
}

constexpr State::Step State::refuse(bool expired, Types guarantee) const noexcept {
    NAIO_ASSERT(!in_flight());
    const Types permitted = permitted_by(guarantee);
    return new_operation(kDone | set(permitted, kPermitted) | set(permitted, kAccepted) |
                         (expired ? Bits{kExpired} : 0))
        .settle(true);
}

constexpr State::Step State::let_go(Flag hold) const noexcept {
    NAIO_ASSERT(has(hold & kHolds));
    return without(hold).settle(true);
}

constexpr State State::run() const noexcept {
    NAIO_ASSERT(done() && !held());
    return without(kDone).with(kRunning);
}

constexpr State::Step State::ran() const noexcept {
    NAIO_ASSERT(running());
    const State next = without(kRunning);
    if (next.has(kDone | kPosted)) {
        if (next.held()) [[unlikely]]
            return next.ran_held();
        if (next.queues_callback()) return {.state = next, .queue = true};  // as settle, but faster
        return next.settle(true);
    }
    Step step = next.settle(false);
    step.call = has(kInlineCallback);
    return step;
}

// The part of ran for a callback after which the handle is POSTED, or DONE with another hold.
constexpr State::Step State::ran_held() const noexcept {
    if (!posted() || NAIO_FAULT(post_in_the_callback_is_lost)) return without(kPosted).settle(false);
    if (done()) return without(kPosted).settle(true);  // one callback for the operation and the post
    Step step{*this};
    step.again = true;
    return step;
}

constexpr State::Post State::post() const noexcept {
    if (refuses_starts() || !queues_callback() || (pending() && !posted())) return {{*this}};
    if (done() || posted()) return {{*this}, true};
    Step step{with(kPosted)};
    step.queue = !running();
    return {step, true};
}

constexpr State State::run_posted() const noexcept {
    NAIO_ASSERT(posted() && !running());
    const State next = without(kPosted);
    if (postpones()) return next;
    return next.done() ? next.run() : next.with(kRunning);
}

constexpr State::Request State::request(Types wanted, Types lasting) const noexcept {
    if (!pending() && !NAIO_FAULT(request_reaches_an_idle_handle)) return {*this};
    const State asked = with(set(lasting, kSticky));
    const Types possible = wanted & (permitted() | accepted());
    if (possible == 0) return {asked};
    const Types unknown = possible & ~accepted();
    const State next = asked.with(set(unknown, kAccepted) | set(unknown, kUndelivered));
    if (unknown == 0 || has(kCanceling)) return {next, possible};
    return {next.without(set(kAllTypes, kUndelivered)).with(kCanceling), possible, next.undelivered()};
}

constexpr State::Request State::request_plain(Types wanted) const noexcept {
    NAIO_ASSERT(!typed());
    const Types possible = wanted & permitted();
    if (!pending() || possible == 0) return {*this};
    if (accepted() != 0 && !NAIO_FAULT(plain_operation_is_asked_twice)) return {*this, possible};
    return {with(set(possible, kAccepted) | kCanceling), possible, possible};
}

constexpr State::Request State::expire(Types wanted) const noexcept { return with(kExpired).request(wanted, wanted); }

constexpr State::Returned State::decline(Types asked) const noexcept {
    NAIO_ASSERT(has(kCanceling));
    // The types that the provider has cleared during the call. Those of them that are undelivered now were requested
    // again after they were cleared. The cancel function declines none of the cleared types.
    const Types cleared = asked & (undelivered() | ~accepted());
    const Types known = NAIO_FAULT(decline_takes_back_what_was_acknowledged) ? 0 : acknowledged();
    const Types declined = asked & ~(known | cleared);
    return {{without(set(declined, kAccepted))}, declined};
}

constexpr State::Returned State::returned(Types asked, bool took) const noexcept {
    NAIO_ASSERT(has(kCanceling));
    const Types again = undelivered();
    const Types declined = took ? 0 : decline(asked).declined;
    const State next = without(set(declined, kAccepted) | set(again, kUndelivered));
    if (again != 0 && pending()) return {{next}, declined, again};
    return {next.let_go(kCanceling), declined};
}

constexpr State::Answer State::acknowledge_accepted() const noexcept {
    if (accepted() == 0) return {*this};
    return {with(kReasonStays | set(accepted(), kAcknowledged)), accepted()};
}

constexpr State::Answer State::permit(Types guarantee) const noexcept {
    if (!pending()) return {*this};
    const State next = with_guarantee(guarantee);
    const Types newly = sticky() & next.permitted() & ~accepted();
    Answer answer = next.with(set(newly, kAccepted) | set(newly, kUndelivered)).acknowledge_accepted();
    answer.call = newly != 0;
    return answer;
}

constexpr State State::with_guarantee(Types guarantee) const noexcept {
    return without(set(kAllTypes, kPermitted)).with(set(permitted_by(guarantee), kPermitted));
}

constexpr State::Answer State::acknowledge(Types clear) const noexcept {
    if (!pending()) return {*this};
    Answer answer = acknowledge_accepted();
    clear &= answer.accepted;
    answer.state = answer.state.without(set(clear, kAccepted) | set(clear, kUndelivered) | set(clear, kSticky) |
                                        set(clear, kAcknowledged));
    return answer;
}

constexpr State::Request State::remind() const noexcept {
    const Types types = undelivered();
    if (!pending() || has(kCanceling) || types == 0) return {*this};
    return {without(set(kAllTypes, kUndelivered)).with(kCanceling), types, types};
}

constexpr State::Step State::reap(bool in_callback) const noexcept {
    NAIO_ASSERT(!given_up());
    const State left = in_callback && running() ? without(kPosted) : *this;
    if (pending()) return {left.with(kStopped | kReaping)};
    return left.with(kStopped | kDestroyWhenIdle).settle(false);
}

constexpr State::Step State::reaped() const noexcept {
    NAIO_ASSERT(has(kReaping));
    return without(kReaping).with(kDestroyWhenIdle).settle(false);
}

constexpr State::Request State::stop(Flag how) const noexcept { return with(how).request(kAllTypes, kAllTypes); }

}  // namespace naio

#include "aio/deferral_transitions.h"  // defines those of NNG 1's defer
