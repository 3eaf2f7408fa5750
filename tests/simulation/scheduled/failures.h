// Disturbances and failures of the simulated system, which a seed decides. Disturbances are interrupted calls,
// readiness that is reported late or without reason, and short counts; they must not change the results of a program.
// Failures are errors that the library must pass on; each kind is counted, so that a check knows which errors to
// expect.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform.h"

namespace simulation {

// The events that the simulated system causes at random, beside interrupted calls. kNone: no such events. kReadiness:
// readiness that is reported late or without reason. kDisturbances: also short counts, and EAGAIN at any time.
// kFailures: also failures.
enum class Chances : std::uint8_t { kNone, kReadiness, kDisturbances, kFailures };

void reset_chances(std::uint64_t seed, Chances chances);

// True with a probability of 1 / `often`, if the program's chances are at least `least` and the system may fail
// (let_fail). Otherwise false.
[[nodiscard]] bool by_chance(Chances least, unsigned often);
[[nodiscard]] std::size_t random_below(std::size_t count);

// Returns `max`, or by chance a number from 1 to `max`.
[[nodiscard]] std::size_t cut(std::size_t max);

// Decides by chance whether a call has to fail in this way. True if it has to; then the failure is counted.
[[nodiscard]] bool fails(Failure kind);

}  // namespace simulation
