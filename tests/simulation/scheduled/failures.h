// Which calls of the simulated system fail, decided by a seed. Disturbances change nothing that a program may rely on:
// interrupted calls, readiness that is told late or without reason, short counts. Failures are errors that the library
// must pass on; each kind is counted, so that a check knows which errors to expect.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform.h"

namespace simulation {

// The events that the simulated system causes at random, beside interrupted calls. kNone: no other ones. kReadiness:
// readiness that is reported late or without reason. kDisturbances: also short counts, and EAGAIN at any time.
// kFailures: also failures.
enum class Chances : std::uint8_t { kNone, kReadiness, kDisturbances, kFailures };

void reset_chances(std::uint64_t seed, Chances chances);

// True with a probability of 1 / `often`, if the chances are at least these.
[[nodiscard]] bool by_chance(Chances least, unsigned often);
[[nodiscard]] std::size_t random_below(std::size_t count);

// True if the call is to fail in this way. Counts it.
[[nodiscard]] bool fails(Failure kind);

}  // namespace simulation
