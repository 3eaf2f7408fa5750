// Takes the place of src/base/relaxed.h: a plain variable, which Relacy does not check.
#pragma once

namespace naio {

template <class T>
class Relaxed {
  public:
    constexpr Relaxed() noexcept = default;
    constexpr explicit Relaxed(T value) noexcept : value_(value) {}

    [[nodiscard]] T get() const noexcept { return value_; }
    void set(T value) noexcept { value_ = value; }

  private:
    T value_{};
};

}  // namespace naio
