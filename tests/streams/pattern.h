// Bytes that depend on their position in a stream, so that a check notices a byte that is lost or repeated.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace streams {

using Bytes = std::vector<std::uint8_t>;

// A stream of such bytes, from its beginning. Streams with different seeds have different bytes.
class Pattern {
  public:
    explicit Pattern(std::uint64_t seed = 0) : seed_(seed * 0x2545f4914f6cdd1d) {}

    [[nodiscard]] std::uint64_t position() const { return position_; }
    void skip(std::uint64_t n) { position_ += n; }

    // Writes the next n bytes to `bytes`. The position stays.
    void fill(std::uint8_t* bytes, std::size_t n) const { write(bytes, n, position_ + seed_); }

    [[nodiscard]] Bytes next(std::size_t n) {
        Bytes bytes(n);
        fill(bytes.data(), n);
        skip(n);
        return bytes;
    }

    // Checks that these are the next n bytes, and moves the position behind them.
    [[nodiscard]] testing::AssertionResult continues(const std::uint8_t* bytes, std::size_t n) {
        Bytes expected(n);
        fill(expected.data(), n);
        if (n != 0 && std::memcmp(bytes, expected.data(), n) != 0) {
            const auto wrong =
                static_cast<std::size_t>(std::mismatch(bytes, bytes + n, expected.begin()).first - bytes);
            return testing::AssertionFailure() << "another byte at position " << position_ + wrong << " of the stream";
        }
        skip(n);
        return testing::AssertionSuccess();
    }
    [[nodiscard]] testing::AssertionResult continues(const Bytes& bytes) {
        return continues(bytes.data(), bytes.size());
    }

  private:
    // The sanitizers skip this function, because they would spend most of a test's time on the millions of bytes.
    __attribute__((no_sanitize("address", "thread", "undefined"))) static void write(std::uint8_t* bytes, std::size_t n,
                                                                                     std::uint64_t first) {
        for (std::size_t i = 0; i < n; ++i)
            bytes[i] = static_cast<std::uint8_t>(((first + i) * 0x9e3779b97f4a7c15) >> 56);
    }

    std::uint64_t seed_;
    std::uint64_t position_ = 0;
};

}  // namespace streams
