// Counts the references to an object. Its creator has the first one. The owner that releases the last one destroys the
// object.
#pragma once

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class References {
  public:
    explicit References(unsigned first = 1) noexcept : count_(first) {}

    void add(unsigned more = 1) noexcept { count_.fetch_add(more, std::memory_order_relaxed); }

    // Gives up a reference. True if it was the last one. The release pairs with the acquire of the last drop;
    // otherwise the owner that destroys the object might not see the other owners' writes to it.
    [[nodiscard]] bool drop() noexcept { return count_.fetch_sub(1, NAIO_ORDER(references_drop, acq_rel)) == 1; }

  private:
    Atomic<unsigned> count_;
};

}  // namespace naio
