// The library's atomic objects. Some tests choose the order of all threads' steps, and replace this header with one of
// their own. Therefore no other file of the library uses std::atomic.
#pragma once

#include <atomic>

namespace naio {

template <class T>
using Atomic = std::atomic<T>;

}  // namespace naio
