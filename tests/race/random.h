// Random numbers for the races: one seed for the program, one generator for each thread.
#pragma once

#include <cstdint>

#include "support/random.h"

namespace race {

// Returns the value of the environment variable NAIO_RACE_SEED, or, if it is not set, a seed that differs in each run.
// Every test prints the seed.
[[nodiscard]] std::uint64_t seed();

class Random : public support::Random {
  public:
    // Threads of one test must give different numbers.
    explicit Random(unsigned thread) : support::Random(seed() + thread * 0x9e3779b97f4a7c15u) {}

    // Spins for no time, for a short time, or rarely for a long one, because nanoseconds decide most races.
    void dawdle() {
        static constexpr unsigned kLongest[] = {1, 1, 32, 32, 256, 256, 2048, 8192};
        spin(below(kLongest[below(8)]));
    }

    static void spin(unsigned turns) {
        for (unsigned i = 0; i < turns; ++i) asm volatile("" ::: "memory");
    }
};

}  // namespace race
