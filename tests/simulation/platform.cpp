#include "platform.h"

#include <poll.h>
#include <sched.h>

#include <cstdlib>
#include <filesystem>
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

std::string make_folder() {
    char folder[] = "/tmp/naio-simulation-XXXXXX";
    if (mkdtemp(folder) == nullptr) std::abort();
    return folder;
}

void remove_folder(const std::string& folder) { std::filesystem::remove_all(folder); }

unsigned failures(Failure) { return 0; }
bool let_fail(bool) { return true; }

}  // namespace simulation
