// Checks that every public function makes of a handle first.
#pragma once

#include "base/panic.h"

namespace naio {

// The object behind a handle that must not be NULL; `call` is the public function's name, __func__.
template <class T>
T& checked(T* handle, const char* call) noexcept {
    require(handle, call);
    return *handle;
}

}  // namespace naio
