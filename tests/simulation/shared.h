// Random calls of several threads to the same handles. The right answers depend on the order of the threads' steps, so
// run_shared checks properties that hold in any order:
//
//  1. Each start has exactly one callback. Before the callback, the release function of the operation runs once.
//  2. A handle has only one callback and one cancel function running at a time, and no cancel function runs beside a
//     callback or release function of the handle.
//  3. The result is the code that the provider finished with. A refused start has the result NNG_ESTOPPED,
//     NNG_ETIMEDOUT or NNG_ECANCELED and the outcome TOTAL.
//  4. If an operation has ended with a request's reason, the operation was in flight during the request, and
//     naio_aio_cancel has returned true for this request or for another one of the same operation. This is not checked
//     if a timeout, a signal or a close may have ended the operation, too, because one order of the threads' steps
//     breaks it. First a request calls the cancel function. While the function runs, the timeout's request is accepted,
//     and handed to the requester's thread. The function declines, is called again with the timeout's types, and takes
//     them up. The reason is still the first request's, as naio_cancelfn says, although the requester is told that its
//     request had no effect.
//  5. When a wait returns, the callback has returned.
#pragma once

#include <cstdint>
#include <string>

namespace simulation {

// Runs the program of the seed. Returns the property that did not hold, or an empty string.
std::string run_shared(std::uint64_t seed, unsigned length);

}  // namespace simulation
