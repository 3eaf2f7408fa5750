#include "loop/watch.h"

#include <optional>

#include "loop/poller.h"

namespace naio {

bool Watch::want(unsigned events) noexcept {
    std::optional<bool> answer;
    while (!answer) answer = poller().want(*this, events);
    return *answer;
}

bool Watch::close() noexcept {
    std::optional<bool> answer;
    while (!answer) answer = poller().close(*this);
    return *answer;
}

Loop& Watch::loop() noexcept { return poller().loop(); }

void Watch::is_ready(unsigned events) noexcept {
    poller().note_activity(*this);
    const int error = watch_for(ready(events));
    if (error != 0) refused(error);
}

void Watch::left() noexcept { poller().unregistered(*this); }

}  // namespace naio
