#include "platform.h"

#include <poll.h>
#include <sched.h>

#include <thread>
#include <vector>

namespace simulation {

bool is_readable(int descriptor) {
    pollfd ready{descriptor, POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
}

void let_others_run() { sched_yield(); }

void run_threads(unsigned count, const std::function<void(unsigned)>& function) {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) threads.emplace_back(function, i);
    for (std::thread& each : threads) each.join();
}

}  // namespace simulation
