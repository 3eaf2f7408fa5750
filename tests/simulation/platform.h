// What the world asks of the system: real (platform.cpp), or simulated (simulated_system.cpp).
#pragma once

#include <functional>

namespace simulation {

[[nodiscard]] bool is_readable(int descriptor);

// Gives way to the library's threads.
void let_others_run();

// Calls the function on so many threads, with their numbers from 0 on. Returns when all have returned.
void run_threads(unsigned count, const std::function<void(unsigned)>& function);

}  // namespace simulation
