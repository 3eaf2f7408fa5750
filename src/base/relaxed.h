// A value that any thread may read and write at any time, and that orders no other access to memory: for dumps,
// statistics, reports, traces and the pointer to the log.
//
// Relaxed is a type of its own because no operation of the library depends on such a value, or other accesses order
// those on which it depends. The tests that replace
// base/atomic.h run threads in all orders of their atomic reads and writes. These tests replace this header, too, so
// that they try no orders that do not matter.
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
