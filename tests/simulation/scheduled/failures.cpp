#include "failures.h"

#include <array>

#include "program.h"

namespace simulation {

namespace {

constexpr auto kKinds = static_cast<std::size_t>(Failure::kEnd);

// For each kind: one call in this many fails, if the seed lets calls of this kind fail at all.
constexpr std::array<unsigned, kKinds> kOften = {12, 3, 4, 24, 24, 8, 16};

struct State {
    Random random{1};
    Chances chances = Chances::kNone;
    bool quiet = false;
    std::array<bool, kKinds> wanted{};
    std::array<unsigned, kKinds> counts{};
};

State& state() {
    static State instance;
    return instance;
}

}  // namespace

void reset_chances(std::uint64_t seed, Chances chances) {
    state() = {};
    state().random = Random(seed);
    state().chances = chances;
    // Each kind of failure is left out of half of the programs, because a program without it gets further.
    for (bool& each : state().wanted) each = state().random.one_in(2);
}

bool by_chance(Chances least, unsigned often) {
    State& now = state();
    return now.chances >= least && !now.quiet && now.random.one_in(often);
}

std::size_t random_below(std::size_t count) { return state().random.below(static_cast<unsigned>(count)); }

std::size_t cut(std::size_t max) {
    return max > 1 && by_chance(Chances::kDisturbances, 3) ? 1 + random_below(max) : max;
}

bool fails(Failure kind) {
    const auto index = static_cast<std::size_t>(kind);
    if (!state().wanted[index] || !by_chance(Chances::kFailures, kOften[index])) return false;
    ++state().counts[index];
    return true;
}

unsigned failures(Failure kind) { return state().counts[static_cast<std::size_t>(kind)]; }

bool let_fail(bool may) {
    const bool before = !state().quiet;
    state().quiet = !may;
    return before;
}

}  // namespace simulation
