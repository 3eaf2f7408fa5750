// Waits without the kernel for another thread. Worth it when that thread needs less time than falling asleep and being
// woken takes.
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

// Spins until `done` returns true, but not for longer than `most`. Returns what `done` returned last.
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
