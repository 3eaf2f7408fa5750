// The library's atomic objects. Tests that choose the order of all threads' steps replace this header with another
// one, so no other file of the library names the standard's atomics.
#pragma once

#include <atomic>

namespace naio {

template <class T>
using Atomic = std::atomic<T>;

}  // namespace naio
