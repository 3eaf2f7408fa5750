// Takes the place of src/loop/poller_policy.cpp. Two pollers pass watches to each other again and again, and the second
// one ends and starts again. After some decisions they stop, because a schedule in which the threads of the program
// have low priorities would not end.
#include <algorithm>

#include "loop/poller_policy.h"

namespace naio {

Nanoseconds PollerPolicy::period() noexcept { return 0; }

void PollerPolicy::reset(unsigned max) noexcept {
    *this = PollerPolicy();
    max_ = std::min(max, 2u);
    patience_ = 40;  // the number of decisions that are left
}

Nanoseconds PollerPolicy::review(unsigned) const noexcept { return kNever; }

bool PollerPolicy::has_rested(unsigned poller, Nanoseconds) const noexcept { return poller != 0 && patience_ % 2 == 0; }

// The simulated time, which differs in each schedule, decides.
PollerPolicy::Decision PollerPolicy::measured(unsigned poller, const PollerLoad&, Nanoseconds now) noexcept {
    const auto number = static_cast<std::uint64_t>(now) * 0x9e3779b97f4a7c15u >> 32;
    const unsigned other = 1 - poller;
    if (max_ == 1 || number % 4 > 1 || patience_ == 0) return {};
    --patience_;
    if (other == running_) ++running_;
    return {.to = other, .count = number % 4 == 0 ? 1 : kAll};
}

}  // namespace naio
