// Bytes that depend on their position in a stream, so that a check notices a byte that is lost or repeated.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
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
    void fill(std::uint8_t* bytes, std::size_t n) const {
        for (std::size_t i = 0; i < n; ++i) bytes[i] = at(position_ + i);
    }

    [[nodiscard]] Bytes next(std::size_t n) {
        Bytes bytes(n);
        fill(bytes.data(), n);
        skip(n);
        return bytes;
    }

    // Checks that these are the next n bytes, and moves the position behind them.
    [[nodiscard]] testing::AssertionResult continues(const std::uint8_t* bytes, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            if (bytes[i] != at(position_ + i))
                return testing::AssertionFailure() << "another byte at position " << position_ + i << " of the stream";
        }
        skip(n);
        return testing::AssertionSuccess();
    }
    [[nodiscard]] testing::AssertionResult continues(const Bytes& bytes) {
        return continues(bytes.data(), bytes.size());
    }

  private:
    [[nodiscard]] std::uint8_t at(std::uint64_t position) const {
        return static_cast<std::uint8_t>(((position + seed_) * 0x9e3779b97f4a7c15) >> 56);
    }

    std::uint64_t seed_;
    std::uint64_t position_ = 0;
};

}  // namespace streams
