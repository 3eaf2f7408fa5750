// What a simulation of descriptors tells the simulated libuv (simulated_uv.cpp).
#pragma once

namespace schedules {

// Returns which of `events` (UV_READABLE ...) are there at the descriptor, or kLater: the loop is to ask again, and may do
// other things before. Called with no lock held. By default none ever is.
inline constexpr int kLater = 1 << 30;
using ReadyEvents = int (*)(int descriptor, int events);
void set_ready_events(ReadyEvents function) noexcept;

// uv_poll_init fails, for want of memory, when the function says so.
void set_watch_refusal(bool (*refuses)()) noexcept;

// Any thread: something has become ready, so that all loops look again.
void descriptors_changed() noexcept;

}  // namespace schedules
