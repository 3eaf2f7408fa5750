// The library's atomic objects. Tests that choose the order of all threads' steps put another header in the place of this
// one, so nothing else in the library names the standard's.
#pragma once

#include <atomic>

namespace naio {

template <class T>
using Atomic = std::atomic<T>;

}  // namespace naio
