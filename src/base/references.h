// How many owners an object has. The first is who made it; the last one that gives up its reference destroys it.
#pragma once

#include <atomic>

namespace naio {

class References {
  public:
    explicit References(unsigned first = 1) noexcept : count_(first) {}

    void add(unsigned more = 1) noexcept { count_.fetch_add(more, std::memory_order_relaxed); }

    // True if it was the last one. Each releases what it did with the object to the last one, who acquires it.
    [[nodiscard]] bool drop() noexcept { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  private:
    std::atomic<unsigned> count_;
};

}  // namespace naio
