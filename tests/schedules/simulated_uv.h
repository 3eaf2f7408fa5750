// Functions by which a simulation of descriptors tells the simulated libuv (simulated_uv.cpp) which descriptors
// are ready.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

namespace schedules {

// A function that returns the subset of `events` (UV_READABLE ...) that the descriptor has now, or kLater if the loop
// has to ask again after it has done other things. The loop calls the function with no lock held. Until a function is
// set, no descriptor has events.
inline constexpr int kLater = 1 << 30;
using ReadyEvents = int (*)(int descriptor, int events);
void set_ready_events(ReadyEvents function) noexcept;

// Sets a function. While it returns true, uv_poll_init fails with UV_ENOMEM.
void set_watch_refusal(bool (*refuses)()) noexcept;

// Makes all loops, and all threads in wait_until_readable, ask for their descriptors' events again. Any thread may call
// this function.
void descriptors_changed() noexcept;

struct WatchedDescriptor {
    int descriptor = -1;
    bool ready = false;  // set by wait_until_readable
};

// Blocks until one of the descriptors is readable, until `interrupted` is true, or until `deadline`. False if the
// deadline has ended the wait.
bool wait_until_readable(std::span<WatchedDescriptor> watched, const std::atomic<bool>& interrupted,
                         std::int64_t deadline) noexcept;

}  // namespace schedules
