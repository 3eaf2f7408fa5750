// The check that public functions make of a handle first.
#pragma once

#include "base/panic.h"

namespace naio {

// Returns the object behind a handle. Stops the program if the handle is NULL; `call` is the public function's name,
// __func__.
template <class T>
T& checked(T* handle, const char* call) noexcept {
    require(handle, call);
    return *handle;
}

}  // namespace naio
