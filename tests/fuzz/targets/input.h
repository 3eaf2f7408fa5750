// Input, which reads values from the bytes of a fuzz input, and CHECK, which ends the process if a condition is false.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// Ends the process if the condition is false, so that libFuzzer keeps the input.
#define CHECK(condition)                                                         \
    do {                                                                         \
        if (!(condition)) {                                                      \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                        \
        }                                                                        \
    } while (false)

namespace fuzz {

// Reads values from the bytes, from the front to the back. After the last byte every value is 0.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) noexcept : left_(reinterpret_cast<const char*>(data), size) {}

    [[nodiscard]] bool empty() const noexcept { return left_.empty(); }

    std::uint8_t byte() noexcept {
        if (left_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return first;
    }
    // Returns a number from 0 to n - 1. REQUIRES: n is at most 256.
    unsigned below(unsigned n) noexcept { return byte() % n; }

    template <class Number>
    Number number() noexcept {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(Number); ++i) value = value << 8 | byte();
        return static_cast<Number>(value);
    }
    std::string_view bytes(std::size_t size) noexcept {
        const std::string_view some = left_.substr(0, size);
        left_.remove_prefix(some.size());
        return some;
    }
    std::string_view rest() noexcept { return bytes(left_.size()); }

  private:
    std::string_view left_;
};

}  // namespace fuzz
