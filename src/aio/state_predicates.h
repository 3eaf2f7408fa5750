// The predicates of State: they read the state of a handle and of its latest operation. state.h has the transitions.
#pragma once

#include <compare>
#include <cstdint>

#include "aio/state_bits.h"

namespace naio {

class StatePredicates : public StateBits {
  public:
    constexpr StatePredicates() noexcept = default;
    constexpr explicit StatePredicates(Bits bits) noexcept : bits_(bits) {}
    constexpr auto operator<=>(const StatePredicates&) const noexcept = default;
    [[nodiscard]] constexpr Bits bits() const noexcept { return bits_; }

    [[nodiscard]] constexpr bool has(Bits flags) const noexcept { return (bits_ & flags) != 0; }
    [[nodiscard]] constexpr Types types(Field field) const noexcept {
        return static_cast<Types>(bits_ >> field) & kAllTypes;
    }

    [[nodiscard]] constexpr bool pending() const noexcept { return has(kPending); }
    [[nodiscard]] constexpr bool done() const noexcept { return has(kDone); }
    [[nodiscard]] constexpr bool in_flight() const noexcept { return has(kPending | kDone); }
    [[nodiscard]] constexpr bool held() const noexcept { return has(kHolds); }
    [[nodiscard]] constexpr bool busy() const noexcept { return has(kBusy); }
    [[nodiscard]] constexpr bool running() const noexcept { return has(kRunning); }
    [[nodiscard]] constexpr bool posted() const noexcept { return has(kPosted); }
    [[nodiscard]] constexpr bool closed() const noexcept { return has(kClosed); }
    [[nodiscard]] constexpr bool refuses_starts() const noexcept { return has(kStopped | kClosed); }
    [[nodiscard]] constexpr bool destroy_when_idle() const noexcept { return has(kDestroyWhenIdle); }
    // The first test is for speed: it decides for nearly all handles.
    [[nodiscard]] constexpr bool given_up() const noexcept { return has(kStopped) && has(kDestroyWhenIdle | kReaping); }
    // True if the handle has a callback that is not inline.
    [[nodiscard]] constexpr bool queues_callback() const noexcept { return !has(kNoCallback); }
    // True if the handle has no callback at all.
    [[nodiscard]] constexpr bool has_no_callback() const noexcept { return has(kNoCallback) && !has(kInlineCallback); }
    [[nodiscard]] constexpr bool timer_armed() const noexcept { return has(kTimerArmed); }
    [[nodiscard]] constexpr std::uint32_t generation() const noexcept {
        return static_cast<std::uint32_t>(bits_ >> kGeneration);
    }

    // The next predicates are about the latest operation.
    [[nodiscard]] constexpr bool typed() const noexcept { return has(kTyped); }
    [[nodiscard]] constexpr bool releases() const noexcept { return has(kRelease); }
    [[nodiscard]] constexpr bool expired() const noexcept { return has(kExpired); }
    [[nodiscard]] constexpr Types permitted() const noexcept { return types(kPermitted); }
    [[nodiscard]] constexpr Types accepted() const noexcept { return types(kAccepted); }
    [[nodiscard]] constexpr Types undelivered() const noexcept { return types(kUndelivered); }
    [[nodiscard]] constexpr Types sticky() const noexcept { return types(kSticky); }
    [[nodiscard]] constexpr Types acknowledged() const noexcept { return types(kAcknowledged); }

    // True if an operation is pending and is not marked as expired.
    [[nodiscard]] constexpr bool can_expire() const noexcept { return (bits_ & (kPending | kExpired)) == kPending; }
    // True if the operation has accepted types, or a request that the provider has acknowledged. The operation then has
    // the reason of the first such request, and later requests do not change the reason.
    [[nodiscard]] constexpr bool has_reason() const noexcept { return accepted() != 0 || has(kReasonStays); }
    // Returns the reason if it is in the state, otherwise NNG_OK. A plain operation's never is. REQUIRES: has_reason().
    [[nodiscard]] constexpr nng_err coded_reason() const noexcept {
        return kCodedReasons[bits_ >> kReasonCode & kReasonCodes];
    }
    // True if a provider of the program has started the operation, with nng_aio_start and a cancel function. The
    // library's own plain operations have a stronger guarantee, by which this tells them apart.
    [[nodiscard]] constexpr bool plain_of_program() const noexcept { return !typed() && permitted() == kTerminal; }
    // True if a provider of the library has started the operation with a Cancellation with `own`.
    [[nodiscard]] constexpr bool own() const noexcept { return has(kOwn); }
    // True if the operation is pending and its provider has left it unwatched.
    [[nodiscard]] constexpr bool unwatched() const noexcept { return pending() && has(kUnwatched); }
    // True if a request to the operation calls no function of the program.
    [[nodiscard]] constexpr bool cancels_inside() const noexcept { return own() || (!typed() && !plain_of_program()); }
    // True if State::run_posted begins no callback.
    [[nodiscard]] constexpr bool postpones() const noexcept { return done() && has(kStarting | kCanceling); }

  protected:
    Bits bits_ = 0;
};

}  // namespace naio
