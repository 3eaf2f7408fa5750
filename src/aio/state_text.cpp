#include "aio/state_text.h"

#include <cstdio>
#include <cstring>

namespace naio {

StateText describe(State state) noexcept {
    struct Name {
        State::Flag flag;
        const char* text;
    };
    static constexpr Name kNames[] = {
        {State::kPending, "PENDING "},
        {State::kDone, "DONE "},
        {State::kStarting, "STARTING "},
        {State::kRunning, "RUNNING "},
        {State::kCanceling, "CANCELING "},
        {State::kReaping, "REAPING "},
        {State::kStopped, "STOPPED "},
        {State::kClosed, "CLOSED "},
        {State::kPosted, "POSTED "},
        {State::kWaited, "WAITED "},
        {State::kDestroyWhenIdle, "DESTROY_WHEN_IDLE "},
    };
    StateText text{};
    std::size_t length = 0;
    for (const Name& name : kNames) {
        if (!state.has(name.flag)) continue;
        std::memcpy(&text[length], name.text, std::strlen(name.text));
        length += std::strlen(name.text);
    }
    if (!state.busy()) {
        std::memcpy(&text[length], "idle ", 5);
        length += 5;
    }
    std::snprintf(&text[length - 1], text.size() - length, ", operation %u", state.generation());
    return text;
}

}  // namespace naio
