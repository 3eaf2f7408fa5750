// Tells functions that free, stop or close an object whether they are called in a forked child.
#pragma once

#include "base/fault.h"
#include "runtime/runtime.h"

namespace naio {

// True in a forked child of a process in which the library was up. The child does not have the library's threads, and
// one of them may have held a lock at the fork. So a function that frees, stops or closes an object does nothing there.
// The parent still uses what the object shares with it, such as a connection or the file of a socket.
[[nodiscard]] inline bool is_forked_child() noexcept { return runtime().is_forked_child(); }

// True if a function that frees, stops or closes the object has something to do, because the object is not NULL and the
// process is not a forked child.
[[nodiscard]] inline bool is_ours(const void* object) noexcept {
    return object != nullptr && (!is_forked_child() || NAIO_FAULT(forked_child_ends_objects));
}

}  // namespace naio
