// The pointer to the name of a handle or a queue. Any thread may set it at any time, and a dump or a trace may read the
// text at any time.
#pragma once

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class NamePointer {
  public:
    // Pairs with get; otherwise a thread could read the text before it sees what the thread of set has written there.
    void set(const char* name) noexcept { name_.store(name, NAIO_ORDER(name_set, release)); }
    [[nodiscard]] const char* get() const noexcept { return name_.load(NAIO_ORDER(name_get, acquire)); }

  private:
    Atomic<const char*> name_{nullptr};
};

}  // namespace naio
