// What the world asks of the system: real (platform.cpp), or simulated (simulated_system.cpp).
#pragma once

namespace simulation {

[[nodiscard]] bool is_readable(int descriptor);

// Gives way to the library's threads.
void let_others_run();

}  // namespace simulation
