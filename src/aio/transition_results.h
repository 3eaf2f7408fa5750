// The results of the transitions of State (state.h): the new state, and what the thread that installs it must do.
#pragma once

#include "aio/state.h"

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

}  // namespace naio
