// Seeded faults. NAIO_FAULT(name) marks a place where a test build can be made wrong on purpose, to show which checks
// notice the fault:
//
//     if (refused && !NAIO_FAULT(refusal_ignored)) return;
//
// A build with NAIO_SEEDED_FAULTS is wrong in the places of the fault that the environment variable NAIO_FAULT names.
// If the variable is "?", no place is wrong, and each place that is reached prints its name once, so that a check can
// leave out the faults that it does not reach. In any other build NAIO_FAULT(name) is false, and the compiler removes
// it.
#pragma once

#if defined(NAIO_SEEDED_FAULTS)

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>

namespace naio {

inline std::string_view chosen_fault() noexcept {
    const char* const chosen = std::getenv("NAIO_FAULT");
    return chosen != nullptr ? chosen : "";
}

inline bool is_chosen(const char* name) noexcept {
    const std::string_view chosen = chosen_fault();
    if (chosen == "?") std::fprintf(stderr, "fault is reached: %s\n", name);
    return chosen == name;
}

// Returns false in a constant expression, so that no fault changes a constant.
constexpr bool is_seeded(bool (*chosen)()) noexcept { return !std::is_constant_evaluated() && chosen(); }

// True if the environment variable names a fault, and is not "?".
constexpr bool has_fault() noexcept {
    return is_seeded([] {
        static const bool chosen = !chosen_fault().empty() && chosen_fault() != "?";
        return chosen;
    });
}

}  // namespace naio

// Each place reads the environment once. Do not initialise a constant with the macro, as in `const bool wrong =
// NAIO_FAULT(x);`, because the compiler evaluates this initialiser at compile time, and there the macro is false.
#define NAIO_FAULT(name)                                   \
    naio::is_seeded([] {                                   \
        static const bool chosen = naio::is_chosen(#name); \
        return chosen;                                     \
    })

#else
#define NAIO_FAULT(name) false
#endif
