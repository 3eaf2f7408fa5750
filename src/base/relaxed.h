// A value that dumps and statistics read: any thread may read it at any time, and it orders nothing.
//
// It has a type of its own because no thread decides anything by it. The checks that replace base/atomic.h run threads
// in all orders of their reads and writes; they replace this header, too, to leave out those of a Relaxed.
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
