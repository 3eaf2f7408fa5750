// The checks for a forked child. In such a child, functions that free, stop or close an object do nothing. Functions
// that start, end or wait for an operation end the child.
#pragma once

#include "base/fault.h"
#include "base/panic.h"
#include "runtime/runtime.h"

namespace naio {

// True in a child that was forked while the library was up. A function that frees, stops or closes an object does
// nothing in such a child, for two reasons. The child does not have the library's threads, and one of these may have
// held a lock at the fork. And the parent still uses the things that the object stands for, such as a connection or the
// file of a socket.
[[nodiscard]] inline bool is_forked_child() noexcept { return runtime().is_forked_child(); }

// True if a function that frees, stops or closes the object has something to do, because the object is not NULL and the
// process is not a forked child.
[[nodiscard]] inline bool is_ours(const void* object) noexcept {
    return object != nullptr && (!is_forked_child() || NAIO_FAULT(forked_child_ends_objects));
}

// Ends a forked child with a message that names the object and the public function `call`.
inline void require_not_forked(const void* object, const char* call) noexcept {
    if (is_forked_child()) [[unlikely]]
        panic("%s(%p): the library cannot be used in a forked child", call, object);
}

}  // namespace naio
