// Seeded faults. NAIO_FAULT(name) stands where a test build can be wrong on purpose, to show which checks notice:
//
//     if (refused && !NAIO_FAULT(refusal_ignored)) return;
//
// A build with NAIO_SEEDED_FAULTS is wrong in the one place that the environment variable NAIO_FAULT names. In any other
// build all of them are false, and the compiler leaves nothing of them.
#pragma once

#if defined(NAIO_SEEDED_FAULTS)

#include <cstdlib>
#include <string_view>
#include <type_traits>

namespace naio {

inline bool is_seeded(std::string_view name) noexcept {
    const char* const chosen = std::getenv("NAIO_FAULT");
    return chosen != nullptr && name == chosen;
}

}  // namespace naio

// The environment is asked once for each place. What is evaluated at compile time is right.
#define NAIO_FAULT(name)                                   \
    (!std::is_constant_evaluated() && [] {                 \
        static const bool seeded = naio::is_seeded(#name); \
        return seeded;                                     \
    }())

#else
#define NAIO_FAULT(name) false
#endif
