// The layout of the 64 bits of a state: its flags, its sets of types, the code of its reason and its generation.
#pragma once

#include <nng/nng.h>

#include <compare>
#include <cstdint>

#include "aio/types.h"

namespace naio {

struct StateBits {
    using Bits = std::uint64_t;
    static constexpr unsigned kOwnBit = 15;

    enum Flag : Bits {
        kPending = 1u << 0,   // started; the provider has yet to finish the operation
        kDone = 1u << 1,      // finished, and the callback has not begun
        kStarting = 1u << 2,  // start is still arming the deadline
        kRunning = 1u << 3,   // the callback is on a thread's stack
        // A thread is inside the provider's cancel function, or the provider has begun with NNG 1's begin, and has
        // neither deferred nor finished.
        kCanceling = 1u << 4,
        kReaping = 1u << 5,          // the reaper has yet to ask the operation to end
        kStopped = 1u << 6,          // every later start is refused, forever
        kClosed = 1u << 7,           // every later start is refused until the library is initialised again
        kPosted = 1u << 8,           // a post is accepted, and the callback has not begun after that
        kWaited = 1u << 9,           // a thread sleeps, or is about to sleep, until the handle is idle
        kNoCallback = 1u << 10,      // the handle has no callback, or an inline one (never changes)
        kInlineCallback = 1u << 11,  // the thread that completes the operation calls the callback (never changes)
        // Flags of the latest operation:
        kTyped = 1u << 12,        // it was started with a Cancellation
        kRelease = 1u << 13,      // its provider has given a release function
        kReasonStays = 1u << 14,  // a request was acknowledged: its reason stays, even if all types are cleared
        kOwn = 1u << kOwnBit,     // it was started with a Cancellation with `own`
        // Flags of the handle:
        kTimerArmed = 1u << 31,            // the timer was armed, and has not examined the handle after that
        kDestroyWhenIdle = Bits{1} << 32,  // the thread that makes the handle idle destroys it
        // Two more flags of the latest operation:
        kExpired = Bits{1} << 33,    // its deadline has passed
        kUnwatched = Bits{1} << 36,  // it waits for a descriptor that no poller watches (own_waits.h)
    };

    // Sets of types, of the latest operation.
    enum Field : unsigned {
        kPermitted = 16,     // types that may be requested now
        kAccepted = 19,      // types that were requested while they were permitted
        kUndelivered = 22,   // accepted types with which the cancel function has yet to be called
        kSticky = 25,        // types that a timeout, a stop or a scope has requested; these do not ask again
        kAcknowledged = 28,  // accepted types that the provider has acknowledged: they cannot be declined any more
    };

    // The code of a typed operation's reason: its place in kCodedReasons, or 0 if the reason is not in the state
    // (Operation::reason_). Valid if the operation has a reason.
    static constexpr unsigned kReasonCode = 34;  // the first of its bits
    static constexpr Bits kReasonCodes = 3;      // the largest code
    static constexpr nng_err kCodedReasons[] = {NNG_OK, NNG_ECANCELED, NNG_ETIMEDOUT, NNG_ESTOPPED};

    static constexpr unsigned kGeneration = 37;  // the first bit of the generation

    static constexpr Bits set(Types types, Field field) noexcept { return Bits{types} << field; }

    static constexpr Bits kHolds = kStarting | kRunning | kCanceling | kPosted;
    static constexpr Bits kBusy = kPending | kDone | kHolds | kReaping;
    static constexpr Bits kOneGeneration = Bits{1} << kGeneration;
    // The requests to an operation.
    static constexpr Bits kRequests = kReasonStays | kExpired | Bits{kAllTypes} << kAccepted |
                                      Bits{kAllTypes} << kUndelivered | Bits{kAllTypes} << kSticky |
                                      Bits{kAllTypes} << kAcknowledged | kReasonCodes << kReasonCode;
    static constexpr Bits kOfOperation =
        kTyped | kRelease | kOwn | kUnwatched | kRequests | Bits{kAllTypes} << kPermitted;

    // The terms of an operation, which its provider states at the start.
    struct Terms {
        Types guarantee = 0;
        bool typed = false;
        bool release = false;
        bool canceling = false;  // the provider has the CANCELING hold from the start on (NNG 1's begin)
        bool own = false;

        [[nodiscard]] constexpr Bits bits() const noexcept {
            return (typed ? Bits{kTyped} : 0) | (release ? Bits{kRelease} : 0) | (canceling ? Bits{kCanceling} : 0) |
                   Bits{own} << kOwnBit | set(permitted_by(guarantee), kPermitted);
        }
    };

    constexpr auto operator<=>(const StateBits&) const noexcept = default;
};

}  // namespace naio
