// Random numbers (splitmix64) that are the same on every machine for one seed. Tests that shuffle, or draw from a
// distribution, use the generators of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace support {

// Not thread-safe: each thread needs a Random of its own.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        return mixed ^ (mixed >> 31);
    }
    // Returns a number from 0 to n - 1.
    [[nodiscard]] unsigned below(unsigned n) { return static_cast<unsigned>(next() % n); }
    [[nodiscard]] bool one_in(unsigned n) { return below(n) == 0; }

  private:
    std::uint64_t state_;
};

}  // namespace support
