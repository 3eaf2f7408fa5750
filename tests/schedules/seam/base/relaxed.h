// Takes the place of src/base/relaxed.h: the scheduler does not switch threads at a read or write of a Relaxed.
#pragma once

#include <atomic>

namespace naio {

template <class T>
class Relaxed {
  public:
    constexpr Relaxed() noexcept = default;
    constexpr explicit Relaxed(T value) noexcept : value_(value) {}

    [[nodiscard]] T get() const noexcept { return value_.load(std::memory_order_relaxed); }
    void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }

  private:
    std::atomic<T> value_{};
};

}  // namespace naio
