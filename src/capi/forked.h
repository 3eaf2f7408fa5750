// Tells functions that free, stop or close an object whether they are called in a forked child.
#pragma once

#include "base/fault.h"
#include "runtime/runtime.h"

namespace naio {

// True in a forked child of a process in which the library was up. The child does not have the library's threads, and
// the library's locks may have been held at the fork. So the objects stay as they are, and what they share with the
// parent, such as a connection or the file of a socket, is left to the parent.
[[nodiscard]] inline bool is_forked_child() noexcept { return runtime().is_forked_child(); }

// Whether a call that frees, stops or closes the object has anything to do: not for NULL, nor in a forked child.
[[nodiscard]] inline bool is_ours(const void* object) noexcept {
    return object != nullptr && (!is_forked_child() || NAIO_FAULT(forked_child_ends_objects));
}

}  // namespace naio
