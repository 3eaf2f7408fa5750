// What the worlds ask of the system: real (platform.cpp), or simulated (scheduled/simulated_system.cpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace simulation {

[[nodiscard]] bool is_readable(int descriptor);

// Gives way to the library's threads.
void let_others_run();

// Calls the function on so many threads, with their numbers from 0 on. Returns when all have returned.
void run_threads(unsigned count, const std::function<void(unsigned)>& function);

// An empty folder for a program's files, and for its sockets.
[[nodiscard]] std::string make_folder();
void remove_folder(const std::string& folder);

// Failures that the simulated system makes by chance. The real one makes none.
enum class Failure : std::uint8_t {
    kMemory,       // an allocation of the library
    kThread,       // the start of one of its threads
    kDescriptors,  // EMFILE, ENFILE
    kReset,        // ECONNRESET, ECONNABORTED: a connection is lost
    kBuffers,      // ENOBUFS
    kDevice,       // EIO, ENOSPC
    kWatch,        // libuv cannot watch a descriptor
    kEnd
};

// How many there have been in this program.
[[nodiscard]] unsigned failures(Failure kind);

// Nothing fails, or is disturbed, from now on; or it may again. Returns how it was.
bool let_fail(bool may);

}  // namespace simulation
