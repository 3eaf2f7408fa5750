// A value that threads show to dumps and statistics: any thread may read it at any time, and it orders nothing.
//
// It is apart from Atomic because no thread decides anything by it. So the checks that replace base/atomic.h, to run
// threads in all orders, need not try orders of its reads and writes.
#pragma once

#include "base/atomic.h"

namespace naio {

template <class T>
class Relaxed {
  public:
    constexpr Relaxed() noexcept = default;
    constexpr explicit Relaxed(T value) noexcept : value_(value) {}

    [[nodiscard]] T get() const noexcept { return value_.load(std::memory_order_relaxed); }
    void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }

  private:
    Atomic<T> value_{};
};

}  // namespace naio
