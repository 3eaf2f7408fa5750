// Random calls of several threads to the same handles. Which answer is right depends on the order, so this checks what holds
// in any order:
//
//  1. Each start has exactly one callback, and each release function runs once, before it.
//  2. No cancel function runs beside a callback or release function of its handle, and none after the provider's finish
//     has been handed over.
//  3. The result is the code that the provider finished with; of a refused start NNG_ESTOPPED, NNG_ETIMEDOUT or
//     NNG_ECANCELED with the outcome TOTAL.
//  4. naio_aio_cancel has told the truth: if a request's reason has ended an operation, the operation ran during the
//     request, and it or another request that joined it was accepted. (A timeout, a signal or a stop may join, too.)
//  5. When a wait returns, the callback has returned.
#pragma once

#include <cstdint>
#include <string>

namespace simulation {

// Runs the program of the seed. Empty: all of it holds.
std::string run_shared(std::uint64_t seed, unsigned length);

}  // namespace simulation
