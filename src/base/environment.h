// Variables of the environment that change what the library does.
#pragma once

#include <cstdlib>

#if !defined(__linux__)
#include <unistd.h>
#endif

namespace naio {

// Returns the variable's value, or nullptr. A program that runs with more rights than its user, as a setuid program
// does, has none, because the user sets the environment.
inline const char* environment(const char* name) noexcept {
#if defined(__linux__)
    return ::secure_getenv(name);
#else
    return ::issetugid() != 0 ? nullptr : std::getenv(name);
#endif
}

}  // namespace naio
