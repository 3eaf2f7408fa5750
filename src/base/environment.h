// Reads the environment variables by which a user changes what the library does.
#pragma once

#include <cstdlib>

#if !defined(__linux__)
#include <unistd.h>
#endif

namespace naio {

// Returns the variable's value, or nullptr if it is not set. Also returns nullptr in a program that has more rights
// than its user, as a setuid program has, because the user controls the environment.
inline const char* environment(const char* name) noexcept {
#if defined(__linux__)
    return ::secure_getenv(name);
#else
    return ::issetugid() != 0 ? nullptr : std::getenv(name);
#endif
}

}  // namespace naio
