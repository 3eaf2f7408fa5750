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
    // Blocks until the operation is over, until another thread attempts it, or until `deadline`. In the last case, asks
    // the poller. Then gives up the claim's reference. Uses the handle only while the operation waits. `handle` is the
    // handle's address, for a report of a long wait.
    void (*wait)(const Claim& claim, ReadinessWaits& waits, const void* handle,
                 Nanoseconds deadline) noexcept = nullptr;
    // Makes the poller watch for the provider's unwatched operation. Called under the bucket's and the timer's lock.
    void (*watch)(void* provider) noexcept = nullptr;
    ReadinessWaits* waits = nullptr;
};

}  // namespace naio
