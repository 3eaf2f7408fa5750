// Random numbers for the races: one seed for the program, one generator for each thread.
#pragma once

#include <cstdint>

namespace race {

// NAIO_RACE_SEED from the environment; without it, another one in each run. Every test prints the seed.
[[nodiscard]] std::uint64_t seed();

// splitmix64. Not thread-safe.
class Random {
  public:
    // Threads of one test have different numbers.
    explicit Random(unsigned thread) : state_(seed() + thread * 0x9e3779b97f4a7c15u) {}

    // From 0 to n - 1.
    [[nodiscard]] unsigned below(unsigned n) { return static_cast<unsigned>(next() % n); }
    [[nodiscard]] bool once_in(unsigned n) { return below(n) == 0; }

    // Spins for no time, for a short time, or rarely for a long one, because nanoseconds decide most races.
    void dawdle() {
        static constexpr unsigned kLongest[] = {1, 1, 32, 32, 256, 256, 2048, 8192};
        spin(below(kLongest[below(8)]));
    }

    static void spin(unsigned turns) {
        for (unsigned i = 0; i < turns; ++i) asm volatile("" ::: "memory");
    }

  private:
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        return mixed ^ (mixed >> 31);
    }

    std::uint64_t state_;
};

}  // namespace race
