// The functions of the system that programs need. platform.cpp implements them for the real system, and
// scheduled/simulated_system.cpp for the simulated one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace simulation {

[[nodiscard]] bool is_readable(int descriptor);

// Lets the library's threads run for a moment.
void let_others_run();

// Calls the function on `count` threads, with the thread's number from 0 on. Returns when all these calls have
// returned.
void run_threads(unsigned count, const std::function<void(unsigned)>& function);

// Creates and returns an empty folder for a program's files and sockets.
[[nodiscard]] std::string make_folder();
void remove_folder(const std::string& folder);

// Failures that the simulated system makes by chance. The real system makes none.
enum class Failure : std::uint8_t {
    kMemory,       // an allocation of the library
    kThread,       // the start of a thread of the library
    kDescriptors,  // EMFILE, ENFILE
    kReset,        // ECONNRESET, ECONNABORTED: a connection is lost
    kBuffers,      // ENOBUFS
    kDevice,       // EIO, ENOSPC
    kWatch,        // libuv cannot watch a descriptor
    kEnd
};

// Returns the number of failures of this kind in the current program.
[[nodiscard]] unsigned failures(Failure kind);

// With false, the system does not fail and does not disturb calls from now on. With true, it may fail and disturb calls
// again. Returns the former value.
bool let_fail(bool may);

}  // namespace simulation
