// Waiting without the kernel for what another thread is about to do: worth it when that takes less time than to fall
// asleep and to be woken.
#pragma once

#include <chrono>

namespace naio {

inline void pause_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Looks until `done` is true, but not for longer than `most`; is it?
template <class Done>
bool spin_until(Done done, std::chrono::nanoseconds most) noexcept {
    constexpr int kGlances = 16;  // between looks at the clock, which takes as long as a few of them
    const auto end = std::chrono::steady_clock::now() + most;
    do {
        for (int i = 0; i < kGlances; ++i) {
            if (done()) return true;
            pause_cpu();
        }
    } while (std::chrono::steady_clock::now() < end);
    return done();
}

}  // namespace naio
