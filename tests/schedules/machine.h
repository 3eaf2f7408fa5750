// The threads of a schedule, which are fibers (fibers.cpp), or threads of the system of which only the one with the
// baton runs (batons.cpp). Thread 0 is the caller of schedules::run.
#pragma once

namespace schedules::machine {

constexpr int kMaxThreads = 64;

// Called before the first thread is created.
void open() noexcept;

// Makes a thread that runs `entry` when it is switched to for the first time.
void create(int thread, void (*entry)()) noexcept;

// Stops the thread that runs, `from`, and lets `to` run. Returns when another thread has switched back, unless `ends`.
void switch_to(int from, int to, bool ends) noexcept;

// Called by a new thread before it does anything else.
void entered() noexcept;

// Joins a thread that has ended, if it is one of the system.
void reclaim(int thread) noexcept;

}  // namespace schedules::machine
