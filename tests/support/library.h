// Brings the library up and down, and lists its threads.
#pragma once

#include <nng/nng.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/event.h"

namespace support {

// Brings the library down, no matter how often it was initialised. nng_fini without nng_init does nothing, so calls
// that are not needed do no harm.
inline void bring_library_down() {
    constexpr int kMoreThanAnyTestInitialises = 16;
    for (int i = 0; i < kMoreThanAnyTestInitialises; ++i) nng_fini();
}

// Restarts the library with parameters of the test, and brings it down at the end of the scope.
class Restarted {
  public:
    explicit Restarted(const nng_init_params& params) {
        bring_library_down();
        result_ = nng_init(&params);
    }
    Restarted(const Restarted&) = delete;
    Restarted& operator=(const Restarted&) = delete;
    ~Restarted() { bring_library_down(); }

    [[nodiscard]] nng_err result() const { return result_; }

  private:
    nng_err result_;
};

// Returns parameters with exactly two workers, so that two callbacks that block leave every other callback in the
// queue.
inline nng_init_params two_workers() {
    nng_init_params params{};
    params.num_task_threads = 2;
    params.max_task_threads = 2;
    return params;
}

struct LibraryThread {
    std::string name;
    std::uint64_t blocked_signals;  // bit n - 1 is that of signal n
};

inline LibraryThread read_thread(const std::filesystem::path& task) {
    LibraryThread thread{};
    std::ifstream comm(task / "comm");
    std::getline(comm, thread.name);
    std::ifstream status(task / "status");
    for (std::string line; std::getline(status, line);) {
        constexpr auto kKey = "SigBlk:";
        if (line.starts_with(kKey))
            thread.blocked_signals = std::stoull(line.substr(std::string(kKey).size()), nullptr, 16);
    }
    return thread;
}

// Returns the threads of this process whose names begin with `prefix`. A thread may end while this function reads it.
inline std::vector<LibraryThread> library_threads(const std::string& prefix = "naio:") {
    std::vector<LibraryThread> found;
    std::error_code error;
    for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
         task.increment(error)) {
        LibraryThread thread = read_thread(task->path());
        if (thread.name.starts_with(prefix)) found.push_back(std::move(thread));
    }
    return found;
}

// Waits, for at most 5 seconds, until exactly `n` threads of this process have names that begin with `prefix`. Returns
// the number of these threads at the end. The wait is needed because a thread sets its name after it was created, and
// the kernel lists a joined thread for a moment longer.
inline std::size_t settled_threads(std::size_t n, const std::string& prefix = "naio:") {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (library_threads(prefix).size() != n && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // so that a thread that is starting now is listed, too
    return library_threads(prefix).size();
}

}  // namespace support
