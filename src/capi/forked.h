// The question that calls which free, stop or close an object ask first.
#pragma once

#include "runtime/runtime.h"

namespace naio {

// Is this a forked child of a process in which the library was up? Its threads are not there, and its locks may have been
// held at the fork. So the objects stay as they are, and what they share with the parent, such as a connection or the
// file of a socket, is left to the parent.
[[nodiscard]] inline bool is_forked_child() noexcept { return runtime().is_forked_child(); }

}  // namespace naio
