// The threads of a schedule. They are fibers (fibers.cpp), or threads of the system, of which only the one that has the
// baton runs (batons.cpp). Thread 0 is the caller of schedules::run.
#pragma once

namespace schedules::machine {

constexpr int kMaxThreads = 64;

// Called before the first thread is created.
void open() noexcept;

// Makes a thread that runs `entry` when it is switched to for the first time.
void create(int thread, void (*entry)()) noexcept;

// Stops the running thread `from`, and runs `to`. Returns when another thread switches back to `from`. If `ends`,
// `from` never runs again.
void switch_to(int from, int to, bool ends) noexcept;

// Called by a new thread before it does anything else.
void entered() noexcept;

// Joins a thread that has ended, if it is a thread of the system.
void reclaim(int thread) noexcept;

}  // namespace schedules::machine
