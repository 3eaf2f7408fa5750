// Relacy (Debian: relacy-dev), without its macros that replace names of the language and of the C library.
//
// Relacy runs a test again and again: each execution interleaves the steps of its threads differently, and each load of
// an atomic object may return an older value if the memory orders allow that. Relacy either chooses executions at
// random or tries all executions with a bounded number of preemptions.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <ostream>
#include <queue>
#include <set>
#include <source_location>
#include <sstream>
#include <stack>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <typeinfo>
#include <utility>
#include <vector>

// Relacy's header comes after the standard headers, because its macros would change them.
// clang-format off
#include <relacy/relacy.hpp>
// clang-format on

#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

#include <cassert>
#define errno (*__errno_location())

namespace weak_memory {

using At = std::source_location;

inline rl::debug_info info(const At& at) noexcept { return {at.function_name(), at.file_name(), at.line()}; }

constexpr rl::memory_order order(std::memory_order order) noexcept {
    switch (order) {
        case std::memory_order_relaxed:
            return rl::mo_relaxed;
        case std::memory_order_consume:
            return rl::mo_consume;
        case std::memory_order_acquire:
            return rl::mo_acquire;
        case std::memory_order_release:
            return rl::mo_release;
        case std::memory_order_acq_rel:
            return rl::mo_acq_rel;
        default:
            return rl::mo_seq_cst;
    }
}

}  // namespace weak_memory
