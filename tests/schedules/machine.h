// What threads of a schedule are made of: fibers (fibers.cpp) or threads of the system that hand a baton (batons.cpp).
// Thread 0 is the one that calls run.
#pragma once

namespace schedules::machine {

constexpr int kMaxThreads = 64;

// Before the first thread.
void open() noexcept;

// Makes a thread that runs `entry` when it is switched to for the first time.
void create(int thread, void (*entry)()) noexcept;

// Stops the thread that runs, `from`, and lets `to` run. Returns when another thread has switched back, unless `ends`.
void switch_to(int from, int to, bool ends) noexcept;

// Called by the thread that `entry` is run on, first of all.
void entered() noexcept;

// The thread has ended.
void reclaim(int thread) noexcept;

}  // namespace schedules::machine
