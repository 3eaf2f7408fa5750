// Operations that a waiting thread performs itself.
//
// A thread that waits for a receive would sleep until a poller's thread has received and wakes it: two threads wake for
// one message. So a provider may leave an operation *unwatched* (StateBits::kUnwatched): no poller watches for it until
//  - a thread waits for the handle. It sleeps until the descriptor is ready, and makes the system call itself. If it
//    cannot sleep there, it asks the poller.
//  - kUnwatchedTime has passed and no thread waits. Then the timer's thread asks the poller.
//
// Invariant: while kUnwatched is set, the operation's provider exists, because kUnwatched is cleared under the lock of
// the handle's parking bucket before the operation ends. So a thread that finds it set under this lock may use the
// provider.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace naio {

class ReadinessWaits;
class StallWatch;

// The time after which a poller watches for an operation, even if no thread waits for it.
inline constexpr Nanoseconds kUnwatchedTime = 5 * kMillisecond;

// The functions of Descriptor, the only provider of such operations. `provider` is the argument of the operation's
// Cancellation.
struct OwnWaits {
    // Names an unwatched operation for a thread that waits for it.
    struct Claim {
        void* provider = nullptr;  // with a reference
        std::uint32_t number = 0;  // the number of the operation among the provider's unwatched operations
    };

    // Returns a claim to the provider's unwatched operation. Called under the bucket's lock.
    Claim (*claim)(void* provider) noexcept = nullptr;
    // Blocks until the operation is over, until another thread attempts it, until `deadline`, or until the wait has to
    // be reported. In the last two cases, asks the poller. Then gives up the claim's reference. Uses the handle only
    // while the operation waits.
    //
    // The report calls the program's logger, which may block, wait for the same handle, or stop the stream. So the
    // thread must have left the descriptor before.
    void (*wait)(const Claim& claim, ReadinessWaits& waits, const StallWatch& watch,
                 Nanoseconds deadline) noexcept = nullptr;
    // Makes the poller watch for the provider's unwatched operation. Called under the bucket's and the timer's lock.
    void (*watch)(void* provider) noexcept = nullptr;
    ReadinessWaits* waits = nullptr;
};

}  // namespace naio
