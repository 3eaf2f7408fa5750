// What a simulation of descriptors tells the simulated libuv (simulated_uv.cpp).
#pragma once

namespace schedules {

// Returns which of `events` (UV_READABLE ...) are there at the descriptor. Called with no lock held. By default none ever
// is.
using ReadyEvents = int (*)(int descriptor, int events);
void set_ready_events(ReadyEvents function) noexcept;

// Any thread: something has become ready, so that all loops look again.
void descriptors_changed() noexcept;

}  // namespace schedules
