// Waits without the kernel for another thread. Worth it when that thread needs less time than falling asleep and being
// woken takes.
#pragma once

#include <chrono>

#include "base/clock.h"

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
    const Nanoseconds end = now() + most.count();
    do {
        for (int i = 0; i < kGlances; ++i) {
            if (done()) return true;
            pause_cpu();
        }
    } while (now() < end);
    return done();
}

}  // namespace naio
