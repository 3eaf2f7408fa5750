// Leaves out tries of something that pays off at some times only. After a try that has failed, the next one is left
// out; after the one that fails then, the next 3, and then 7, 15 and so on, up to kMaxLeftOut. A try that succeeds ends
// this. So while it does not pay off, few tries are made, and when it pays off again, this is noticed.
#pragma once

#include <algorithm>

namespace naio {

template <unsigned kMaxLeftOut>
class Backoff {
  public:
    // True if the next try is not to be left out.
    [[nodiscard]] bool may_try() const noexcept { return left_out_ == 0; }

    // True if the caller has to make the next try. Otherwise the caller leaves it out.
    [[nodiscard]] bool tries() noexcept {
        if (may_try()) return true;
        --left_out_;
        return false;
    }

    // A try has ended.
    void ends(bool success) noexcept {
        longest_ = success ? 0 : std::min(2 * longest_ + 1, kMaxLeftOut);
        left_out_ = longest_;
    }

  private:
    unsigned left_out_ = 0;  // the number of tries that have yet to be left out
    unsigned longest_ = 0;   // the value of left_out_ after the last try
};

}  // namespace naio
