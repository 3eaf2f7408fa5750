// The check that a public function makes first: its handle is not NULL.
#pragma once

#include "base/panic.h"

namespace naio {

// Returns the object of a handle. Ends the process if the handle is NULL. `call` is the public function's name,
// __func__.
template <class T>
T& checked(T* handle, const char* call) noexcept {
    require(handle, call);
    return *handle;
}

}  // namespace naio
