// Random calls of several threads to the same streams, listener and dialer. The right answers depend on the order of
// the threads' steps, so run_shared_io checks properties that hold in any order:
//
//  1. Each operation has exactly one callback. When all streams, dialers and the listener are closed, each operation
//     ends by itself.
//  2. A stream or dialer may be freed while its operations are in flight.
//  3. A listener that is closed refuses an accept with NNG_ECLOSED, even if it was closed while it began to listen.
//
// The command simulation_scheduled checks that no memory and no descriptor is left. The simulated system delays and
// interrupts calls, but does not fail.
#pragma once

#include <cstdint>
#include <string>

namespace simulation {

// Runs the program of the seed. Returns the property that did not hold, or an empty string.
std::string run_shared_io(std::uint64_t seed, unsigned length);

}  // namespace simulation
