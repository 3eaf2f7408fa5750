// Names the memory orders that operations of other threads rely on. NAIO_ORDER(place, order) is
// std::memory_order_<order>, and gives the place in the code a name:
//
//     task = top_.exchange(kEmpty, NAIO_ORDER(inbox_take, acquire));
//
// In a build with NAIO_SEEDED_FAULTS an environment variable can weaken one place: NAIO_FAULT=inbox_take=relaxed.
// tests/weak_memory uses this to show what would be lost without the order.
#pragma once

#include "base/atomic.h"

#if defined(NAIO_SEEDED_FAULTS)

#include <string_view>

#include "base/fault.h"

namespace naio {

inline std::memory_order weakened(std::string_view place, std::memory_order order) noexcept {
    const std::string_view chosen = chosen_fault();
    if (!chosen.starts_with(place) || chosen.substr(place.size(), 1) != "=") return order;
    const std::string_view name = chosen.substr(place.size() + 1);
    if (name == "acquire") return std::memory_order_acquire;
    if (name == "release") return std::memory_order_release;
    return name == "acq_rel" ? std::memory_order_acq_rel : std::memory_order_relaxed;
}

}  // namespace naio

// Each place reads the environment once.
#define NAIO_ORDER(place, order)                                                                   \
    ([] {                                                                                          \
        static const std::memory_order chosen = naio::weakened(#place, std::memory_order_##order); \
        return chosen;                                                                             \
    }())

#else
#define NAIO_ORDER(place, order) std::memory_order_##order
#endif
